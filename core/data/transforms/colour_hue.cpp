#include <algorithm>
#include <array>

#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/wide_code.h"

namespace loom {
namespace {

/// Pixels worked on at a time.
constexpr std::size_t kChunk = 256;

/// A chunk of pixels as hue, saturation and value, 0 to 255 each.
struct HueChunk {
    std::array<std::int32_t, kChunk> hue;
    std::array<std::int32_t, kChunk> saturation;
    std::array<std::int32_t, kChunk> value;
};

struct RgbChunk {
    std::array<std::int32_t, kChunk> red;
    std::array<std::int32_t, kChunk> green;
    std::array<std::int32_t, kChunk> blue;
};

LOOM_WIDE void split(const std::uint8_t* rgb, RgbChunk& to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        to.red[i] = rgb[3 * i];
        to.green[i] = rgb[3 * i + 1];
        to.blue[i] = rgb[3 * i + 2];
    }
}

// The arithmetic of Python's colorsys with Pillow's float32 numbers and truncation to bytes, in
// loops without branches over whole chunks, which the compiler turns into wide registers; pixels
// behind the last are computed too and never used. Where Pillow's numbers are double and float32
// stands here, the bytes are the same for all colours.

LOOM_WIDE void toHue(const RgbChunk& rgb, HueChunk& hsv) {
    for (std::size_t i = 0; i < kChunk; ++i) {
        const std::int32_t r = rgb.red[i], g = rgb.green[i], b = rgb.blue[i];
        const std::int32_t highest = std::max(r, std::max(g, b));
        const std::int32_t lowest = std::min(r, std::min(g, b));
        const std::int32_t spread = highest - lowest;
        // Of a grey pixel the differences are 0 too, and so are hue and saturation.
        const auto divisor = static_cast<float>(std::max(spread, 1));
        const bool isRed = r == highest, isGreen = g == highest;
        const std::int32_t start = isRed ? 0 : isGreen ? 2 : 4;
        const std::int32_t ahead = highest - (isRed ? b : isGreen ? r : g);
        const std::int32_t behind = highest - (isRed ? g : isGreen ? b : r);
        const auto place = static_cast<float>(
            static_cast<double>(start) + static_cast<double>(static_cast<float>(ahead) / divisor) -
            static_cast<double>(static_cast<float>(behind) / divisor));
        const double turned = static_cast<double>(place) * (1.0 / 6.0) + 1.0;
        const auto hue = static_cast<float>(turned - static_cast<std::int32_t>(turned));
        const float saturation =
            static_cast<float>(spread) / static_cast<float>(std::max(highest, 1));
        hsv.hue[i] = static_cast<std::int32_t>(hue * 255.0f);
        hsv.saturation[i] = static_cast<std::int32_t>(saturation * 255.0f);
        hsv.value[i] = highest;
    }
}

/// What red, green and blue become in one of the six sectors of the circle.
struct Corners {
    std::array<std::int32_t, kChunk> sector;
    std::array<std::int32_t, kChunk> low;
    std::array<std::int32_t, kChunk> falling;
    std::array<std::int32_t, kChunk> rising;
};

LOOM_WIDE void toCorners(const HueChunk& hsv, std::int32_t shift, Corners& corners) {
    for (std::size_t i = 0; i < kChunk; ++i) {
        const std::int32_t sixths = ((hsv.hue[i] + shift) & 255) * 6;
        const std::int32_t sector = (sixths * 257 + 257) >> 16;  // sixths / 255
        const float part = static_cast<float>(sixths - 255 * sector) / 255.0f;
        const float saturation = static_cast<float>(hsv.saturation[i]) / 255.0f;
        const auto value = static_cast<float>(hsv.value[i]);
        corners.sector[i] = sector;
        corners.low[i] = static_cast<std::int32_t>(value * (1.0f - saturation) + 0.5f);
        corners.falling[i] = static_cast<std::int32_t>(value * (1.0f - saturation * part) + 0.5f);
        corners.rising[i] =
            static_cast<std::int32_t>(value * (1.0f - saturation * (1.0f - part)) + 0.5f);
    }
}

/// `number`, or 0, without a branch.
inline std::int32_t when(bool condition, std::int32_t number) {
    return number & -static_cast<std::int32_t>(condition);
}

LOOM_WIDE void toRgb(const Corners& corners, const std::array<std::int32_t, kChunk>& value,
                     RgbChunk& rgb) {
    for (std::size_t i = 0; i < kChunk; ++i) {
        const std::int32_t at = corners.sector[i] == 6 ? 0 : corners.sector[i];
        const std::int32_t v = value[i], p = corners.low[i];
        const std::int32_t q = corners.falling[i], t = corners.rising[i];
        rgb.red[i] = when((at == 0) | (at == 5), v) | when(at == 1, q) |
                     when((at == 2) | (at == 3), p) | when(at == 4, t);
        rgb.green[i] =
            when((at == 1) | (at == 2), v) | when(at == 3, q) | when(at >= 4, p) | when(at == 0, t);
        rgb.blue[i] =
            when((at == 3) | (at == 4), v) | when(at == 5, q) | when(at <= 1, p) | when(at == 2, t);
    }
}

LOOM_WIDE void join(const RgbChunk& from, std::uint8_t* rgb, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        rgb[3 * i] = static_cast<std::uint8_t>(from.red[i]);
        rgb[3 * i + 1] = static_cast<std::uint8_t>(from.green[i]);
        rgb[3 * i + 2] = static_cast<std::uint8_t>(from.blue[i]);
    }
}

}  // namespace

void adjustHue(Picture& picture, double shift) {
    if (picture.channels != 3) return;
    const auto step = static_cast<std::int32_t>(shift * 255);
    RgbChunk rgb{};
    HueChunk hsv{};
    Corners corners{};
    const std::size_t count = picture.pixels.size() / 3;
    for (std::size_t at = 0; at < count; at += kChunk) {
        std::uint8_t* pixels = picture.pixels.data() + 3 * at;
        const std::size_t here = std::min(kChunk, count - at);
        split(pixels, rgb, here);
        toHue(rgb, hsv);
        toCorners(hsv, step, corners);
        toRgb(corners, hsv.value, rgb);
        join(rgb, pixels, here);
    }
}

}  // namespace loom
