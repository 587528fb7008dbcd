#include "core/data/pictures/picture_header.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "core/data/pictures/decoders.h"

namespace loom {
namespace {

/// Numbers out of a file's bytes; zero beyond the end, which no caller takes for a size.
class Bytes {
public:
    explicit Bytes(std::string_view data) : m_data(data) {}
    std::uint64_t size() const { return m_data.size(); }
    std::uint64_t at(std::uint64_t offset) const {
        return offset < m_data.size() ? static_cast<unsigned char>(m_data[offset]) : 0;
    }
    std::uint64_t little(std::uint64_t offset, int width) const {
        std::uint64_t value = 0;
        for (int i = width; i-- > 0;) value = value << 8 | at(offset + static_cast<unsigned>(i));
        return value;
    }
    std::uint64_t big(std::uint64_t offset, int width) const {
        std::uint64_t value = 0;
        for (int i = 0; i < width; ++i) value = value << 8 | at(offset + static_cast<unsigned>(i));
        return value;
    }
    std::string_view part(std::uint64_t offset, std::uint64_t length) const {
        return offset > m_data.size() ? std::string_view() : m_data.substr(offset, length);
    }
    /// The next place of a byte from `offset` on; the file's size where there is none.
    std::uint64_t find(unsigned char byte, std::uint64_t offset) const {
        return std::min<std::uint64_t>(m_data.find(static_cast<char>(byte), offset), size());
    }

private:
    std::string_view m_data;
};

using Header = std::optional<PictureHeader>;

Header pngHeader(const Bytes& file) {
    if (file.part(12, 4) != "IHDR") return std::nullopt;
    PictureHeader header{"PNG", file.big(16, 4), file.big(20, 4)};
    // A complete file ends with IEND, so its last chunk can be reached.
    std::uint64_t offset = 8;
    while (offset + 12 <= file.size() && file.part(offset + 4, 4) != "IEND")
        offset += 12 + file.big(offset, 4);
    header.complete = offset + 12 <= file.size();
    return header;
}

/// Whether the end marker follows the compressed data.
bool jpegEnds(const Bytes& file, std::uint64_t offset) {
    while ((offset = file.find(0xFF, offset)) + 1 < file.size()) {
        const std::uint64_t marker = file.at(offset + 1);
        if (marker == 0xD9) return true;
        const bool alone = marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7);
        offset += marker == 0xFF ? 1 : alone ? 2 : 2 + file.big(offset + 2, 2);
    }
    return false;
}

Header jpegHeader(const Bytes& file) {
    PictureHeader header{"JPEG"};
    std::uint64_t offset = 2;
    while (offset + 4 <= file.size()) {
        if (file.at(offset) != 0xFF) {
            ++offset;
            continue;
        }
        const std::uint64_t marker = file.at(offset + 1);
        if (marker == 0xFF || marker == 0x00 || marker == 0x01 ||
            (marker >= 0xD0 && marker <= 0xD8)) {
            offset += marker == 0xFF ? 1 : 2;
            continue;
        }
        const bool frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame) {
            header.height = file.big(offset + 5, 2);
            header.width = file.big(offset + 7, 2);
            header.complete = jpegEnds(file, offset);
            return header;
        }
        offset += 2 + file.big(offset + 2, 2);
    }
    return std::nullopt;
}

Header bmpHeader(const Bytes& file) {
    const bool old = file.little(14, 4) == 12;
    PictureHeader header{"BMP"};
    header.width = old ? file.little(18, 2) : file.little(18, 4);
    const auto rows = static_cast<std::int32_t>(file.little(22, 4));
    header.height = old ? file.little(20, 2) : static_cast<std::uint64_t>(std::llabs(rows));
    return header;
}

Header pnmHeader(const Bytes& file) {
    PictureHeader header{"PNM"};
    std::uint64_t offset = 2;
    for (std::uint64_t* number : {&header.width, &header.height}) {
        while (offset < file.size()) {
            const std::uint64_t character = file.at(offset);
            if (character == '#')
                while (offset < file.size() && file.at(offset) != '\n') ++offset;
            else if (character > ' ')
                break;
            ++offset;
        }
        while (file.at(offset) >= '0' && file.at(offset) <= '9' && *number < 1000000000)
            *number = *number * 10 + file.at(offset++) - '0';
    }
    return header;
}

