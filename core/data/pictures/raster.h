#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/data/pictures/picture.h"

namespace loom {

/// What a decoder makes of a file: the numbers that Pillow holds when it has opened one, but for
/// alpha, which `convert("RGB")` drops. Rows from the top, channels interleaved.
struct Raster {
    enum class Form {
        Grey,     ///< a byte ("1", "L", "LA")
        Indexed,  ///< a byte, a place in the palette ("P", "PA")
        Rgb,      ///< three bytes
        Cmyk,     ///< four bytes, 255 for full ink
        Integer,  ///< an int32 ("I", "I;16")
        Real,     ///< a float32 ("F")
    };
    Form form = Form::Grey;
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> bytes = {};
    std::vector<std::uint8_t> palette = {};  ///< 256 × RGB

    static std::size_t bytesPerPixel(Form form);
    /// All zeros.
    static Raster make(Form form, std::uint64_t width, std::uint64_t height);
    std::uint8_t* row(std::size_t y) {
        return bytes.data() + y * static_cast<std::size_t>(width) * bytesPerPixel(form);
    }
};

/// A palette as Pillow begins one since its release 10.1: all black. A file overwrites the first.
std::vector<std::uint8_t> emptyPalette();

/// Pillow's `convert("RGB")`: numbers beyond 8 bits are clipped, not scaled. Of every form, the
/// luma of the result is Pillow's `convert("L")`.
Picture toRgb(Raster raster);

/// Numbers of 1, 2, 4 or 8 bits each, the highest bits of a byte first.
void unpackBits(const std::uint8_t* packed, std::size_t count, int bits, std::uint8_t* out);

}  // namespace loom
