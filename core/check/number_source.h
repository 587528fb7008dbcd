#pragma once

#include "core/catalogue/layer_kind.h"
#include "core/graph/graph.h"

namespace loom {

/// The block that makes the numbers which leave `block`: itself, or what lies behind blocks that
/// only hand numbers on. `training`: as while training, when Dropout changes them.
const Node& sourceOfNumbers(const Graph& graph, const Node& block, bool training);

/// What is known of the numbers that arrive at an Output block when the network is used.
Gives numbersAtOutput(const Graph& graph, const NodeId& output);

}  // namespace loom
