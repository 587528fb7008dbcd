#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/data/files/byte_source.h"

namespace loom {

/// Pictures of 32 × 32 house numbers, each as three planes column by column, and their digits.
struct SvhnPictures {
    std::vector<std::uint8_t> planes;
    std::vector<std::int16_t> labels;
};

/// Reads one of SVHN's files, a MATLAB file with X, 32 × 32 × 3 × N, and y, of N numbers; its label
/// 10 becomes the digit 0.
///
/// Errors: without the file's name, "it has no variables called X and y".
Result<SvhnPictures> readSvhn(ByteSource& source);

}  // namespace loom