Header tiffHeader(const Bytes& file, bool isBig) {
    const auto number = [&](std::uint64_t offset, int width) {
        return isBig ? file.big(offset, width) : file.little(offset, width);
    };
    const bool wide = number(2, 2) == 43;  // BigTIFF
    const std::uint64_t directory = wide ? number(8, 8) : number(4, 4);
    const std::uint64_t count = wide ? number(directory, 8) : number(directory, 2);
    const std::uint64_t entrySize = wide ? 20 : 12;
    PictureHeader header{"TIFF"};
    bool aside = false;
    for (std::uint64_t i = 0; i < count && i < 4096; ++i) {
        const std::uint64_t entry = directory + (wide ? 8 : 2) + i * entrySize;
        if (entry + entrySize > file.size()) break;
        const std::uint64_t tag = number(entry, 2);
        const bool isShort = number(entry + 2, 2) == 3;
        const std::uint64_t value = number(entry + (wide ? 12 : 8), isShort ? 2 : 4);
        if (tag == 256) header.width = value;
        if (tag == 257) header.height = value;
        // Pillow turns a TIFF picture as its orientation says.
        if (tag == 274) aside = value >= 5 && value <= 8;
    }
    if (aside) std::swap(header.width, header.height);
    return header;
}

Header webpHeader(const Bytes& file) {
    PictureHeader header{"WebP"};
    const std::string_view kind = file.part(12, 4);
    if (kind == "VP8X") {
        header.width = file.little(24, 3) + 1;
        header.height = file.little(27, 3) + 1;
    } else if (kind == "VP8L") {
        const std::uint64_t bits = file.little(21, 4);
        header.width = (bits & 0x3FFF) + 1;
        header.height = (bits >> 14 & 0x3FFF) + 1;
    } else if (kind == "VP8 ") {
        header.width = file.little(26, 2) & 0x3FFF;
        header.height = file.little(28, 2) & 0x3FFF;
    }
    header.complete = file.little(4, 4) + 8 <= file.size();
    return header;
}

using HeaderOf = Header (*)(std::string_view);

/// The beginning by which a format is known.
struct Beginning {
    std::string_view bytes;
    std::string_view name;
    HeaderOf header = nullptr;    ///< none: it is not read
    std::size_t at = 0;           ///< where they stand
    std::string_view first = {};  ///< and what stands at the very beginning
};

Header littleTiff(std::string_view data) {
    return tiffHeader(Bytes(data), false);
}

Header bigTiff(std::string_view data) {
    return tiffHeader(Bytes(data), true);
}

template <Header (*Of)(const Bytes&)>
Header header(std::string_view data) {
    return Of(Bytes(data));
}

using namespace std::string_view_literals;

