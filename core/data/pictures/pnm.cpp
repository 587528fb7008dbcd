#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/data/pictures/decoders.h"

namespace loom {
namespace {

bool isSpace(unsigned char one) {
    return one == ' ' || (one >= 0x09 && one <= 0x0D);
}

/// Reads a file's words, comments left out.
class Words {
public:
    explicit Words(std::string_view bytes) : m_bytes(bytes) {}

    /// The next number of the head, with the one space behind it; nullopt: there is none.
    std::optional<std::int64_t> headNumber() {
        std::string word;
        while (m_at < m_bytes.size()) {
            const auto one = static_cast<unsigned char>(m_bytes[m_at++]);
            if (one == '#') {
                skipLine();
            } else if (isSpace(one)) {
                if (!word.empty()) break;
            } else {
                word.push_back(static_cast<char>(one));
                if (word.size() > 10) return std::nullopt;
            }
        }
        return numberOf(word);
    }

    /// The next number of the pixels; -1: the file ends; nullopt: it is no number.
    std::optional<std::int64_t> number() {
        std::string word;
        for (; m_at < m_bytes.size(); ++m_at) {
            const auto one = static_cast<unsigned char>(m_bytes[m_at]);
            if (one == '#') {
                skipLine();
                continue;
            }
            if (isSpace(one)) {
                if (!word.empty()) break;
            } else {
                word.push_back(static_cast<char>(one));
                if (word.size() > 10) return std::nullopt;
            }
        }
        return word.empty() ? std::optional<std::int64_t>(-1) : numberOf(word);
    }

    /// The next digit 0 or 1, which need no space between them; -1 and nullopt as above.
    std::optional<int> digit() {
        for (; m_at < m_bytes.size(); ++m_at) {
            const auto one = static_cast<unsigned char>(m_bytes[m_at]);
            if (one == '#') {
                skipLine();
            } else if (!isSpace(one)) {
                ++m_at;
                return one == '0' || one == '1' ? std::optional<int>(one - '0') : std::nullopt;
            }
        }
        return -1;
    }

    std::size_t at() const { return m_at; }
    void skip(std::size_t count) { m_at += count; }

private:
    /// Leaves off at the end of the line.
    void skipLine() {
        while (m_at < m_bytes.size() && m_bytes[m_at] != '\n' && m_bytes[m_at] != '\r') ++m_at;
    }
    static std::optional<std::int64_t> numberOf(const std::string& word) {
        if (word.empty()) return std::nullopt;
        std::int64_t value = 0;
        for (const char one : word) {
            if (one < '0' || one > '9') return std::nullopt;
            value = value * 10 + (one - '0');
        }
        return value;
    }

    std::string_view m_bytes;
    std::size_t m_at = 0;
};

struct Head {
    bool plain = false;  ///< pixels as text
    bool bits = false;
    std::size_t channels = 1;
    std::int64_t most = 1;  ///< the number that stands for white
};

/// Of rows of eight pixels a byte.
bool readBits(std::string_view data, Raster& raster) {
    const auto width = static_cast<std::size_t>(raster.width);
    const auto height = static_cast<std::size_t>(raster.height);
    const std::size_t rowBytes = (width + 7) / 8;
    if (data.size() / rowBytes < height) return false;
    for (std::size_t y = 0; y < height; ++y)
        unpackBits(reinterpret_cast<const std::uint8_t*>(data.data()) + y * rowBytes, width, 1,
                   raster.row(y));
    for (std::uint8_t& one : raster.bytes) one = one ? 0 : 255;
    return true;
}

/// A number as Pillow scales it; round() of Python takes halves to the even one.
std::int32_t scaled(std::int64_t value, std::int64_t most, int white) {
    const double share = static_cast<double>(value) / static_cast<double>(most);
    return static_cast<std::int32_t>(std::min<double>(std::nearbyint(share * white), white));
}

}  // namespace

Result<Raster> decodePnm(const EncodedPicture& file) {
    Words words(file.bytes);
    words.skip(2);
    const char digit = file.bytes[1];
    Head head;
    head.plain = digit <= '3';
    head.bits = digit == '1' || digit == '4';
    head.channels = digit == '3' || digit == '6' ? 3 : 1;
    const auto width = words.headNumber(), height = words.headNumber();
    if (!width || !height || static_cast<std::uint64_t>(*width) != file.header.width ||
        static_cast<std::uint64_t>(*height) != file.header.height)
        return file.damaged();
    if (!head.bits) {
        const auto most = words.headNumber();
        if (!most || *most < 1 || *most > 65535) return file.damaged();
        head.most = *most;
    }
    const bool wide = head.most > 255;
    const auto form = head.channels == 3 ? Raster::Form::Rgb
                      : wide             ? Raster::Form::Integer
                                         : Raster::Form::Grey;
    const std::size_t count = static_cast<std::size_t>(*width * *height) * head.channels;
    const std::string_view data = file.bytes.substr(std::min(words.at(), file.bytes.size()));
    const std::size_t numberBytes = wide ? 2 : 1;
    if (!head.bits && !head.plain && data.size() / numberBytes < count) return file.cutOff();
    if (head.plain && data.size() < count) return file.cutOff();
    if (head.bits && !head.plain && data.size() < count / 8) return file.cutOff();
    Raster raster = Raster::make(form, file.header.width, file.header.height);
    if (head.bits && !head.plain)
        return readBits(data, raster) ? Result<Raster>(std::move(raster)) : file.cutOff();
    const int white = form == Raster::Form::Integer ? 65535 : 255;
    const auto* raw = reinterpret_cast<const std::uint8_t*>(data.data());
    for (std::size_t i = 0; i < count; ++i) {
        std::int32_t value = 0;
        if (head.bits) {
            const auto bit = words.digit();
            if (!bit) return file.damaged();
            if (*bit < 0) return file.cutOff();
            value = *bit ? 0 : 255;
        } else if (head.plain) {
            const auto number = words.number();
            if (!number || *number > head.most) return file.damaged();
            if (*number < 0) return file.cutOff();
            value = scaled(*number, head.most, white);
        } else {
            const int number = wide ? raw[2 * i] << 8 | raw[2 * i + 1] : raw[i];
            value = head.most == white ? number : scaled(number, head.most, white);
        }
        if (form == Raster::Form::Integer)
            std::memcpy(raster.bytes.data() + 4 * i, &value, 4);
        else
            raster.bytes[i] = static_cast<std::uint8_t>(value);
    }
    return raster;
}

}  // namespace loom
