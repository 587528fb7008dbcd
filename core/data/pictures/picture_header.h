#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loom {

/// What the first bytes of a picture file tell, read without decoding it.
struct PictureHeader {
    std::string format;  ///< "JPEG", "PNG", ...
    std::uint64_t width = 0;
    std::uint64_t height = 0;
    bool complete = true;  ///< false where the end of the file is known to be missing
};

/// nullopt: not one of the formats that are read (JPEG, PNG, BMP, PNM, TIFF, WebP, GIF, JPEG 2000),
/// or damaged in its header.
std::optional<PictureHeader> readPictureHeader(std::string_view bytes);

/// What a file's first bytes say it is.
struct FileKind {
    std::string_view name;  ///< "PNG"; of what is not read, with an article: "a PDF document"
    bool isRead = false;    ///< one of the formats above
};

/// An empty name: nothing that is known.
FileKind recogniseFile(std::string_view bytes);

}  // namespace loom
