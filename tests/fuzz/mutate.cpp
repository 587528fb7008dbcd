#include "tests/fuzz/mutate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace loom::fuzz {
namespace {

constexpr std::array<std::uint64_t, 14> kExtremes = {
    0,      1,       0x7F,       0x80,       0xFF,       0x7FFF,      0x8000,
    0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0xFFFFFFFFFFFFFFFF};

constexpr std::array<const char*, 22> kTexts = {
    "-1",         "0",     "1e999", "nan", "99999999999999999999",
    "2147483648", "0.5",   "\"",    "{",   "[[[[",
    "]",          "null",  "true",  "-0",  "\xFF\xFE",
    "\n\n",       ",",     "..",    "../", "/a",
    "\\u0000",    "1e-400"};

class Damage {
public:
    Damage(std::string& bytes, std::mt19937_64& random) : m_bytes(bytes), m_random(random) {}

    void once() {
        if (m_bytes.empty()) {
            m_bytes = std::string(1 + below(20), char(m_random()));
            return;
        }
        const std::size_t at = place();
        switch (below(11)) {
            case 0:
                m_bytes[at] = char(m_bytes[at] ^ (1 << below(8)));
                break;
            case 1:
                m_bytes[at] = char(m_random());
                break;
            case 2:
                number(at);
                break;
            case 3:
                number(at & ~std::size_t(3));
                break;
            case 4:
                m_bytes.resize(at);
                break;
            case 5:
                m_bytes.erase(at, 1 + below(16));
                break;
            case 6:
                m_bytes.insert(at, m_bytes.substr(place(), 1 + below(64)));
                break;
            case 7:
                m_bytes.insert(at, std::string(1 + below(9), char(m_random())));
                break;
            case 8:
                text(at);
                break;
            case 9:
                std::swap(m_bytes[at], m_bytes[place()]);
                break;
            default:
                digits(at);
                break;
        }
    }

private:
    std::size_t below(std::size_t count) { return m_random() % count; }
    /// Heads of files hold what readers believe.
    std::size_t place() {
        const std::size_t area =
            below(2) ? m_bytes.size() : std::min<std::size_t>(m_bytes.size(), 200);
        return below(area);
    }
    void number(std::size_t at) {
        const std::size_t width = std::size_t(1) << below(4);
        const std::uint64_t value = kExtremes[below(kExtremes.size())];
        const bool big = below(2);
        for (std::size_t i = 0; i < width && at + i < m_bytes.size(); ++i)
            m_bytes[at + i] = char(value >> 8 * (big ? width - 1 - i : i));
    }
    void text(std::size_t at) {
        const std::string with = kTexts[below(kTexts.size())];
        if (below(2))
            m_bytes.insert(at, with);
        else
            m_bytes.replace(at, with.size(), with);
    }
    /// A number in text made another one.
    void digits(std::size_t at) {
        const std::size_t begin = m_bytes.find_first_of("0123456789", at);
        if (begin == std::string::npos) return;
        const std::size_t end = m_bytes.find_first_not_of("0123456789.", begin);
        m_bytes.replace(begin, end == std::string::npos ? end : end - begin, kTexts[below(7)]);
    }

    std::string& m_bytes;
    std::mt19937_64& m_random;
};

std::string unpacked(const std::string& bytes) {
    z_stream stream = {};
    if (inflateInit2(&stream, 15 + 32) != Z_OK) return {};
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = uInt(out.size());
    const int outcome = inflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    inflateEnd(&stream);
    return outcome == Z_STREAM_END ? out : std::string();
}

std::string packed(const std::string& bytes) {
    z_stream stream = {};
    if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
    std::string out(deflateBound(&stream, uLong(bytes.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = uInt(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace

std::string mutated(std::string bytes, std::mt19937_64& random) {
    const int times = 1 + int(random() % 4);
    for (int i = 0; i < times; ++i) Damage(bytes, random).once();
    return bytes;
}

std::string mutatedInside(const std::string& whole, std::mt19937_64& random) {
    const std::string inside = whole.starts_with("\x1f\x8b") ? unpacked(whole) : std::string();
    return inside.empty() ? mutated(whole, random) : packed(mutated(inside, random));
}

std::string withChecksums(std::string png) {
    for (std::size_t at = 8; at + 12 <= png.size();) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i)
            length = length << 8 | static_cast<unsigned char>(png[at + i]);
        if (length > png.size() - at - 12) break;
        const uLong sum =
            crc32(0, reinterpret_cast<const Bytef*>(png.data() + at + 4), uInt(length + 4));
        for (std::size_t i = 0; i < 4; ++i) png[at + 8 + length + i] = char(sum >> (24 - 8 * i));
        at += length + 12;
    }
    return png;
}

}  // namespace loom::fuzz
