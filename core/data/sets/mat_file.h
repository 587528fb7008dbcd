#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/files/byte_source.h"

namespace loom {

/// A variable of a MATLAB file. Values lie as MATLAB keeps them, the first side running fastest.
struct MatArray {
    std::string name;
    std::vector<std::int64_t> dims;
    int storedAs = 0;  ///< MATLAB's number of the type: 2 unsigned bytes, 9 doubles
    std::vector<std::uint8_t> bytes;

    /// Whole numbers, however they are stored. Errors where one is not whole.
    Result<std::vector<std::int64_t>> wholeNumbers() const;
};

/// Reads the variables with these names out of a file of version 5, packed or not; others are
/// passed over.
///
/// Errors: without the file's name, "it ends within a variable".
/// Source: MathWorks, "MAT-File Format", Level 5.
Result<std::vector<MatArray>> readMat(ByteSource& source, const std::vector<std::string>& names);

}  // namespace loom
