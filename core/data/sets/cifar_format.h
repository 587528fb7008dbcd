#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace loom {

/// Labels and pictures of one of CIFAR's files: planes of 32 × 32, red, green and blue.
struct CifarBatch {
    std::vector<std::uint8_t> labels;
    std::vector<std::uint8_t> planes;
};

/// Reads a file of the Python form, a pickled dict with a numpy array called data and a list of
/// labels called `labelKey`; whatever Python wrote it.
///
/// Errors: without the file's name, "it has no entries called data and labels".
Result<CifarBatch> readCifarPickle(std::string_view bytes, const std::string& labelKey,
                                   int classes);

/// Reads a file of the binary form: `labelBytes` labels before each picture, of which the one at
/// `labelAt` is taken.
Result<CifarBatch> readCifarRecords(std::string_view bytes, std::size_t labelBytes,
                                    std::size_t labelAt, int classes);

}  // namespace loom
