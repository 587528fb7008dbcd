#include "core/data/pictures/raster.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace loom {
namespace {

std::uint8_t product255(unsigned a, unsigned b) {
    const unsigned product = a * b + 128;
    return static_cast<std::uint8_t>(((product >> 8) + product) >> 8);
}

template <class Number>
std::uint8_t clipped(const std::uint8_t* at) {
    Number number = 0;
    std::memcpy(&number, at, sizeof number);
    // Asked this way round, NaN becomes 0.
    return number >= Number(255) ? 255
           : number > Number(0)  ? static_cast<std::uint8_t>(number)
                                 : std::uint8_t(0);
}

}  // namespace

std::size_t Raster::bytesPerPixel(Form form) {
    switch (form) {
        case Form::Grey:
        case Form::Indexed:
            return 1;
        case Form::Rgb:
            return 3;
        case Form::Cmyk:
        case Form::Integer:
        case Form::Real:
            break;
    }
    return 4;
}

Raster Raster::make(Form form, std::uint64_t width, std::uint64_t height) {
    Raster raster{form, static_cast<int>(width), static_cast<int>(height)};
    raster.bytes.resize(static_cast<std::size_t>(width * height) * bytesPerPixel(form));
    return raster;
}

std::vector<std::uint8_t> emptyPalette() {
    return std::vector<std::uint8_t>(std::size_t(256) * 3);
}

Picture toRgb(Raster raster) {
    Picture picture{raster.width, raster.height, 3, {}};
    if (raster.form == Raster::Form::Rgb) {
        picture.pixels = std::move(raster.bytes);
        return picture;
    }
    const std::size_t step = Raster::bytesPerPixel(raster.form);
    const std::size_t count = raster.bytes.size() / step;
    picture.pixels.resize(count * 3);
    const std::uint8_t* in = raster.bytes.data();
    std::uint8_t* out = picture.pixels.data();
    for (std::size_t i = 0; i < count; ++i, in += step, out += 3) {
        switch (raster.form) {
            case Raster::Form::Grey:
                out[0] = out[1] = out[2] = in[0];
                break;
            case Raster::Form::Indexed:
                std::memcpy(out, raster.palette.data() + std::size_t(3) * in[0], 3);
                break;
            case Raster::Form::Cmyk: {
                const unsigned light = 255u - in[3];
                for (int c = 0; c < 3; ++c)
                    out[c] = static_cast<std::uint8_t>(light - product255(in[c], light));
                break;
            }
            case Raster::Form::Integer:
                out[0] = out[1] = out[2] = clipped<std::int32_t>(in);
                break;
            case Raster::Form::Real:
                out[0] = out[1] = out[2] = clipped<float>(in);
                break;
            case Raster::Form::Rgb:
                break;
        }
    }
    return picture;
}

void unpackBits(const std::uint8_t* packed, std::size_t count, int bits, std::uint8_t* out) {
    if (bits == 8) {
        std::memcpy(out, packed, count);
        return;
    }
    const unsigned mask = (1u << bits) - 1;
    int left = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (left == 0) {
            left = 8;
            ++packed;
        }
        left -= bits;
        out[i] = static_cast<std::uint8_t>(packed[-1] >> left & static_cast<int>(mask));
    }
}

}  // namespace loom
