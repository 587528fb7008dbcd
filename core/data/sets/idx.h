#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/data/files/byte_source.h"

namespace loom {

/// The sides in the header of an IDX file of bytes: three of pictures, one of labels.
///
/// Errors: without the file's name, "it ends within its header".
Result<std::vector<std::int64_t>> readIdxHeader(ByteSource& source, int dimensions);

/// The bytes after the header, which must be exactly as many as it says.
/// Source: http://yann.lecun.com/exdb/mnist, "THE IDX FILE FORMAT".
Result<std::vector<std::uint8_t>> readIdxBody(ByteSource& source,
                                              const std::vector<std::int64_t>& sides);

}  // namespace loom
