#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/sentence.h"
#include "core/data/pictures/decoders.h"
#include "core/data/pictures/tiff_file.h"

namespace loom {
namespace {

/// What the file says of its numbers.
struct Tags {
    std::uint16_t meaning = 0;  ///< PhotometricInterpretation; Pillow's value where it is missing
    std::uint16_t compression = COMPRESSION_NONE;
    std::uint16_t bits = 1;
    std::uint16_t samples = 1;  ///< per pixel
    std::uint16_t format = SAMPLEFORMAT_UINT;
    std::uint16_t planes = PLANARCONFIG_CONTIG;
    std::uint16_t orientation = 0;
    std::vector<std::uint16_t> extras;  ///< what the samples beyond the colours are
    bool bigEnd = false;
};

Tags readTags(TIFF* tiff) {
    Tags tags;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &tags.meaning);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &tags.compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &tags.bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &tags.samples);
    TIFFGetField(tiff, TIFFTAG_SAMPLEFORMAT, &tags.format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &tags.planes);
    TIFFGetField(tiff, TIFFTAG_ORIENTATION, &tags.orientation);
    std::uint16_t count = 0;
    std::uint16_t* extras = nullptr;
    if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &extras))
        tags.extras.assign(extras, extras + count);
    if (tags.compression == COMPRESSION_OJPEG) tags.meaning = PHOTOMETRIC_YCBCR;
    tags.bigEnd = TIFFIsBigEndian(tiff) != 0;
    return tags;
}

/// How a pixel is made of its samples.
struct Layout {
    Raster::Form form = Raster::Form::Grey;
    bool inverted = false;
    bool premultiplied = false;  ///< the fourth sample divides the colours
};

