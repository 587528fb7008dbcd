#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "core/data/pictures/decoders.h"

namespace loom {
namespace {

constexpr std::string_view kBoxes{"\0\0\0\x0CjP  \r\n\x87\n", 12};
constexpr std::string_view kCodes{"\xFF\x4F\xFF\x51", 4};

std::uint64_t number(std::string_view bytes, std::uint64_t offset, int width) {
    std::uint64_t value = 0;
    for (int i = 0; i < width; ++i) {
        const std::uint64_t at = offset + static_cast<std::uint64_t>(i);
        value = value << 8 | (at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0);
    }
    return value;
}

/// What Pillow looks at before it decodes.
struct Facts {
    std::uint64_t width = 0, height = 0;
    std::uint64_t components = 0;
    bool wide = false;  ///< one component, of more than 9 bits
};

Facts factsOfBoxes(std::string_view bytes) {
    Facts facts;
    std::uint64_t at = 0, end = bytes.size();
    while (at + 8 <= end) {
        std::uint64_t length = number(bytes, at, 4);
        const std::string_view kind = bytes.substr(at + 4, 4);
        std::uint64_t head = 8;
        if (length == 1) {
            length = number(bytes, at + 8, 8);
            head = 16;
        }
        if (length == 0) length = end - at;
        if (length < head || length > end - at) return facts;
        if (kind == "jp2h") {
            end = at + length;
            at += head;
            continue;
        }
        if (kind == "ihdr" && length >= head + 11) {
            facts.height = number(bytes, at + head, 4);
            facts.width = number(bytes, at + head + 4, 4);
            facts.components = number(bytes, at + head + 8, 2);
            facts.wide = facts.components == 1 && (number(bytes, at + head + 10, 1) & 0x7F) > 8;
            return facts;
        }
        at += length;
    }
    return facts;
}

Facts factsOfCodes(std::string_view bytes) {
    Facts facts;
    const std::uint64_t right = number(bytes, 8, 4), bottom = number(bytes, 12, 4);
    const std::uint64_t left = number(bytes, 16, 4), top = number(bytes, 20, 4);
    if (right <= left || bottom <= top) return facts;
    facts.width = right - left;
    facts.height = bottom - top;
    facts.components = number(bytes, 40, 2);
    facts.wide = facts.components == 1 && (number(bytes, 42, 1) & 0x7F) > 8;
    return facts;
}

Facts factsOf(std::string_view bytes) {
    return bytes.starts_with(kBoxes) ? factsOfBoxes(bytes) : factsOfCodes(bytes);
}

/// A stream over bytes in memory.
struct Source {
    std::string_view bytes;
    std::uint64_t at = 0;

    static OPJ_SIZE_T read(void* out, OPJ_SIZE_T count, void* user) {
        auto& source = *static_cast<Source*>(user);
        const std::uint64_t left = source.bytes.size() - source.at;
        if (left == 0) return static_cast<OPJ_SIZE_T>(-1);
        const OPJ_SIZE_T taken = std::min<std::uint64_t>(count, left);
        std::memcpy(out, source.bytes.data() + source.at, taken);
        source.at += taken;
        return taken;
    }
    static OPJ_OFF_T skip(OPJ_OFF_T count, void* user) {
        auto& source = *static_cast<Source*>(user);
        const auto left = static_cast<OPJ_OFF_T>(source.bytes.size() - source.at);
        const OPJ_OFF_T taken = std::clamp<OPJ_OFF_T>(count, 0, left);
        source.at += static_cast<std::uint64_t>(taken);
        return count <= left ? taken : -1;
    }
    static OPJ_BOOL seek(OPJ_OFF_T place, void* user) {
        auto& source = *static_cast<Source*>(user);
        if (place < 0 || static_cast<std::uint64_t>(place) > source.bytes.size()) return OPJ_FALSE;
        source.at = static_cast<std::uint64_t>(place);
        return OPJ_TRUE;
    }
};

// A stream and a codec are the same type to the compiler.
struct StreamEnd {
    void operator()(opj_stream_t* one) const { opj_stream_destroy(one); }
};
struct CodecEnd {
    void operator()(opj_codec_t* one) const { opj_destroy_codec(one); }
};
struct ImageEnd {
    void operator()(opj_image_t* one) const { opj_image_destroy(one); }
};

/// Pillow's guess where the file tells no colours: smaller second and third components are YCbCr's.
bool isYcc(const opj_image_t& image) {
    if (image.color_space == OPJ_CLRSPC_SYCC) return true;
    if (image.color_space == OPJ_CLRSPC_SRGB) return false;
    for (OPJ_UINT32 i = 0; i < image.numcomps; ++i)
        if (image.comps[i].dx != 1 || image.comps[i].dy != 1) return i == 1 || i == 2;
    return false;
}

/// Pillow's tables, in 64ths.
int rounded(double number) {
    return static_cast<int>(number < 0 ? number - 0.5 : number + 0.5);
}

void yccToRgb(std::uint8_t* pixel) {
    const int y = pixel[0], cb = pixel[1] - 128, cr = pixel[2] - 128;
    const int red = y + (rounded(1.40200 * 64 * cr) >> 6);
    const int green = y + ((rounded(-0.34414 * 64 * cb) + rounded(-0.71414 * 64 * cr)) >> 6);
    const int blue = y + (rounded(1.77200 * 64 * cb) >> 6);
    pixel[0] = static_cast<std::uint8_t>(std::clamp(red, 0, 255));
    pixel[1] = static_cast<std::uint8_t>(std::clamp(green, 0, 255));
    pixel[2] = static_cast<std::uint8_t>(std::clamp(blue, 0, 255));
}

/// One component in the buffer of a tile.
struct Plane {
    const std::uint8_t* data = nullptr;
    std::size_t bytes = 1;  ///< per number
    std::size_t rowLength = 0;
    std::size_t dx = 1, dy = 1;
    int shift = 0;
    std::uint32_t offset = 0;

