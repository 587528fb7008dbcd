#pragma once

#include <cstdint>

#include "core/base/shape.h"
#include "core/graph/diagnostic.h"

namespace loom {

/// Ends the network with `outputs` numbers behind `after`, which gives `shape`: Flatten where there
/// is something to flatten, then Linear.
Fix endingFix(const NodeId& after, const Shape& shape, std::int64_t outputs);

}  // namespace loom
