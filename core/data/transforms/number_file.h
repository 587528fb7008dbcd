#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace loom {

struct NumberFile {
    std::vector<std::int64_t> dims;
    std::vector<float> values;  ///< row by row
};

/// Reads float32 or float64 numbers as `numpy.save` writes them (*.npy). Errors name the file.
/// Source: numpy's format.py.
Result<NumberFile> readNumberFile(const std::string& path);

}  // namespace loom
