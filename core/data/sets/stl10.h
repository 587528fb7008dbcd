#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace loom {

/// The labels of one of STL-10's files, a byte each from 1 to 10, made to go from 0 to 9.
///
/// Errors: without the file's name, "label 3 is 11, but labels go from 1 to 10".
Result<std::vector<std::int16_t>> readStlLabels(std::string_view bytes);

/// The numbers in line `fold` of fold_indices.txt, each below `count`.
Result<std::vector<std::int64_t>> readStlFold(std::string_view text, int fold, std::int64_t count);

}  // namespace loom
