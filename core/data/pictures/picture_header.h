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
    bool wideGrey = false;  ///< PNG with 16 bits of grey, which Pillow clips instead of scaling
    bool complete = true;   ///< false where the end of the file is known to be missing
};

/// nullopt: not one of the formats torchvision's ImageFolder takes (JPEG, PNG, BMP, PNM, TIFF,
/// WebP), or damaged in its header.
std::optional<PictureHeader> readPictureHeader(std::string_view bytes);

}  // namespace loom
