#pragma once

#include <cstdint>
#include <optional>

#include "core/project/project_check.h"

namespace loom {

/// Why a run of this project does not fit into `available` bytes (0: not known), with the largest
/// batch that does where that helps; nullopt when it fits. Sure to be too much only: the forecast
/// leaves the program itself out.
std::optional<Diagnostic> checkMemory(const Project& project, const ShapeReport& shapes,
                                      std::int64_t available);

}  // namespace loom
