#include <algorithm>
#include <array>
#include <cstring>

#include "core/data/pictures/decoders.h"

namespace loom {
namespace {

/// What stands before the first frame's pixels.
struct FirstFrame {
    std::size_t canvasWidth = 0, canvasHeight = 0;
    std::size_t left = 0, top = 0, width = 0, height = 0;
    bool interlaced = false;
    std::string_view colours;        ///< of the frame, else of all; empty: greys
    std::optional<int> transparent;  ///< fills what the frame leaves of the canvas
    int codeBits = 0;
    std::size_t data = 0;  ///< where its blocks begin
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : m_bytes(bytes) {}
    bool has(std::size_t count) const {
        return m_at <= m_bytes.size() && count <= m_bytes.size() - m_at;
    }
    int byte() { return m_at < m_bytes.size() ? static_cast<unsigned char>(m_bytes[m_at++]) : -1; }
    std::size_t word() {
        const int low = byte(), high = byte();
        return low < 0 || high < 0 ? 0 : static_cast<std::size_t>(low | high << 8);
    }
    std::string_view take(std::size_t count) {
        if (!has(count)) {
            m_at = m_bytes.size() + 1;
            return {};
        }
        m_at += count;
        return m_bytes.substr(m_at - count, count);
    }
    void skipBlocks() {
        for (int length = byte(); length > 0; length = byte())
            take(static_cast<std::size_t>(length));
    }
    std::size_t at() const { return m_at; }

private:
    std::string_view m_bytes;
    std::size_t m_at = 0;
};

/// Pillow takes a palette that is the ramp of greys for none.
std::string_view unlessRamp(std::string_view colours) {
    for (std::size_t i = 0; i < colours.size(); ++i)
        if (static_cast<unsigned char>(colours[i]) != i / 3) return colours;
    return {};
}

std::optional<FirstFrame> findFrame(std::string_view bytes) {
    Reader file(bytes);
    file.take(6);
    FirstFrame frame;
    frame.canvasWidth = file.word();
    frame.canvasHeight = file.word();
    const int flags = file.byte();
    file.take(2);
    if (flags < 0) return std::nullopt;
    std::string_view common;
    if (flags & 128) common = unlessRamp(file.take(std::size_t(6) << (flags & 7)));
    for (;;) {
        const int kind = file.byte();
        if (kind < 0 || kind == ';') return std::nullopt;
        if (kind == '!') {
            const int extension = file.byte();
            const int length = file.byte();
            if (length < 0) return std::nullopt;
            const std::string_view block = file.take(static_cast<std::size_t>(length));
            if (extension == 249 && block.size() >= 4 && (block[0] & 1))
                frame.transparent = static_cast<unsigned char>(block[3]);
            if (length > 0) file.skipBlocks();
        } else if (kind == ',') {
            break;
        }
    }
    if (!file.has(10)) return std::nullopt;
    frame.left = file.word();
    frame.top = file.word();
    frame.width = file.word();
    frame.height = file.word();
    const int look = file.byte();
    frame.interlaced = look & 64;
    frame.colours = look & 128 ? unlessRamp(file.take(std::size_t(6) << (look & 7))) : common;
    frame.codeBits = file.byte();
    frame.data = file.at();
    if (frame.codeBits < 0) return std::nullopt;
    frame.canvasWidth = std::max(frame.canvasWidth, frame.left + frame.width);
    frame.canvasHeight = std::max(frame.canvasHeight, frame.top + frame.height);
    return frame;
}

/// The codes of a frame, bit by bit over the borders of its blocks.
class Codes {
public:
    Codes(std::string_view bytes, std::size_t at) : m_bytes(bytes), m_at(at) {}
    /// -1: the blocks end.
    int next(int bits) {
        while (m_held < bits) {
            if (m_left == 0) {
                if (m_at >= m_bytes.size()) return -1;
                m_left = static_cast<unsigned char>(m_bytes[m_at++]);
                if (m_left == 0) return -1;
            }
            if (m_at >= m_bytes.size()) return -1;
            m_buffer |= static_cast<unsigned>(static_cast<unsigned char>(m_bytes[m_at++]))
                        << m_held;
            m_held += 8;
            --m_left;
        }
        const auto code = static_cast<int>(m_buffer & ((1u << bits) - 1));
        m_buffer >>= bits;
        m_held -= bits;
        return code;
    }

private:
    std::string_view m_bytes;
    std::size_t m_at;
    int m_left = 0;
    unsigned m_buffer = 0;
    int m_held = 0;
};

enum class End { Whole, CutOff, Broken };

/// LZW, of at most 12 bits a code.
End unpack(std::string_view bytes, const FirstFrame& frame, std::vector<std::uint8_t>& out,
           std::size_t wanted) {
    constexpr int kTable = 4096;
    const int clear = 1 << frame.codeBits;
    std::array<std::uint8_t, kTable> last{};
    std::array<std::uint16_t, kTable> before{};
    std::array<std::uint8_t, kTable> string{};
    Codes codes(bytes, frame.data);
    int bits = frame.codeBits + 1;
    int next = clear + 2;
    int previous = -1;
    std::uint8_t first = 0;
    while (out.size() < wanted) {
        const int code = codes.next(bits);
        if (code < 0 || code == clear + 1) return End::CutOff;
        if (code == clear) {
            bits = frame.codeBits + 1;
            next = clear + 2;
            previous = -1;
            continue;
        }
        if (previous < 0) {
            if (code > clear) return End::Broken;
            first = static_cast<std::uint8_t>(code);
            out.push_back(first);
            previous = code;
            continue;
        }
        if (code > next) return End::Broken;
        std::size_t length = 0;
        int at = code;
        // A code that is being made stands for the previous string and its own first number.
        if (code == next) {
            string[length++] = first;
            at = previous;
        }
        while (at >= clear) {
            if (at >= kTable || length >= kTable) return End::Broken;
            string[length++] = last[static_cast<std::size_t>(at)];
            at = before[static_cast<std::size_t>(at)];
        }
        if (length >= kTable) return End::Broken;
        first = static_cast<std::uint8_t>(at);
        string[length++] = first;
        for (std::size_t i = length; i-- > 0 && out.size() < wanted;) out.push_back(string[i]);
        if (next < kTable) {
            last[static_cast<std::size_t>(next)] = first;
            before[static_cast<std::size_t>(next)] = static_cast<std::uint16_t>(previous);
            if (next == (1 << bits) - 1 && bits < 12) ++bits;
            ++next;
        }
        previous = code;
    }
    return End::Whole;
}

/// Rows of an interlaced frame in the order in which they come.
std::vector<std::size_t> rowOrder(const FirstFrame& frame) {
    std::vector<std::size_t> rows;
    constexpr std::array<std::pair<std::size_t, std::size_t>, 4> kPasses{
        {{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    if (frame.interlaced) {
        for (const auto& [begin, step] : kPasses)
            for (std::size_t y = begin; y < frame.height; y += step) rows.push_back(y);
    } else {
        for (std::size_t y = 0; y < frame.height; ++y) rows.push_back(y);
    }
    return rows;
}

}  // namespace

std::optional<PictureHeader> gifHeader(std::string_view bytes) {
    const auto frame = findFrame(bytes);
    if (!frame || frame->width == 0 || frame->height == 0) return std::nullopt;
    return PictureHeader{"GIF", frame->canvasWidth, frame->canvasHeight};
}

Result<Raster> decodeGif(const EncodedPicture& file) {
    const auto frame = findFrame(file.bytes);
    if (!frame || frame->codeBits > 11) return file.damaged();
    const std::size_t wanted = frame->width * frame->height;
    // Twelve bits make at most 4,096 pixels.
    if (wanted / 4096 > file.bytes.size()) return file.cutOff();
    std::vector<std::uint8_t> pixels;
    pixels.reserve(wanted);
    switch (unpack(file.bytes, *frame, pixels, wanted)) {
        case End::Whole:
            break;
        case End::CutOff:
            return file.cutOff();
        case End::Broken:
            return file.damaged();
    }
    const bool grey = frame->colours.empty();
    Raster raster = Raster::make(grey ? Raster::Form::Grey : Raster::Form::Indexed,
                                 frame->canvasWidth, frame->canvasHeight);
    if (frame->transparent)
        std::fill(raster.bytes.begin(), raster.bytes.end(),
                  static_cast<std::uint8_t>(*frame->transparent));
    if (!grey) {
        raster.palette = emptyPalette();
        std::memcpy(raster.palette.data(), frame->colours.data(), frame->colours.size());
    }
    const auto rows = rowOrder(*frame);
    for (std::size_t i = 0; i < rows.size(); ++i)
        std::memcpy(raster.row(frame->top + rows[i]) + frame->left,
                    pixels.data() + i * frame->width, frame->width);
    return raster;
}

}  // namespace loom