/// Pillow's table of what it opens (TiffImagePlugin.OPEN_INFO); nullopt: it does not.
std::optional<Layout> layoutOf(const Tags& tags) {
    using Form = Raster::Form;
    const auto extrasAre = [&](std::vector<std::uint16_t> wanted) { return tags.extras == wanted; };
    const auto ignored = [&](std::size_t from) {
        return std::all_of(tags.extras.begin() + static_cast<std::ptrdiff_t>(from),
                           tags.extras.end(), [](std::uint16_t one) { return one == 0; });
    };
    const bool natural = tags.format == SAMPLEFORMAT_UINT;
    const bool bytes = tags.bits == 8 && natural;
    const bool narrow = natural && (tags.bits == 1 || tags.bits == 2 || tags.bits == 4 || bytes);
    switch (tags.meaning) {
        case PHOTOMETRIC_MINISWHITE:
        case PHOTOMETRIC_MINISBLACK: {
            const bool white = tags.meaning == PHOTOMETRIC_MINISWHITE;
            if (tags.samples == 2 && bytes && !white && extrasAre({2})) return Layout{Form::Grey};
            if (tags.samples != 1 || !tags.extras.empty()) return std::nullopt;
            if (narrow) return Layout{Form::Grey, white};
            // Bytes with a sign are taken as if they had none.
            if (tags.bits == 8 && tags.format == SAMPLEFORMAT_INT && !white)
                return Layout{Form::Grey};
            if (tags.bits == 32 && tags.format == SAMPLEFORMAT_IEEEFP) return Layout{Form::Real};
            // Whole numbers of 16 bits keep their order, even if white is the smallest.
            if (tags.bits == 16 && natural && !(white && tags.bigEnd)) return Layout{Form::Integer};
            if (white) return std::nullopt;
            if (tags.bits == 12 && natural && !tags.bigEnd) return Layout{Form::Integer};
            if (tags.bits == 16 && tags.format == SAMPLEFORMAT_INT) return Layout{Form::Integer};
            if (tags.bits == 32 && tags.format == SAMPLEFORMAT_INT) return Layout{Form::Integer};
            if (tags.bits == 32 && natural && !tags.bigEnd) return Layout{Form::Integer};
            return std::nullopt;
        }
        case PHOTOMETRIC_RGB: {
            if (!natural || (tags.bits != 8 && tags.bits != 16)) return std::nullopt;
            if (tags.samples == 3 && tags.extras.empty()) return Layout{Form::Rgb};
            if (tags.samples == 4 && tags.extras.empty()) return Layout{Form::Rgb};
            const std::size_t most = tags.bits == 8 ? 6 : 4;
            if (tags.samples < 4 || tags.samples > most ||
                tags.extras.size() != tags.samples - 3u || !ignored(1))
                return std::nullopt;
            const std::uint16_t first = tags.extras.front();
            if (first > 2 && !(first == 999 && tags.samples == 4)) return std::nullopt;
            return Layout{Form::Rgb, false, first == 1};
        }
        case PHOTOMETRIC_PALETTE:
            if (tags.samples == 1 && narrow && tags.extras.empty()) return Layout{Form::Indexed};
            if (tags.samples == 2 && bytes && (extrasAre({2}) || (extrasAre({0}) && !tags.bigEnd)))
                return Layout{Form::Indexed};
            return std::nullopt;
        case PHOTOMETRIC_SEPARATED:
            if (!natural || tags.samples < 4 || tags.extras.size() != tags.samples - 4u ||
                !ignored(0))
                return std::nullopt;
            if (tags.bits == 8 && tags.samples <= 6) return Layout{Form::Cmyk};
            if (tags.bits == 16 && tags.samples == 4) return Layout{Form::Cmyk};
            return std::nullopt;
        case PHOTOMETRIC_YCBCR:
            if (bytes && tags.samples == 3 && tags.extras.empty()) return Layout{Form::Rgb};
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

std::string formOf(const Tags& tags) {
    // In the words of the format, as programs that show a file's tags have them.
    return sentence(
        "{samples} × {bits} bits, SampleFormat {format}, PhotometricInterpretation "
        "{meaning}",
        {{"samples", std::to_string(tags.samples)},
         {"bits", std::to_string(tags.bits)},
         {"format", std::to_string(tags.format)},
         {"meaning", std::to_string(tags.meaning)}});
}

/// libtiff gives numbers in the order of this machine's bytes.
std::int32_t integerAt(const Tags& tags, const std::uint8_t* row, std::size_t x) {
    if (tags.bits == 12) {
        const std::uint8_t* pair = row + x / 2 * 3;
        return x % 2 == 0 ? pair[0] << 4 | pair[1] >> 4 : (pair[1] & 15) << 8 | pair[2];
    }
    if (tags.bits == 16) {
        std::uint16_t value = 0;
        std::memcpy(&value, row + 2 * x, 2);
        return tags.format == SAMPLEFORMAT_INT ? static_cast<std::int16_t>(value) : value;
    }
    std::int32_t value = 0;
    std::memcpy(&value, row + 4 * x, 4);
    return value;
}

/// Of a number of 16 bits its upper byte.
std::uint8_t byteAt(const Tags& tags, const std::uint8_t* row, std::size_t place) {
    if (tags.bits == 8) return row[place];
    std::uint16_t value = 0;
    std::memcpy(&value, row + 2 * place, 2);
    return static_cast<std::uint8_t>(value >> 8);
}

void writeColours(const Tags& tags, const Layout& layout, const TiffRows& packed, std::size_t y,
                  Raster& raster) {
    const std::size_t kept = Raster::bytesPerPixel(raster.form);
    std::uint8_t* out = raster.row(y);
    const auto at = [&](std::size_t x, std::size_t c) {
        return packed.apart() ? byteAt(tags, packed.row(c, y), x)
                              : byteAt(tags, packed.row(0, y), x * tags.samples + c);
    };
    // Planes are copied as they are, also where alpha was multiplied in.
    const bool divide = layout.premultiplied && !packed.apart();
    for (std::size_t x = 0; x < static_cast<std::size_t>(raster.width); ++x, out += kept) {
        for (std::size_t c = 0; c < kept; ++c) out[c] = at(x, c);
        if (!divide) continue;
        const int alpha = at(x, 3);
        for (std::size_t c = 0; c < 3; ++c)
            out[c] = alpha == 0 ? std::uint8_t(0)
                                : static_cast<std::uint8_t>(std::min(out[c] * 255 / alpha, 255));
    }
}

void writeRow(const Tags& tags, const Layout& layout, const TiffRows& packed, std::size_t y,
              Raster& raster) {
    const auto width = static_cast<std::size_t>(raster.width);
    std::uint8_t* out = raster.row(y);
    const std::uint8_t* row = packed.row(0, y);
    switch (raster.form) {
        case Raster::Form::Real:
            std::memcpy(out, row, 4 * width);
            return;
        case Raster::Form::Integer:
            for (std::size_t x = 0; x < width; ++x) {
                const std::int32_t value = integerAt(tags, row, x);
                std::memcpy(out + 4 * x, &value, 4);
            }
            return;
        case Raster::Form::Rgb:
        case Raster::Form::Cmyk:
            writeColours(tags, layout, packed, y, raster);
            return;
        case Raster::Form::Grey:
        case Raster::Form::Indexed:
            break;
    }
    if (tags.samples == 2 && !packed.apart()) {
        for (std::size_t x = 0; x < width; ++x) out[x] = row[2 * x];
        return;
    }
    unpackBits(row, width, tags.bits, out);
    if (raster.form == Raster::Form::Indexed) return;
    const int scale = 255 / ((1 << tags.bits) - 1);
    for (std::size_t x = 0; x < width; ++x) {
        const int value = out[x] * scale;
        out[x] = static_cast<std::uint8_t>(layout.inverted ? 255 - value : value);
    }
}

/// YCbCr, whose colours may lie wider apart than its pixels, is left to libtiff, as Pillow does.
bool readByColour(TIFF* tiff, Raster& raster) {
    std::array<char, 1024> why{};
    TIFFRGBAImage image;
    if (!TIFFRGBAImageOK(tiff, why.data()) || !TIFFRGBAImageBegin(&image, tiff, 0, why.data()))
        return false;
    image.orientation = ORIENTATION_TOPLEFT;
    image.req_orientation = ORIENTATION_TOPLEFT;
    std::vector<std::uint32_t> pixels(raster.bytes.size() / 3);
    const bool read =
        TIFFRGBAImageGet(&image, pixels.data(), static_cast<std::uint32_t>(raster.width),
                         static_cast<std::uint32_t>(raster.height)) != 0;
    TIFFRGBAImageEnd(&image);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        raster.bytes[3 * i] = static_cast<std::uint8_t>(TIFFGetR(pixels[i]));
        raster.bytes[3 * i + 1] = static_cast<std::uint8_t>(TIFFGetG(pixels[i]));
        raster.bytes[3 * i + 2] = static_cast<std::uint8_t>(TIFFGetB(pixels[i]));
    }
    return read;
}

/// Turns and mirrors the picture as its tag says; Pillow does so with TIFF alone.
Raster turned(Raster raster, std::uint16_t orientation) {
    if (orientation < 2 || orientation > 8) return raster;
    const bool aside = orientation >= 5;
    const auto width = static_cast<std::size_t>(raster.width);
    const auto height = static_cast<std::size_t>(raster.height);
    Raster out =
        aside ? Raster::make(raster.form, height, width) : Raster::make(raster.form, width, height);
    out.palette = std::move(raster.palette);
    const std::size_t step = Raster::bytesPerPixel(raster.form);
    const bool right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool low = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (std::size_t y = 0; y < static_cast<std::size_t>(out.height); ++y)
        for (std::size_t x = 0; x < static_cast<std::size_t>(out.width); ++x) {
            const std::size_t alongX = aside ? y : x;
            const std::size_t alongY = aside ? x : y;
            const std::size_t fromX = right ? width - 1 - alongX : alongX;
            const std::size_t fromY = low ? height - 1 - alongY : alongY;
            std::memcpy(out.row(y) + x * step, raster.row(fromY) + fromX * step, step);
        }
    return out;
}

}  // namespace