constexpr Beginning kBeginnings[] = {
    {"\x89PNG\r\n\x1a\n"sv, "PNG", header<pngHeader>},
    {"\xFF\xD8\xFF"sv, "JPEG", header<jpegHeader>},
    {"BM"sv, "BMP", header<bmpHeader>},
    {"P1"sv, "PNM", header<pnmHeader>},
    {"P2"sv, "PNM", header<pnmHeader>},
    {"P3"sv, "PNM", header<pnmHeader>},
    {"P4"sv, "PNM", header<pnmHeader>},
    {"P5"sv, "PNM", header<pnmHeader>},
    {"P6"sv, "PNM", header<pnmHeader>},
    {"CR"sv, "a Canon raw picture", nullptr, 8, "II*\0"sv},
    {"II*\0"sv, "TIFF", littleTiff},
    {"II+\0"sv, "TIFF", littleTiff},
    {"MM\0*"sv, "TIFF", bigTiff},
    {"MM\0+"sv, "TIFF", bigTiff},
    {"WEBP"sv, "WebP", header<webpHeader>, 8, "RIFF"sv},
    {"GIF87a"sv, "GIF", gifHeader},
    {"GIF89a"sv, "GIF", gifHeader},
    {"\0\0\0\x0CjP  \r\n\x87\n"sv, "JPEG 2000", jpeg2000Header},
    {"\xFF\x4F\xFF\x51"sv, "JPEG 2000", jpeg2000Header},
    {"ftypheic"sv, "a HEIC picture", nullptr, 4},
    {"ftypheix"sv, "a HEIC picture", nullptr, 4},
    {"ftyphev"sv, "a HEIC picture", nullptr, 4},
    {"ftypmif1"sv, "a HEIF picture", nullptr, 4},
    {"ftypmsf1"sv, "a HEIF picture", nullptr, 4},
    {"ftypavi"sv, "an AVIF picture", nullptr, 4},
    {"ftyp"sv, "a film (MP4 or its relatives)", nullptr, 4},
    {"\xFF\x0A"sv, "a JPEG XL picture"},
    {"\0\0\0\x0CJXL "sv, "a JPEG XL picture"},
    {"II\xBC"sv, "a JPEG XR picture"},
    {"\xFF\xF7"sv, "a JPEG-LS picture"},
    {"\x97JB2\r\n"sv, "a JBIG2 picture"},
    {"8BPS"sv, "a Photoshop file (PSD)"},
    {"gimp xcf"sv, "a GIMP file (XCF)"},
    {"\0\0\1\0"sv, "an icon (ICO)"},
    {"\0\0\2\0"sv, "a cursor (CUR)"},
    {"icns"sv, "an icon (ICNS)"},
    {"DDS "sv, "a DDS texture"},
    {"v/1\1"sv, "an OpenEXR picture"},
    {"#?RADIANCE"sv, "a Radiance HDR picture"},
    {"#?RGBE"sv, "a Radiance HDR picture"},
    {"qoif"sv, "a QOI picture"},
    {"\x0A\5\1"sv, "a PCX picture"},
    {"\x01\xDA"sv, "an SGI picture"},
    {"\x59\xA6\x6A\x95"sv, "a Sun raster picture"},
    {"\x8AMNG"sv, "an MNG animation"},
    {"P7\n"sv, "a PAM picture"},
    {"PF\n"sv, "a PFM picture"},
    {"Pf\n"sv, "a PFM picture"},
    {"SIMPLE  ="sv, "a FITS file"},
    {"DICM"sv, "a DICOM file", nullptr, 128},
    {"AT&TFORM"sv, "a DjVu document"},
    {"FUJIFILMCCD-RAW"sv, "a Fujifilm raw picture"},
    {"AVI "sv, "a film (AVI)", nullptr, 8, "RIFF"sv},
    {"\x1A\x45\xDF\xA3"sv, "a film (Matroska or WebM)"},
    {"%PDF"sv, "a PDF document"},
    {"%!PS"sv, "a PostScript file"},
    {"<svg"sv, "an SVG drawing"},
    {"<?xml"sv, "an XML file, perhaps an SVG drawing"},
    {"<html"sv, "a web page"},
    {"<HTML"sv, "a web page"},
    {"<!DOCTYPE"sv, "a web page"},
    {"<!doctype"sv, "a web page"},
    {"\x93NUMPY"sv, "an array of NumPy (.npy)"},
    {"\x89HDF"sv, "an HDF5 file"},
    {"PK\3\4"sv, "a ZIP archive"},
    {"\x1F\x8B"sv, "a gzip file"},
    {"Rar!"sv, "a RAR archive"},
    {"7z\xBC\xAF"sv, "a 7z archive"},
};

const Beginning* beginningOf(std::string_view data) {
    const auto* found =
        std::find_if(std::begin(kBeginnings), std::end(kBeginnings), [&](const Beginning& one) {
            return data.starts_with(one.first) && data.size() > one.at &&
                   data.substr(one.at).starts_with(one.bytes);
        });
    return found == std::end(kBeginnings) ? nullptr : found;
}

}  // namespace

std::optional<PictureHeader> readPictureHeader(std::string_view data) {
    const Beginning* beginning = beginningOf(data);
    if (!beginning || !beginning->header) return std::nullopt;
    auto header = beginning->header(data);
    if (header && (header->width == 0 || header->height == 0)) return std::nullopt;
    return header;
}

FileKind recogniseFile(std::string_view data) {
    const Beginning* beginning = beginningOf(data);
    if (!beginning) return {};
    return {beginning->name, beginning->header != nullptr};
}

}  // namespace loom
