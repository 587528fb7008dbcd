#include "core/project/memory_forecast.h"

#include <algorithm>
#include <set>

#include "core/base/saturating.h"
#include "core/project/parameter_groups.h"

namespace loom {

namespace {

const LayerKind* kindOf(const Graph& graph, const NodeId& id) {
    const Node* node = graph.find(id);
    return node ? layers().find(node->kind) : nullptr;
}

/// Blocks whose output nobody keeps for the way back: an activation keeps what it gives, so what it
/// took is freed once it has run.
std::set<NodeId> freedOnTheWay(const Graph& graph) {
    std::set<NodeId> freed, kept;
    for (const Edge& edge : graph.edges) {
        const LayerKind* kind = kindOf(graph, edge.to.node);
        const bool activation = kind && kind->info.family == "activation";
        (activation ? freed : kept).insert(edge.from.node);
    }
    for (const NodeId& id : kept) freed.erase(id);
    return freed;
}

}  // namespace

MemoryForecast forecastMemory(const Project& project, const ShapeReport& shapes) {
    constexpr std::int64_t kFloat = 4;
    const TrainingSection& training = project.training;
    std::int64_t trained = 0, kept = 0, widest = 0, sample = 0;
    // What lies before the first block that learns needs no way back.
    bool learns = false;
    const ParameterGroupIndex groups(training, project.network);
    const std::set<NodeId> freed = freedOnTheWay(project.network);
    for (const NodeId& id : shapes.order) {
        const BlockReport& block = shapes.blocks.at(id);
        if (!block.known) continue;
        const bool mine = !groups.isFrozen(id);
        if (mine) trained = plus(trained, block.inference.parameters);
        learns = learns || (mine && block.inference.parameters > 0);
        const LayerKind* kind = kindOf(project.network, id);
        if (kind && kind->inputs.empty()) {
            sample = plus(sample, block.activationBytes);
            continue;
        }
        std::int64_t arriving = 0;
        for (const Shape& shape : block.inputs)
            arriving = plus(arriving, times(shape.count(), kFloat));
        if (learns && !freed.contains(id)) kept = plus(kept, block.activationBytes);
        widest = std::max(widest, plus(arriving, block.activationBytes));
    }
    MemoryForecast forecast;
    const OptimizerKind* optimizer = optimizers().find(training.optimizer.kind);
    const std::int64_t slots =
        optimizer ? optimizer->stateSize(Settings(optimizer->params, training.optimizer.params))
                  : 0;
    forecast.weights = times(shapes.parameters, kFloat);
    forecast.gradients = times(trained, kFloat);
    forecast.optimizerState = times(trained, kFloat, slots);
    forecast.activations = times(training.batchSize, plus(kept, widest));
    // One in use, one ready, and one per worker in the making.
    forecast.batch = times(training.batchSize, sample, 2 + std::max(0, training.numWorkers));
    return forecast;
}

}  // namespace loom
