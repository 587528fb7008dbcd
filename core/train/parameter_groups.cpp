#include "core/project/parameter_groups.h"

#include "core/backend/optimizer.h"

namespace loom::backend {

std::shared_ptr<Optimizer> buildOptimizer(const TrainingSection& training, const Graph& graph,
                                          CompiledNetwork& network) {
    const OptimizerKind* kind = optimizers().find(training.optimizer.kind);
    std::vector<OptimizerGroup> groups(training.parameterGroups.size() + 1);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i].specs = &kind->params;
        groups[i].params = training.optimizer.params;
        if (i == 0) continue;
        for (const auto& [key, value] : training.parameterGroups[i - 1].params)
            groups[i].params.set(key, value);
    }
    const ParameterGroupIndex index(training, graph);
    const ParameterList all = network.parameters();
    for (std::size_t i = 0; i < all.names.size(); ++i) {
        const auto own = index.groupOf(all.names[i]);
        at::Tensor parameter = all.tensors[i];
        const bool frozen = index.isFrozen(all.names[i]);
        parameter.requires_grad_(!frozen);
        if (frozen) continue;
        ParameterList& into = groups[own ? *own + 1 : 0].parameters;
        into.names.push_back(all.names[i]);
        into.tensors.push_back(parameter);
    }
    std::erase_if(groups,
                  [](const OptimizerGroup& group) { return group.parameters.tensors.empty(); });
    return kind->build(std::move(groups));
}

}  // namespace loom::backend