Result<Raster> decodeTiff(const EncodedPicture& file) {
    const TiffFile tiff(file.bytes);
    if (!tiff.get()) return file.damaged();
    const Tags tags = readTags(tiff.get());
    std::uint32_t width = 0, height = 0;
    TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
    const bool aside = tags.orientation >= 5 && tags.orientation <= 8;
    if ((aside ? height : width) != file.header.width ||
        (aside ? width : height) != file.header.height)
        return file.damaged();
    const auto layout = layoutOf(tags);
    if (!layout) return file.notRead(formOf(tags));
    const bool ycc = tags.meaning == PHOTOMETRIC_YCBCR;
    const bool viaJpeg =
        ycc && tags.compression == COMPRESSION_JPEG && tags.planes == PLANARCONFIG_CONTIG;
    if (viaJpeg) TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    const bool apart = tags.planes == PLANARCONFIG_SEPARATE && tags.samples > 1;
    TiffRows packed(tiff.get(), {width, height, apart ? std::size_t(tags.samples) : 1,
                                 std::size_t(tags.bits) * (apart ? 1 : tags.samples)});
    if (tags.compression == COMPRESSION_NONE && !ycc && packed.size() > file.bytes.size())
        return file.cutOff();
    Raster raster = Raster::make(layout->form, width, height);
    if (ycc && !viaJpeg) {
        if (!readByColour(tiff.get(), raster)) return file.damaged();
        return turned(std::move(raster), tags.orientation);
    }
    if (raster.form == Raster::Form::Indexed) {
        std::array<std::uint16_t*, 3> maps{};
        if (!TIFFGetField(tiff.get(), TIFFTAG_COLORMAP, &maps[0], &maps[1], &maps[2]))
            return file.damaged();
        raster.palette = emptyPalette();
        for (std::size_t i = 0; i < std::size_t(1) << tags.bits; ++i)
            for (std::size_t c = 0; c < 3; ++c)
                raster.palette[3 * i + c] = static_cast<std::uint8_t>(maps[c][i] / 256);
    }
    if (!packed.read()) return file.damaged();
    for (std::size_t y = 0; y < height; ++y) writeRow(tags, *layout, packed, y, raster);
    return turned(std::move(raster), tags.orientation);
}

}  // namespace loom
