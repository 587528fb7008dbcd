#pragma once

#include <vector>

#include "core/graph/diagnostic.h"

namespace loom {

/// What is wrong with the drawing before any size is known: unknown kinds, wires to nowhere, blocks
/// without input, circles, no way from Input to Output.
std::vector<Diagnostic> checkStructure(const Graph& graph);

}  // namespace loom
