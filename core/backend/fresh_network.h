#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/compiled_network.h"

namespace loom::backend {

/// A network with the weights that a PyTorch script gets after `torch.manual_seed(seed)`. PyTorch's
/// random streams are afterwards where they were, so that a training beside it goes on undisturbed.
Result<std::shared_ptr<CompiledNetwork>> freshNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed);

/// The parameters and buffers of one block of such a network, by their names within the network:
/// the same numbers, with the memory of one block at a time. What stands before it in the order of
/// construction is made for its draws and let go of.
Result<std::vector<std::pair<std::string, at::Tensor>>> freshBlock(const Graph& graph,
                                                                   const ShapeReport& shapes,
                                                                   std::int64_t seed,
                                                                   const NodeId& block);

}  // namespace loom::backend
