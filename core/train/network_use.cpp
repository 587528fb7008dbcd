#include "core/train/network_use.h"

#include "core/backend/drawn_network.h"

namespace loom {

Result<Weights> initialWeights(const Project& project, std::int64_t seed) {
    auto network = backend::drawnNetwork(project, seed);
    if (!network) return network.error();
    return (*network)->weights();
}

bool needsWeights(const Project& project) {
    const auto network = backend::drawnNetwork(project, project.training.seed);
    return !network || !(*network)->state().empty();
}

Status matchWeights(const Project& project, const Weights& weights,
                    std::vector<std::string>* remarks) {
    auto network = backend::loadedNetwork(project, weights, remarks);
    if (!network) return network.error();
    return {};
}

}  // namespace loom
