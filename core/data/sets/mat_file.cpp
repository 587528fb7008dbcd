#include "core/data/sets/mat_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "core/base/shape.h"

namespace loom {
namespace {

constexpr std::uint32_t kInt32 = 5, kMatrix = 14, kPacked = 15;
constexpr std::size_t kMostDims = 32;
constexpr std::size_t kMostElements = 10000;

/// Bytes of one number, by MATLAB's number of its type; 0: not a type of numbers.
std::size_t widthOf(int type) {
    static constexpr std::array<std::uint8_t, 14> widths = {0, 1, 1, 2, 2, 4, 4,
                                                            4, 0, 8, 0, 0, 8, 8};
    return type >= 0 && type < static_cast<int>(widths.size())
               ? widths[static_cast<std::size_t>(type)]
               : 0;
}

struct Tag {
    std::uint32_t type = 0;
    std::uint32_t bytes = 0;
    std::array<std::uint8_t, 4> small = {};  ///< contents of a short element, which lie in its tag
    bool isSmall = false;
};

template <class T>
T littleEndian(const std::uint8_t* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

std::optional<Tag> readTag(ByteSource& source) {
    std::array<std::uint8_t, 8> raw = {};
    if (source.read(raw.data(), raw.size()) < raw.size()) return std::nullopt;
    const auto first = littleEndian<std::uint32_t>(raw.data());
    if (first >> 16 == 0) return Tag{first, littleEndian<std::uint32_t>(raw.data() + 4)};
    Tag tag{first & 0xFFFF, first >> 16, {raw[4], raw[5], raw[6], raw[7]}, true};
    return tag.bytes <= 4 ? std::optional(tag) : std::nullopt;
}

/// The contents of an element and the padding behind it. nullopt: cut off, or more than there can
/// be.
std::optional<std::vector<std::uint8_t>> contents(ByteSource& source, const Tag& tag) {
    if (tag.isSmall)
        return std::vector<std::uint8_t>(tag.small.begin(), tag.small.begin() + tag.bytes);
    if (tag.bytes > source.mostBytes()) return std::nullopt;
    std::vector<std::uint8_t> bytes(tag.bytes);
    if (source.read(bytes.data(), bytes.size()) < bytes.size()) return std::nullopt;
    // A file may end without the padding of its last element.
    source.skip((8 - tag.bytes % 8) % 8);
    return bytes;
}

const Error& cutOff() {
    static const Error error{"it ends within a variable, or its packed bytes are damaged"};
    return error;
}

/// The inside of a variable: flags, sides, name, numbers. Numbers of a variable that is not wanted
/// are not read.
Result<std::optional<MatArray>> readMatrix(ByteSource& source,
                                           const std::vector<std::string>& names) {
    std::array<std::vector<std::uint8_t>, 3> head;  // flags, sides, name
    for (std::size_t i = 0; i < head.size(); ++i) {
        const auto tag = readTag(source);
        if (!tag) return cutOff();
        if (tag->bytes > 4096) return Error{"the head of a variable makes no sense"};
        if (i == 1 && tag->type != kInt32) return Error{"the sides of a variable are missing"};
        auto bytes = contents(source, *tag);
        if (!bytes) return cutOff();
        head[i] = std::move(*bytes);
    }
    MatArray array;
    array.name.assign(head[2].begin(), head[2].end());
    if (std::find(names.begin(), names.end(), array.name) == names.end())
        return std::optional<MatArray>();
    const std::size_t sides = head[1].size() / 4;
    if (sides < 2 || sides > kMostDims) return Error{"the sides of a variable make no sense"};
    std::uint64_t count = 1;
    for (std::size_t i = 0; i < sides; ++i) {
        const auto side = littleEndian<std::int32_t>(head[1].data() + 4 * i);
        if (side < 0 || (side > 0 && count > source.mostBytes() / static_cast<std::uint64_t>(side)))
            return Error{"the sides of " + array.name + " cannot be"};
        count *= static_cast<std::uint64_t>(side);
        array.dims.push_back(side);
    }
    const auto tag = readTag(source);
    if (!tag) return cutOff();
    array.storedAs = static_cast<int>(tag->type);
    if (widthOf(array.storedAs) == 0) return Error{array.name + " does not hold numbers"};
    if (tag->bytes != count * widthOf(array.storedAs))
        return Error{array.name + " says " + groupDigits(static_cast<std::int64_t>(count)) +
                     " numbers, but has " + groupDigits(tag->bytes) + " bytes of them"};
    auto bytes = contents(source, *tag);
    if (!bytes) return cutOff();
    array.bytes = std::move(*bytes);
    return std::optional(std::move(array));
}

}  // namespace

Result<std::vector<std::int64_t>> MatArray::wholeNumbers() const {
    const std::size_t width = widthOf(storedAs);
    std::vector<std::int64_t> numbers;
    for (std::size_t at = 0; width > 0 && at + width <= bytes.size(); at += width) {
        const std::uint8_t* from = bytes.data() + at;
        const bool isFloat = storedAs == 7, isDouble = storedAs == 9;
        if (isFloat || isDouble) {
            const double value = isFloat ? littleEndian<float>(from) : littleEndian<double>(from);
            if (!(std::abs(value) < 1e15) || value != std::floor(value))
                return Error{name + " holds numbers that are not whole"};
            numbers.push_back(static_cast<std::int64_t>(value));
            continue;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t(from[i]) << 8 * i;
        const bool isSigned = storedAs == 1 || storedAs == 3 || storedAs == 5;
        if (isSigned && from[width - 1] & 0x80) value |= ~std::uint64_t(0) << 8 * width;
        numbers.push_back(static_cast<std::int64_t>(value));
    }
    return numbers;
}

Result<std::vector<MatArray>> readMat(ByteSource& source, const std::vector<std::string>& names) {
    std::array<std::uint8_t, 128> head = {};
    if (source.read(head.data(), head.size()) < head.size())
        return Error{"it ends within its header"};
    const std::string begin(head.begin(), head.begin() + 10);
    if (begin.starts_with("\x89HDF") || begin == "MATLAB 7.3")
        return Error{"it is a MATLAB file of version 7.3, but version 5 is expected"};
    if (head[124] != 0 || head[125] != 1 || head[126] != 'I' || head[127] != 'M')
        return Error{"it does not begin like a MATLAB file of version 5"};
    std::vector<MatArray> arrays;
    for (std::size_t i = 0; i < kMostElements && arrays.size() < names.size(); ++i) {
        const auto tag = readTag(source);
        if (!tag) break;
        Result<std::optional<MatArray>> read = std::optional<MatArray>();
        if (tag->type == kPacked) {
            InflatingSource inside(source, tag->bytes);
            const auto inner = readTag(inside);
            if (!inner) return cutOff();
            if (inner->type == kMatrix) read = readMatrix(inside, names);
            const bool passedOver = read.ok() && !read->has_value();
            const std::uint64_t rest =
                passedOver ? std::numeric_limits<std::uint64_t>::max() : 4096;
            if (read && !inside.finish(rest)) return cutOff();
        } else if (tag->type == kMatrix) {
            // An own source, so that a variable ends where its tag says.
            const auto all = contents(source, *tag);
            if (!all) return cutOff();
            MemorySource inside({reinterpret_cast<const char*>(all->data()), all->size()});
            read = readMatrix(inside, names);
        } else if (!source.skip(tag->bytes + (8 - tag->bytes % 8) % 8)) {
            break;
        }
        if (!read) return read.error();
        if (read->has_value()) arrays.push_back(std::move(**read));
    }
    return arrays;
}

}  // namespace loom
