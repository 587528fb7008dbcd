#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace loom {

/// What each value of a byte becomes.
using ByteTable = std::array<std::uint8_t, 256>;

void applyTable(const ByteTable& table, std::uint8_t* bytes, std::size_t count);
/// A table for each of three channels that take turns; `count` is a multiple of three.
void applyTables(const std::array<ByteTable, 3>& tables, std::uint8_t* bytes, std::size_t count);

}  // namespace loom
