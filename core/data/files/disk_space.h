#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace loom {

/// "182 MB", "1.3 GB", as file managers count: thousands, not 1,024.
std::string bytesText(std::int64_t bytes);

/// Whether the disk of `folder` (or of the nearest folder above it that is there) has room for so
/// many bytes more. What cannot be asked counts as room.
Status checkSpace(const std::string& folder, std::int64_t bytes);

}  // namespace loom
