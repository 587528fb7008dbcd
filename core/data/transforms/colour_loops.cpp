#include "core/data/transforms/colour_loops.h"

#include "core/data/transforms/wide_code.h"

namespace loom {
namespace {

/// Computed in float32 and truncated, as in Pillow; what leaves 0 to 255 stays at its end.
inline std::uint8_t blended(int plain, int pixel, float factor) {
    const float mixed = static_cast<float>(plain) + factor * static_cast<float>(pixel - plain);
    const float above = mixed > 0.0f ? mixed : 0.0f;
    return static_cast<std::uint8_t>(static_cast<int>(above < 255.0f ? above : 255.0f));
}

}  // namespace

LOOM_WIDE void blendBytes(const std::uint8_t* plain, std::uint8_t* pixels, std::size_t count,
                          float factor) {
    for (std::size_t i = 0; i < count; ++i) pixels[i] = blended(plain[i], pixels[i], factor);
}

LOOM_WIDE void blendBytes(std::uint8_t plain, std::uint8_t* pixels, std::size_t count,
                          float factor) {
    for (std::size_t i = 0; i < count; ++i) pixels[i] = blended(plain, pixels[i], factor);
}

LOOM_WIDE void lumaOfRgb(const std::uint8_t* __restrict rgb, std::uint8_t* __restrict luma,
                         std::size_t pixels) {
    for (std::size_t i = 0; i < pixels; ++i)
        luma[i] = static_cast<std::uint8_t>(
            (rgb[3 * i] * 19595u + rgb[3 * i + 1] * 38470u + rgb[3 * i + 2] * 7471u + 0x8000u) >>
            16);
}

}  // namespace loom
