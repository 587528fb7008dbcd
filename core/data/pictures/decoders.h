#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/data/pictures/picture_header.h"
#include "core/data/pictures/raster.h"

namespace loom {

/// A picture file whose header has been read, and the sentences about what is wrong with it.
struct EncodedPicture {
    std::string_view bytes;
    const PictureHeader& header;
    const std::string& name;  ///< what errors call the file

    Error damaged() const;
    Error cutOff() const;
    /// Of a form that Pillow does not read either: "16 bits per number, minimum is white".
    Error notRead(const std::string& form) const;
};

// Each gives what Pillow makes of such a file: its first frame, in the mode that Pillow opens it
// in. The header's sides are the picture's, and not more than is allowed.
Result<Raster> decodePng(const EncodedPicture& file);
Result<Raster> decodeBmp(const EncodedPicture& file);
Result<Raster> decodePnm(const EncodedPicture& file);
Result<Raster> decodeGif(const EncodedPicture& file);
Result<Raster> decodeTiff(const EncodedPicture& file);
Result<Raster> decodeWebp(const EncodedPicture& file);
Result<Raster> decodeJpeg2000(const EncodedPicture& file);

std::optional<PictureHeader> gifHeader(std::string_view bytes);
std::optional<PictureHeader> jpeg2000Header(std::string_view bytes);

}  // namespace loom
