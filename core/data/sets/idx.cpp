#include "core/data/sets/idx.h"

#include <array>
#include <optional>
#include <string>

#include "core/base/shape.h"

namespace loom {
namespace {

constexpr std::uint32_t kMagic = 0x00000800;  // unsigned bytes; the last byte counts the sides

std::optional<std::uint32_t> number(ByteSource& source) {
    std::array<std::uint8_t, 4> raw = {};
    if (source.read(raw.data(), raw.size()) != raw.size()) return std::nullopt;
    return std::uint32_t(raw[0]) << 24 | std::uint32_t(raw[1]) << 16 | std::uint32_t(raw[2]) << 8 |
           raw[3];
}

std::string whatOf(int dimensions) {
    return dimensions == 3 ? "pictures" : "labels";
}

}  // namespace

Result<std::vector<std::int64_t>> readIdxHeader(ByteSource& source, int dimensions) {
    const auto magic = number(source);
    if (!magic) return Error{"it ends within its header"};
    const int other = dimensions == 3 ? 1 : 3;
    if (*magic == kMagic + static_cast<std::uint32_t>(other))
        return Error{"it holds " + whatOf(other) + " where " + whatOf(dimensions) +
                     " are expected"};
    if (*magic != kMagic + static_cast<std::uint32_t>(dimensions))
        return Error{"it does not begin like an IDX file of " + whatOf(dimensions)};
    std::vector<std::int64_t> sides;
    for (int i = 0; i < dimensions; ++i) {
        const auto side = number(source);
        if (!side) return Error{"it ends within its header"};
        sides.push_back(*side);
    }
    return sides;
}

Result<std::vector<std::uint8_t>> readIdxBody(ByteSource& source,
                                              const std::vector<std::int64_t>& sides) {
    const std::string saying =
        groupDigits(sides.at(0)) + " " + whatOf(static_cast<int>(sides.size()));
    std::uint64_t count = 1;
    for (const std::int64_t side : sides) {
        const auto factor = static_cast<std::uint64_t>(side);
        if (factor > 0 && count > source.mostBytes() / factor)
            return Error{"its header says " + saying + ", but it is too short for them"};
        count *= factor;
    }
    std::vector<std::uint8_t> bytes(count);
    const std::uint64_t done = source.read(bytes.data(), count);
    if (done < count)
        return Error{"its header says " + saying + ", but it is cut off after " +
                     groupDigits(static_cast<std::int64_t>(done)) + " of " +
                     groupDigits(static_cast<std::int64_t>(count)) + " bytes"};
    std::uint8_t more = 0;
    if (source.read(&more, 1) > 0)
        return Error{"it goes on after the " + saying + " that its header says"};
    if (source.isBroken()) return Error{"its checksum does not fit its contents"};
    return bytes;
}

}  // namespace loom
