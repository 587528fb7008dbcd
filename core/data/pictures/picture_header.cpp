#include "core/data/pictures/picture_header.h"

#include <algorithm>
#include <cstdlib>

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
    const bool grey = file.at(25) == 0;
    header.wideGrey = grey && file.at(24) == 16;
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
    for (std::uint64_t i = 0; i < count && i < 4096; ++i) {
        const std::uint64_t entry = directory + (wide ? 8 : 2) + i * entrySize;
        if (entry + entrySize > file.size()) break;
        const std::uint64_t tag = number(entry, 2);
        const bool isShort = number(entry + 2, 2) == 3;
        const std::uint64_t value = number(entry + (wide ? 12 : 8), isShort ? 2 : 4);
        if (tag == 256) header.width = value;
        if (tag == 257) header.height = value;
    }
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

}  // namespace

std::optional<PictureHeader> readPictureHeader(std::string_view data) {
    const Bytes file(data);
    Header header;
    if (data.starts_with("\x89PNG\r\n\x1a\n"))
        header = pngHeader(file);
    else if (data.starts_with("\xFF\xD8\xFF"))
        header = jpegHeader(file);
    else if (data.starts_with("BM"))
        header = bmpHeader(file);
    else if (data.size() > 2 && data[0] == 'P' && data[1] >= '1' && data[1] <= '6')
        header = pnmHeader(file);
    else if (data.starts_with("II") && (file.at(2) == 42 || file.at(2) == 43))
        header = tiffHeader(file, false);
    else if (data.starts_with("MM") && (file.at(3) == 42 || file.at(3) == 43))
        header = tiffHeader(file, true);
    else if (data.starts_with("RIFF") && file.part(8, 4) == "WEBP")
        header = webpHeader(file);
    if (header && (header->width == 0 || header->height == 0)) return std::nullopt;
    return header;
}

}  // namespace loom
