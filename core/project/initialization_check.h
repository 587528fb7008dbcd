#pragma once

#include <vector>

#include "core/check/shape_report.h"

namespace loom {

/// What is wrong with how blocks' parameters are to begin: unknown ways, parameters the block does
/// not have, sizes a way cannot fill.
std::vector<Diagnostic> checkInitializations(const Graph& graph, const ShapeReport& shapes);

}  // namespace loom
