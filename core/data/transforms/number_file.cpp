#include "core/data/transforms/number_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "core/base/shape.h"

namespace loom {
namespace {

/// More than any matrix that fits a picture of moderate size: 2 GiB.
constexpr std::uintmax_t kMaximumBytes = std::uintmax_t(1) << 31;

Error bad(const std::string& path, const std::string& what) {
    return {path + " " + what + ".",
            "Write it in Python by numpy.save(path, tensor.numpy()), 32 or 64-bit floats."};
}

/// The text between two marks of the header; empty when they are not there.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const std::size_t begin = text.find(from);
    if (begin == std::string::npos) return {};
    const std::size_t end = text.find(to, begin + from.size());
    if (end == std::string::npos) return {};
    return text.substr(begin + from.size(), end - begin - from.size());
}

/// `(3, 4)` or `(3,)`; nullopt when sides are no numbers or too large for `most` values.
std::optional<std::vector<std::int64_t>> sidesOf(const std::string& text, std::uint64_t most) {
    std::vector<std::int64_t> dims;
    std::uint64_t count = 1;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        std::uint64_t side = 0;
        bool digits = false;
        for (const char one : text.substr(at, comma - at)) {
            if (one == ' ') continue;
            if (one < '0' || one > '9' || side > most) return std::nullopt;
            side = side * 10 + static_cast<std::uint64_t>(one - '0');
            digits = true;
        }
        at = comma + 1;
        if (!digits) continue;
        if (side > most || (side != 0 && count > most / side)) return std::nullopt;
        count *= side;
        dims.push_back(static_cast<std::int64_t>(side));
    }
    return dims;
}

template <class Number>
std::vector<float> floatsOf(const std::string& bytes, std::size_t begin, std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        Number number;
        std::memcpy(&number, bytes.data() + begin + i * sizeof(Number), sizeof(Number));
        values[i] = static_cast<float>(number);
    }
    return values;
}

}  // namespace

Result<NumberFile> readNumberFile(const std::string& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (error) return Error{path + " cannot be read: " + error.message() + ".", "Check its name."};
    if (size > kMaximumBytes) return bad(path, "is larger than 2 GiB");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::ifstream file(path, std::ios::binary);
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
        return bad(path, "cannot be read to its end");
    constexpr std::string_view kMagic = "\x93NUMPY";
    if (bytes.size() < 12 || !bytes.starts_with(kMagic)) return bad(path, "is no *.npy file");
    // Since version 2 the header's length has four bytes.
    const bool wide = bytes[6] != 1;
    std::size_t length = 0;
    for (std::size_t i = 0; i < (wide ? 4u : 2u); ++i)
        length |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
    const std::size_t begin = (wide ? 12u : 10u) + length;
    if (begin > bytes.size()) return bad(path, "ends within its header");
    const std::string header = bytes.substr(wide ? 12 : 10, length);
    const std::string type = between(header, "'descr': '", "'");
    const std::size_t each = type == "<f4" ? 4 : type == "<f8" ? 8 : 0;
    if (each == 0) return bad(path, "holds values of type " + type + ", not floats");
    if (header.find("'fortran_order': False") == std::string::npos)
        return bad(path, "holds its values column by column");
    const std::size_t room = (bytes.size() - begin) / each;
    const auto dims = sidesOf(between(header, "'shape': (", ")"), room);
    if (!dims) return bad(path, "is shorter than its header says");
    const auto count = static_cast<std::size_t>(Shape{*dims}.count());
    return NumberFile{*dims, each == 4 ? floatsOf<float>(bytes, begin, count)
                                       : floatsOf<double>(bytes, begin, count)};
}

}  // namespace loom
