#include <algorithm>
#include <cstdlib>
#include <cstring>
//
#include <zlib.h>

#include "core/data/pictures/decoders.h"

namespace loom {
namespace {

std::uint32_t number(std::string_view file, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(file[offset + i]);
    return value;
}

/// The parts of a file that a picture is made of.
struct Parts {
    bool whole = false;  ///< every part has its checksum
    std::string_view palette;
    std::vector<std::string_view> data;
};

Parts findParts(std::string_view file) {
    Parts parts;
    for (std::size_t offset = 8; offset + 12 <= file.size();) {
        const std::size_t length = number(file, offset);
        if (length > file.size() - offset - 12) return parts;
        const auto sum = crc32(0, reinterpret_cast<const Bytef*>(file.data() + offset + 4),
                               static_cast<uInt>(length + 4));
        if (sum != number(file, offset + 8 + length)) return parts;
        const std::string_view kind = file.substr(offset + 4, 4);
        const std::string_view content = file.substr(offset + 8, length);
        if (kind == "PLTE") parts.palette = content;
        if (kind == "IDAT") parts.data.push_back(content);
        if (kind == "IEND") {
            parts.whole = true;
            return parts;
        }
        offset += length + 12;
    }
    return parts;
}

/// Unpacks as many bytes as are asked for, over the borders of the file's parts.
class Inflater {
public:
    explicit Inflater(const std::vector<std::string_view>& data) : m_data(data) {
        m_ready = inflateInit(&m_stream) == Z_OK;
    }
    ~Inflater() {
        if (m_ready) inflateEnd(&m_stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    bool read(std::uint8_t* out, std::size_t count) {
        if (!m_ready) return false;
        m_stream.next_out = out;
        m_stream.avail_out = static_cast<uInt>(count);
        while (m_stream.avail_out > 0) {
            if (m_stream.avail_in == 0) {
                if (m_next == m_data.size()) return false;
                const std::string_view part = m_data[m_next++];
                m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
                m_stream.avail_in = static_cast<uInt>(part.size());
                continue;
            }
            const int done = inflate(&m_stream, Z_NO_FLUSH);
            if (done == Z_STREAM_END) return m_stream.avail_out == 0;
            if (done != Z_OK && done != Z_BUF_ERROR) return false;
        }
        return true;
    }

private:
    const std::vector<std::string_view>& m_data;
    z_stream m_stream = {};
    std::size_t m_next = 0;
    bool m_ready = false;
};

/// Undoes what a row was predicted by; false for a prediction that there is none of.
bool unfilter(int filter, std::uint8_t* row, const std::uint8_t* above, std::size_t length,
              std::size_t step) {
    switch (filter) {
        case 0:
            return true;
        case 1:
            for (std::size_t i = step; i < length; ++i)
                row[i] = static_cast<std::uint8_t>(row[i] + row[i - step]);
            return true;
        case 2:
            for (std::size_t i = 0; i < length; ++i)
                row[i] = static_cast<std::uint8_t>(row[i] + above[i]);
            return true;
        case 3:
            for (std::size_t i = 0; i < length; ++i) {
                const int left = i < step ? 0 : row[i - step];
                row[i] = static_cast<std::uint8_t>(row[i] + (left + above[i]) / 2);
            }
            return true;
        case 4:
            for (std::size_t i = 0; i < length; ++i) {
                const int left = i < step ? 0 : row[i - step];
                const int corner = i < step ? 0 : above[i - step];
                const int up = above[i];
                const int toLeft = std::abs(up - corner);
                const int toUp = std::abs(left - corner);
                const int toCorner = std::abs(left + up - 2 * corner);
                const int near = toLeft <= toUp && toLeft <= toCorner ? left
                                 : toUp <= toCorner                   ? up
                                                                      : corner;
                row[i] = static_cast<std::uint8_t>(row[i] + near);
            }
            return true;
        default:
            return false;
    }
}

/// How numbers lie in a row, by the header's colour type and depth.
struct Layout {
    Raster::Form form = Raster::Form::Grey;
    int depth = 8;
    std::size_t channels = 1;

    std::size_t rowBytes(std::size_t width) const {
        return (width * channels * static_cast<std::size_t>(depth) + 7) / 8;
    }
    std::size_t pixelBytes() const { return std::max<std::size_t>(1, rowBytes(1)); }
};

std::optional<Layout> layoutOf(int colour, int depth) {
    const bool wide = depth == 8 || depth == 16;
    const bool narrow = depth == 1 || depth == 2 || depth == 4 || depth == 8;
    using Form = Raster::Form;
    switch (colour) {
        case 0:
            if (depth == 16) return Layout{Form::Integer, 16, 1};
            return narrow ? std::optional(Layout{Form::Grey, depth, 1}) : std::nullopt;
        case 2:
            return wide ? std::optional(Layout{Form::Rgb, depth, 3}) : std::nullopt;
        case 3:
            return narrow ? std::optional(Layout{Form::Indexed, depth, 1}) : std::nullopt;
        case 4:
            return wide ? std::optional(Layout{Form::Grey, depth, 2}) : std::nullopt;
        case 6:
            return wide ? std::optional(Layout{Form::Rgb, depth, 4}) : std::nullopt;
        default:
            return std::nullopt;
    }
}

/// A row's numbers to where they belong: every `step`-th pixel from `out` on. Of 16 bits the upper
/// eight are taken, but for grey, which Pillow keeps.
void place(const Layout& layout, const std::uint8_t* row, std::size_t count, std::size_t step,
           std::uint8_t* out, std::vector<std::uint8_t>& numbers) {
    if (layout.form == Raster::Form::Integer) {
        for (std::size_t i = 0; i < count; ++i, out += 4 * step) {
            const std::int32_t value = row[2 * i] << 8 | row[2 * i + 1];
            std::memcpy(out, &value, 4);
        }
        return;
    }
    const std::size_t kept = Raster::bytesPerPixel(layout.form);
    if (layout.depth >= 8) {
        const std::size_t width = static_cast<std::size_t>(layout.depth) / 8;
        for (std::size_t i = 0; i < count; ++i, out += kept * step)
            for (std::size_t c = 0; c < kept; ++c) out[c] = row[(i * layout.channels + c) * width];
        return;
    }
    numbers.resize(count);
    unpackBits(row, count, layout.depth, numbers.data());
    const int scale = layout.form == Raster::Form::Grey ? 255 / ((1 << layout.depth) - 1) : 1;
    for (std::size_t i = 0; i < count; ++i)
        out[i * step] = static_cast<std::uint8_t>(numbers[i] * scale);
}

struct Pass {
    std::size_t x, y, stepX, stepY;
};

/// Adam7.
constexpr Pass kInterlaced[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
constexpr Pass kAtOnce[] = {{0, 0, 1, 1}};

}  // namespace

Result<Raster> decodePng(const EncodedPicture& file) {
    const Parts parts = findParts(file.bytes);
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(file.bytes[at]); };
    if (!parts.whole || file.bytes.size() < 33) return file.damaged();
    const auto layout = layoutOf(byte(25), byte(24));
    const int interlace = byte(28);
    if (!layout || interlace > 1 || byte(26) != 0 || byte(27) != 0) return file.damaged();
    const auto width = static_cast<std::size_t>(file.header.width);
    const auto height = static_cast<std::size_t>(file.header.height);
    // Deflate makes at most 1,032 bytes of one.
    std::uint64_t packed = 0;
    for (const std::string_view part : parts.data) packed += part.size();
    if (layout->rowBytes(width) * height / 1032 > packed) return file.damaged();
    Raster raster = Raster::make(layout->form, width, height);
    if (layout->form == Raster::Form::Indexed) {
        raster.palette = emptyPalette();
        std::memcpy(raster.palette.data(), parts.palette.data(),
                    std::min(parts.palette.size(), raster.palette.size()));
    }
    const std::size_t pixel = Raster::bytesPerPixel(layout->form);
    Inflater data(parts.data);
    std::vector<std::uint8_t> row, above, numbers;
    const Pass* pass = interlace ? kInterlaced : kAtOnce;
    const Pass* end = interlace ? std::end(kInterlaced) : std::end(kAtOnce);
    for (; pass != end; ++pass) {
        if (pass->x >= width || pass->y >= height) continue;
        const std::size_t count = (width - pass->x + pass->stepX - 1) / pass->stepX;
        const std::size_t length = layout->rowBytes(count);
        row.assign(length + 1, 0);
        above.assign(length + 1, 0);
        for (std::size_t y = pass->y; y < height; y += pass->stepY) {
            if (!data.read(row.data(), length + 1)) return file.damaged();
            if (!unfilter(row[0], row.data() + 1, above.data() + 1, length, layout->pixelBytes()))
                return file.damaged();
            place(*layout, row.data() + 1, count, pass->stepX, raster.row(y) + pass->x * pixel,
                  numbers);
            row.swap(above);
        }
    }
    return raster;
}

}  // namespace loom
