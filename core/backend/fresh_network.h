#pragma once

#include <cstdint>
#include <memory>

#include "core/backend/compiled_network.h"

namespace loom::backend {

/// A network with the weights that a PyTorch script gets after `torch.manual_seed(seed)`. PyTorch's
/// random streams are afterwards where they were, so that a training beside it goes on undisturbed.
Result<std::shared_ptr<CompiledNetwork>> freshNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed);

}  // namespace loom::backend
