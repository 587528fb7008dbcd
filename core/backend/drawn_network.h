#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/backend/compiled_network.h"
#include "core/project/project.h"

namespace loom::backend {

/// The network of a project, freshly initialised. Only the drawing is judged: it may be used
/// without data, and where nothing could be trained.
Result<std::shared_ptr<CompiledNetwork>> drawnNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed);
Result<std::shared_ptr<CompiledNetwork>> drawnNetwork(const Project& project, std::int64_t seed);
/// The same with these weights. `remarks` get sentences on how their names were read.
Result<std::shared_ptr<CompiledNetwork>> loadedNetwork(const Project& project,
                                                       const Weights& weights,
                                                       std::vector<std::string>* remarks = nullptr);

/// The project's number of threads for the calling thread's computations.
void useThreads(const Project& project);

}  // namespace loom::backend
