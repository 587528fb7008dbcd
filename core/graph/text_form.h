#pragma once

#include <string>

#include "core/graph/graph.h"

namespace loom {

/// Reads the one-line form that tests and bug reports use:
/// `Input 1x28x28 > Conv2d out_channels=8 padding=1 > ReLU > Flatten > Linear out_features=10 >
/// Output`. `name=Kind` (`skip=Conv2d ...`) names a block; a bare name refers to it; `;` starts
/// another chain: `Input 8x4x4 > a=ReLU > sum=Add ; a > sum:1`. A size right after `Input` is its
/// `shape`. Blocks without a name get edit::freeId.
Result<Graph> graphFromText(const std::string& text);

/// The same form back. Reading it gives an equal graph but for positions.
std::string graphToText(const Graph& graph);

}  // namespace loom