    std::uint32_t at(std::size_t x, std::size_t y) const {
        std::uint32_t value = 0;
        std::memcpy(&value, data + (y / dy * rowLength + x / dx) * bytes, bytes);
        value += offset;
        return shift < 0 ? value >> -shift : value << shift;
    }
};

struct Tile {
    OPJ_UINT32 index = 0, bytes = 0, components = 0;
    OPJ_INT32 left = 0, top = 0, right = 0, bottom = 0;
};

/// The planes of a tile whose buffer has `size` bytes; empty where one would reach beyond.
std::vector<Plane> planesOf(const opj_image_t& image, const Tile& tile,
                            const std::vector<std::uint8_t>& buffer, int bits) {
    std::vector<Plane> planes;
    const auto width = static_cast<std::size_t>(tile.right - tile.left);
    const auto height = static_cast<std::size_t>(tile.bottom - tile.top);
    std::size_t used = 0;
    for (OPJ_UINT32 i = 0; i < image.numcomps; ++i) {
        const opj_image_comp_t& from = image.comps[i];
        if (from.prec < 1 || from.prec > 32 || from.dx < 1 || from.dy < 1) return {};
        Plane plane;
        plane.bytes = (from.prec + 7) / 8;
        if (plane.bytes == 3) plane.bytes = 4;
        plane.dx = from.dx;
        plane.dy = from.dy;
        plane.rowLength = width / plane.dx;
        plane.shift = bits - static_cast<int>(from.prec);
        plane.offset = from.sgnd ? 1u << (from.prec - 1) : 0;
        if (plane.shift < 0) plane.offset += 1u << (-plane.shift - 1);
        plane.data = buffer.data() + used;
        const std::size_t last =
            (height - 1) / plane.dy * plane.rowLength + (width - 1) / plane.dx + 1;
        if (used + last * plane.bytes > buffer.size()) return {};
        used += plane.bytes * plane.rowLength * (height / plane.dy);
        planes.push_back(plane);
    }
    return planes;
}

void writeTile(const Tile& tile, const std::vector<Plane>& planes, bool ycc, std::size_t imageLeft,
               std::size_t imageTop, Raster& raster) {
    const auto left = static_cast<std::size_t>(tile.left) - imageLeft;
    const auto top = static_cast<std::size_t>(tile.top) - imageTop;
    const auto width = static_cast<std::size_t>(tile.right - tile.left);
    const auto height = static_cast<std::size_t>(tile.bottom - tile.top);
    const std::size_t step = Raster::bytesPerPixel(raster.form);
    for (std::size_t y = 0; y < height; ++y) {
        std::uint8_t* out = raster.row(top + y) + left * step;
        for (std::size_t x = 0; x < width; ++x, out += step) {
            if (raster.form == Raster::Form::Integer) {
                const std::int32_t value = static_cast<std::uint16_t>(planes[0].at(x, y));
                std::memcpy(out, &value, 4);
                continue;
            }
            for (std::size_t c = 0; c < step; ++c)
                out[c] = static_cast<std::uint8_t>(planes[c].at(x, y));
            if (ycc) yccToRgb(out);
        }
    }
}

}  // namespace

std::optional<PictureHeader> jpeg2000Header(std::string_view bytes) {
    const Facts facts = factsOf(bytes);
    if (facts.width == 0 || facts.height == 0) return std::nullopt;
    return PictureHeader{"JPEG 2000", facts.width, facts.height};
}

Result<Raster> decodeJpeg2000(const EncodedPicture& file) {
    const Facts facts = factsOf(file.bytes);
    if (facts.components < 1 || facts.components > 4)
        return file.notRead(std::to_string(facts.components) + " components");
    Source source{file.bytes};
    const std::unique_ptr<opj_stream_t, StreamEnd> stream(
        opj_stream_create(std::size_t(1) << 16, OPJ_TRUE));
    const std::unique_ptr<opj_codec_t, CodecEnd> codec(
        opj_create_decompress(file.bytes.starts_with(kBoxes) ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
    if (!stream || !codec) return file.damaged();
    opj_stream_set_user_data(stream.get(), &source, nullptr);
    opj_stream_set_user_data_length(stream.get(), file.bytes.size());
    opj_stream_set_read_function(stream.get(), Source::read);
    opj_stream_set_skip_function(stream.get(), Source::skip);
    opj_stream_set_seek_function(stream.get(), Source::seek);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t* read = nullptr;
    if (!opj_setup_decoder(codec.get(), &parameters) ||
        !opj_read_header(stream.get(), codec.get(), &read))
        return file.damaged();
    const std::unique_ptr<opj_image_t, ImageEnd> image(read);
    if (image->numcomps != facts.components || image->x1 <= image->x0 || image->y1 <= image->y0 ||
        image->x1 - image->x0 != facts.width || image->y1 - image->y0 != facts.height)
        return file.damaged();
    const bool colour = image->numcomps >= 3;
    for (OPJ_UINT32 i = 0; i < image->numcomps; ++i)
        if (!colour && (image->comps[i].dx != 1 || image->comps[i].dy != 1))
            return file.notRead("grey of fewer numbers than pixels");
    if (image->color_space == OPJ_CLRSPC_CMYK || image->color_space == OPJ_CLRSPC_EYCC ||
        (!colour &&
         (image->color_space == OPJ_CLRSPC_SRGB || image->color_space == OPJ_CLRSPC_SYCC)) ||
        (colour && image->color_space == OPJ_CLRSPC_GRAY))
        return file.notRead("this colour space with " + std::to_string(image->numcomps) +
                            " components");
    const auto form = colour       ? Raster::Form::Rgb
                      : facts.wide ? Raster::Form::Integer
                                   : Raster::Form::Grey;
    Raster raster = Raster::make(form, facts.width, facts.height);
    const bool ycc = colour && isYcc(*image);
    std::vector<std::uint8_t> buffer;
    for (;;) {
        Tile tile;
        OPJ_BOOL more = OPJ_FALSE;
        if (!opj_read_tile_header(codec.get(), stream.get(), &tile.index, &tile.bytes, &tile.left,
                                  &tile.top, &tile.right, &tile.bottom, &tile.components, &more))
            return file.damaged();
        if (!more) break;
        if (tile.left < 0 || tile.top < 0 || tile.left >= tile.right || tile.top >= tile.bottom ||
            tile.components != image->numcomps || static_cast<OPJ_UINT32>(tile.left) < image->x0 ||
            static_cast<OPJ_UINT32>(tile.top) < image->y0 ||
            static_cast<OPJ_UINT32>(tile.right) > image->x1 ||
            static_cast<OPJ_UINT32>(tile.bottom) > image->y1)
            return file.damaged();
        const auto pixels = static_cast<std::size_t>(tile.right - tile.left) *
                            static_cast<std::size_t>(tile.bottom - tile.top);
        buffer.assign(std::max<std::size_t>(tile.bytes, pixels * 4 * image->numcomps), 0);
        if (buffer.size() > UINT32_MAX ||
            !opj_decode_tile_data(codec.get(), tile.index, buffer.data(),
                                  static_cast<OPJ_UINT32>(buffer.size()), stream.get()))
            return file.damaged();
        const auto planes = planesOf(*image, tile, buffer, form == Raster::Form::Integer ? 16 : 8);
        if (planes.empty()) return file.damaged();
        writeTile(tile, planes, ycc, image->x0, image->y0, raster);
    }
    if (!opj_end_decompress(codec.get(), stream.get())) return file.damaged();
    return raster;
}

}  // namespace loom
