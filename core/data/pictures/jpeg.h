#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/data/pictures/picture.h"
#include "core/data/pictures/picture_header.h"

namespace loom {

/// Decodes a JPEG file's bytes to RGB as Pillow does: the accurate integer transform, smooth
/// upsampling, CMYK and YCCK taken for inverted as Adobe writes them. What Pillow takes with a
/// warning is taken, and what it refuses (a file without its end above all) is refused.
///
/// With a window, which must lie inside of the picture, only the blocks that it touches are
/// transformed; its pixels, and what is refused, are those of the whole picture. `name` is what
/// errors call the file, and `header` what was found in it before.
Result<Picture> decodeJpeg(std::string_view bytes, const PictureHeader& header,
                           const std::optional<PictureWindow>& window, const std::string& name);

}  // namespace loom
