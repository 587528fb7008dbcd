#include <cstdint>
#include <memory>

#include "core/backend/drawn_network.h"

#include "core/backend/fresh_network.h"
#include "core/project/project_check.h"
#include "core/train/plan.h"

namespace loom::backend {

Result<std::shared_ptr<CompiledNetwork>> drawnNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed) {
    for (const Diagnostic& diagnostic : shapes.diagnostics)
        if (diagnostic.severity == Severity::Error)
            return Error{diagnostic.message, diagnostic.hint};
    return freshNetwork(graph, shapes, seed);
}

Result<std::shared_ptr<CompiledNetwork>> drawnNetwork(const Project& project, std::int64_t seed) {
    return drawnNetwork(project.network, checkProject(project).shapes, seed);
}

Result<std::shared_ptr<CompiledNetwork>> loadedNetwork(const Project& project,
                                                       const Weights& weights,
                                                       std::vector<std::string>* remarks) {
    auto network = drawnNetwork(project, project.training.seed);
    if (!network) return network;
    if (const Status status = (*network)->load(weights, remarks); !status) return status.error();
    return network;
}

void useThreads(const Project& project) {
    at::set_num_threads(project.training.threads > 0 ? project.training.threads : defaultThreads());
}

}  // namespace loom::backend
