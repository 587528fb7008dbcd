#include "core/data/pictures/jpeg.h"

#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
//
#include <jpeglib.h>

namespace loom {
namespace {

/// More pixels around a window than smooth upsampling looks at, whatever the sampling factors (at
/// most 4).
constexpr JDIMENSION kMargin = 8;

/// A block of 8 × 8 pixels takes a bit at least. Small pictures may lack data all the same: Pillow
/// leaves them grey.
constexpr std::uint64_t kPixelsPerByte = 8 * 64;
constexpr std::uint64_t kSmall = std::uint64_t(1) << 24;

/// What libjpeg calls back with. Its errors leave by longjmp, which must not jump over anything
/// that has a destructor: every function below that runs under libjpeg has plain locals only.
struct Decoding {
    jpeg_decompress_struct info = {};
    jpeg_error_mgr errors = {};
    jpeg_source_mgr source = {};
    std::jmp_buf leave = {};
    bool cutOff = false;
    bool hasPixels = false;  ///< all of them; what follows may be missing, as for Pillow
};

Decoding& decodingOf(j_common_ptr info) {
    return *static_cast<Decoding*>(info->client_data);
}

[[noreturn]] void leave(j_common_ptr info) {
    std::longjmp(decodingOf(info).leave, 1);
}

[[noreturn]] void leaveCutOff(j_decompress_ptr info) {
    decodingOf(reinterpret_cast<j_common_ptr>(info)).cutOff = true;
    leave(reinterpret_cast<j_common_ptr>(info));
}

/// Pillow's source waits for more bytes where a file ends too soon, and then says it is truncated.
boolean noMore(j_decompress_ptr info) {
    leaveCutOff(info);
}

void skip(j_decompress_ptr info, long count) {
    if (count <= 0) return;
    jpeg_source_mgr& source = *info->src;
    if (static_cast<std::size_t>(count) > source.bytes_in_buffer) leaveCutOff(info);
    source.next_input_byte += count;
    source.bytes_in_buffer -= static_cast<std::size_t>(count);
}

void prepare(Decoding& decoding, std::string_view bytes) {
    decoding.info.err = jpeg_std_error(&decoding.errors);
    decoding.errors.error_exit = leave;
    // Warnings are counted by libjpeg, and not printed.
    decoding.errors.emit_message = [](j_common_ptr, int) {};
    decoding.errors.output_message = [](j_common_ptr) {};
    decoding.info.client_data = &decoding;
    decoding.source.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    decoding.source.bytes_in_buffer = bytes.size();
    decoding.source.init_source = [](j_decompress_ptr) {};
    decoding.source.fill_input_buffer = noMore;
    decoding.source.skip_input_data = skip;
    decoding.source.resync_to_restart = jpeg_resync_to_restart;
    decoding.source.term_source = [](j_decompress_ptr) {};
}

bool readHeader(Decoding& decoding) {
    if (setjmp(decoding.leave)) return false;
    jpeg_create_decompress(&decoding.info);
    decoding.info.src = &decoding.source;
    jpeg_read_header(&decoding.info, TRUE);
    switch (decoding.info.num_components) {
        case 1:
            decoding.info.out_color_space = JCS_GRAYSCALE;
            return true;
        case 3:
            decoding.info.out_color_space = JCS_RGB;
            return true;
        case 4:
            decoding.info.out_color_space = JCS_CMYK;
            return true;
        default:
            return false;
    }
}

/// Whether nothing but coded data and restart markers lie between here and the end marker. No
/// error can come of them, so that rows below a window need not be looked at.
bool plainUntilEnd(const jpeg_source_mgr& source) {
    const JOCTET* at = source.next_input_byte;
    const JOCTET* end = at + source.bytes_in_buffer;
    while (at < end) {
        at = static_cast<const JOCTET*>(std::memchr(at, 0xFF, static_cast<std::size_t>(end - at)));
        if (!at || at + 1 >= end) return false;
        const JOCTET marker = at[1];
        if (marker == 0xD9) return true;
        if (marker == 0xFF) {
            ++at;
            continue;
        }
        if (marker != 0x00 && (marker < 0xD0 || marker > 0xD7)) return false;
        at += 2;
    }
    return false;
}

/// Whether every bit of every coefficient came. Where some are missing, blocks are smoothed by what
/// lies around them.
bool allScansCame(const jpeg_decompress_struct& info) {
    if (!info.progressive_mode) return true;
    for (int component = 0; component < info.num_components; ++component)
        for (const int missing : info.coef_bits[component])
            if (missing != 0) return false;
    return true;
}

std::uint8_t product255(unsigned a, unsigned b) {
    const unsigned product = a * b + 128;
    return static_cast<std::uint8_t>(((product >> 8) + product) >> 8);
}

/// One row, as libjpeg gives it, to RGB, as Pillow converts it.
void toRgb(const JSAMPLE* in, int components, std::size_t count, std::uint8_t* out) {
    if (components == 3) {
        std::memcpy(out, in, count * 3);
        return;
    }
    for (std::size_t i = 0; i < count; ++i, out += 3) {
        if (components == 1) {
            out[0] = out[1] = out[2] = in[i];
            continue;
        }
        // The file holds the inks inverted: 255 stands for none.
        for (int c = 0; c < 3; ++c) {
            const unsigned black = in[4 * i + 3];
            out[c] = static_cast<std::uint8_t>(
                black - product255(255u - in[4 * i + static_cast<std::size_t>(c)], black));
        }
    }
}

struct Rows {
    JDIMENSION top;
    JDIMENSION left;
    JDIMENSION height;
    JDIMENSION width;
    std::uint8_t* out;
    bool part;
};

/// `row` has room for a whole row of the picture.
bool readRows(Decoding& decoding, const Rows& rows, JSAMPLE* row) {
    jpeg_decompress_struct& info = decoding.info;
    if (setjmp(decoding.leave)) return decoding.hasPixels && decoding.cutOff;
    jpeg_start_decompress(&info);
    // Several scans have been read to the end by now.
    const bool part =
        rows.part &&
        (jpeg_has_multiple_scans(&info) ? allScansCame(info) : plainUntilEnd(decoding.source));
    JDIMENSION left = 0;
    if (part) {
        left = rows.left > kMargin ? rows.left - kMargin : 0;
        JDIMENSION right = rows.left + rows.width + kMargin;
        if (right > info.output_width) right = info.output_width;
        JDIMENSION width = right - left;
        if (width < info.output_width) jpeg_crop_scanline(&info, &left, &width);
        if (rows.top > 0) jpeg_skip_scanlines(&info, rows.top);
    }
    const int components = info.output_components;
    const JDIMENSION bottom = rows.top + rows.height;
    const bool direct = components == 3 && rows.width == info.output_width;
    std::uint8_t* out = rows.out;
    while (info.output_scanline < (part ? bottom : info.output_height)) {
        const JDIMENSION y = info.output_scanline;
        const bool wanted = y >= rows.top && y < bottom;
        JSAMPROW to = wanted && direct ? out : row;
        if (jpeg_read_scanlines(&info, &to, 1) != 1) return false;
        if (!wanted) continue;
        if (!direct)
            toRgb(row + static_cast<std::size_t>(rows.left - left) *
                            static_cast<std::size_t>(components),
                  components, rows.width, out);
        out += static_cast<std::size_t>(rows.width) * 3;
    }
    decoding.hasPixels = true;
    if (!part) jpeg_finish_decompress(&info);
    return true;
}

/// Frees what libjpeg holds, also when memory for the pixels cannot be had.
struct Ending {
    Decoding& decoding;
    ~Ending() { jpeg_destroy_decompress(&decoding.info); }
};

}  // namespace

Result<Picture> decodeJpeg(std::string_view bytes, const PictureHeader& header,
                           const std::optional<PictureWindow>& window, const std::string& name) {
    const char* const hint = "Replace the file, or take it out of its folder.";
    Decoding decoding;
    prepare(decoding, bytes);
    const Ending ending{decoding};
    const auto problem = [&] {
        return decoding.cutOff
                   ? Error{name + " is cut off: the end of the JPEG file is missing.", hint}
                   : Error{name + " is a damaged JPEG file: its picture cannot be decoded.", hint};
    };
    if (!readHeader(decoding)) return problem();
    const jpeg_decompress_struct& info = decoding.info;
    if (info.image_width != header.width || info.image_height != header.height) return problem();
    if (const std::uint64_t pixels = header.width * header.height;
        pixels > kSmall && pixels / kPixelsPerByte > bytes.size())
        return Error{name + " says it has " + std::to_string(info.image_width) + " × " +
                         std::to_string(info.image_height) + " pixels, more than its " +
                         std::to_string(bytes.size()) + " bytes can hold.",
                     hint};
    const PictureWindow whole{0, 0, info.image_height, info.image_width};
    const PictureWindow cut = window.value_or(whole);
    if (cut.top < 0 || cut.left < 0 || cut.height < 1 || cut.width < 1 ||
        cut.top + cut.height > whole.height || cut.left + cut.width > whole.width)
        return problem();
    Picture picture{static_cast<int>(cut.width), static_cast<int>(cut.height), 3, {}};
    picture.pixels.resize(static_cast<std::size_t>(cut.width * cut.height * 3));
    std::vector<JSAMPLE> row(static_cast<std::size_t>(whole.width) * 4);
    const Rows rows{static_cast<JDIMENSION>(cut.top),
                    static_cast<JDIMENSION>(cut.left),
                    static_cast<JDIMENSION>(cut.height),
                    static_cast<JDIMENSION>(cut.width),
                    picture.pixels.data(),
                    cut != whole};
    if (!readRows(decoding, rows, row.data())) return problem();
    return picture;
}

}  // namespace loom
