#pragma once

#include <vector>

#include "core/check/shape_report.h"
#include "core/graph/diagnostic.h"
#include "core/project/project.h"

namespace loom {

/// What is wrong between a network that takes whole numbers (an Input of int64) and the data set
/// behind it. `dataset` as `deliveredDataset` gives it.
std::vector<Diagnostic> checkWholeNumbers(const Graph& graph, const ShapeReport& shapes,
                                          const Choice& dataset);

}  // namespace loom
