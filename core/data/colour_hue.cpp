#include <algorithm>
#include <array>

#include "core/data/colour_operations.h"
#include "core/data/wide_code.h"

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

/// The arithmetic of Python's colorsys with Pillow's float32 numbers and truncation to bytes. Loops
/// without branches over whole chunks, which the compiler turns into wide registers; pixels behind
/// `count` are computed too and never used.
LOOM_WIDE void toHue(const RgbChunk& rgb, HueChunk& hsv) {
    for (std::size_t i = 0; i < kChunk; ++i) {
        const std::int32_t r = rgb.red[i], g = rgb.green[i], b = rgb.blue[i];
        const std::int32_t highest = std::max(r, std::max(g, b));
        const std::int32_t lowest = std::min(r, std::min(g, b));
        const std::int32_t spread = highest - lowest;
        // Of a grey pixel the differences are 0 too, and so are hue and saturation.
        const auto divisor = static_cast<float>(std::max(spread, 1));
        const float saturation =
            static_cast<float>(spread) / static_cast<float>(std::max(highest, 1));
        const float red = static_cast<float>(highest - r) / divisor;
        const float green = static_cast<float>(highest - g) / divisor;
        const float blue = static_cast<float>(highest - b) / divisor;
        const float aroundRed = blue - green;
        const auto aroundGreen = static_cast<float>(2.0 + red - blue);
        const auto aroundBlue = static_cast<float>(4.0 + green - red);
        const float place = r == highest ? aroundRed : g == highest ? aroundGreen : aroundBlue;
        const double turned = place / 6.0 + 1.0;
        const auto hue = static_cast<float>(turned >= 1.0 ? turned - 1.0 : turned);
        hsv.hue[i] = static_cast<std::int32_t>(hue * 255.0);
        hsv.saturation[i] = static_cast<std::int32_t>(saturation * 255.0);
        hsv.value[i] = highest;
    }
}

/// Rounded as C's round() does for numbers that are not negative.
inline std::int32_t rounded(double number) {
    return static_cast<std::int32_t>(number + 0.5);
}

LOOM_WIDE void toRgb(const HueChunk& hsv, std::int32_t shift, RgbChunk& rgb) {
    for (std::size_t i = 0; i < kChunk; ++i) {
        const std::int32_t hue = (hsv.hue[i] + shift) & 255;
        const double sixths = static_cast<double>(hue) * 6.0 / 255.0;
        const auto whole = static_cast<std::int32_t>(sixths);
        const auto part = static_cast<float>(sixths - whole);
        const auto saturation = static_cast<float>(static_cast<double>(hsv.saturation[i]) / 255.0);
        const auto value = static_cast<double>(hsv.value[i]);
        const std::int32_t v = hsv.value[i];
        const std::int32_t p = rounded(value * (1.0 - saturation));
        const std::int32_t q = rounded(value * (1.0 - saturation * part));
        const std::int32_t t = rounded(value * (1.0 - saturation * (1.0 - part)));
        const std::int32_t sector = whole == 6 ? 0 : whole;
        rgb.red[i] = sector == 0 || sector == 5   ? v
                     : sector == 1                ? q
                     : sector == 2 || sector == 3 ? p
                                                  : t;
        rgb.green[i] = sector == 0 ? t : sector == 1 || sector == 2 ? v : sector == 3 ? q : p;
        rgb.blue[i] = sector == 0 || sector == 1 ? p : sector == 2 ? t : sector == 5 ? q : v;
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
    const std::size_t count = picture.pixels.size() / 3;
    for (std::size_t at = 0; at < count; at += kChunk) {
        std::uint8_t* pixels = picture.pixels.data() + 3 * at;
        const std::size_t here = std::min(kChunk, count - at);
        split(pixels, rgb, here);
        toHue(rgb, hsv);
        toRgb(hsv, step, rgb);
        join(rgb, pixels, here);
    }
}

}  // namespace loom
