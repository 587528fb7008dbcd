#include "core/backend/fresh_network.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/borrowed_streams.h"

namespace loom::backend {

Result<std::shared_ptr<CompiledNetwork>> freshNetwork(const Graph& graph, const ShapeReport& shapes,
                                                      std::int64_t seed) {
    // A training may be between two steps of the same stream: it goes on where it was.
    const BorrowedStreams borrowed(seed);
    return CompiledNetwork::build(graph, shapes);
}

Result<std::vector<std::pair<std::string, at::Tensor>>> freshBlock(const Graph& graph,
                                                                   const ShapeReport& shapes,
                                                                   std::int64_t seed,
                                                                   const NodeId& block) {
    const BorrowedStreams borrowed(seed);
    Graph alone = graph;
    alone.edges.clear();
    // Weights that begin by a rule are drawn after all modules are constructed, so that those have
    // to be there.
    const bool byRule = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
        return !node.initialization.empty();
    });
    if (byRule) {
        auto whole = CompiledNetwork::build(graph, shapes);
        if (!whole) return whole.error();
        return (*whole)->state();
    }
    ShapeReport one = shapes;
    for (const NodeId& id : shapes.order) {
        const Node* node = graph.find(id);
        const BlockReport* report = shapes.find(id);
        if (!node || !report || !node->sharesWith.empty()) continue;
        one.order = {id};
        one.parameters = report->inference.parameters;
        auto built = CompiledNetwork::build(alone, one);
        if (!built) return built.error();
        if (id == block) return (*built)->state();
    }
    return std::vector<std::pair<std::string, at::Tensor>>();
}

}  // namespace loom::backend
