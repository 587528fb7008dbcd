#pragma once

#include <string>

#include "core/backend/compiled_network.h"

namespace loom::backend {

/// Fills a fresh network with what fits of a weight file or run folder, by name and size; the rest
/// keeps its fresh weights. Refused when nothing fits. An empty path changes nothing.
/// `remarks` gets what happened to the file's names.
Status takeInitialWeights(CompiledNetwork& network, const Graph& graph, const std::string& path,
                          std::vector<std::string>* remarks = nullptr);

}  // namespace loom::backend
