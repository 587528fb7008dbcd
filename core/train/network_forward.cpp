// One pass forward, and one back, on tensors given.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "core/backend/borrowed_streams.h"
#include "core/backend/drawn_network.h"
#include "core/backend/failures.h"
#include "core/backend/tensors.h"
#include "core/project/project_check.h"
#include "core/train/network_use.h"

namespace loom {
namespace {

/// The batch for every Input block of the network, checked against the sizes it expects.
Result<std::vector<at::Tensor>> arrivingTensors(const Project& project,
                                                const std::vector<NodeId>& ids,
                                                const std::vector<NamedTensor>& inputs) {
    const ShapeReport shapes = checkProject(project).shapes;
    std::vector<at::Tensor> batch;
    for (const NodeId& id : ids) {
        const auto named = std::find_if(inputs.begin(), inputs.end(), [&](const NamedTensor& t) {
            return t.name == id || (t.name.empty() && inputs.size() == 1);
        });
        if (named == inputs.end())
            return Error{"The file has no tensor for the input " + id + ".",
                         "Save a dict with a tensor for every Input block's id."};
        auto tensor = backend::toTensor(named->tensor);
        if (!tensor)
            return Error{"The tensor for " + id + ": " + tensor.error().message,
                         tensor.error().hint};
        const Shape expected = *shapes.shapeAt({id, 0});
        std::vector<std::int64_t> sides = tensor->sizes().vec();
        if (!sides.empty()) sides.erase(sides.begin());
        if (tensor->dim() == 0 || sides != expected.dims) {
            return Error{"The tensor for " + id + " has the size " +
                             Shape{tensor->sizes().vec()}.toSentence() +
                             ", but the network takes N × " + expected.toSentence() + ".",
                         "Give a batch of samples of that size."};
        }
        batch.push_back(expected.type == ElementType::Float ? tensor->to(at::kFloat)
                                                            : tensor->to(at::kLong));
    }
    return batch;
}

/// The project's network with its weights, and what goes into it.
struct Fed {
    std::shared_ptr<backend::CompiledNetwork> network;
    std::vector<at::Tensor> batch;
};

Result<Fed> fed(const Project& project, const Weights& weights,
                const std::vector<NamedTensor>& inputs) {
    backend::useThreads(project);
    auto network = backend::loadedNetwork(project, weights);
    if (!network) return network.error();
    auto batch = arrivingTensors(project, (*network)->inputs(), inputs);
    if (!batch) return batch.error();
    return Fed{std::move(*network), std::move(*batch)};
}

}  // namespace

Result<std::vector<NamedTensor>> forward(const Project& project, const Weights& weights,
                                         const std::vector<NamedTensor>& inputs, bool trainMode) {
    const auto made = fed(project, weights, inputs);
    if (!made) return made.error();
    backend::CompiledNetwork& network = *made->network;
    try {
        torch::NoGradGuard guard;
        network.root().train(trainMode);
        const backend::BorrowedStreams borrowed(project.training.seed);
        const std::vector<at::Tensor> results = network.forward(made->batch);
        std::vector<NamedTensor> named;
        for (std::size_t i = 0; i < results.size(); ++i)
            named.push_back({network.outputs()[i], backend::toPlain(results[i])});
        return named;
    } catch (const std::exception& failure) {
        return backend::explainFailure(failure, &network);
    }
}

Result<std::vector<NamedTensor>> gradients(const Project& project, const Weights& weights,
                                           const std::vector<NamedTensor>& inputs,
                                           const std::vector<NamedTensor>& outputGradients,
                                           bool trainMode) {
    auto made = fed(project, weights, inputs);
    if (!made) return made.error();
    backend::CompiledNetwork& network = *made->network;
    std::vector<at::Tensor>& batch = made->batch;
    try {
        network.root().train(trainMode);
        const backend::BorrowedStreams borrowed(project.training.seed);
        for (at::Tensor& input : batch)
            if (input.is_floating_point()) input = input.detach().clone().set_requires_grad(true);
        const std::vector<at::Tensor> results = network.forward(batch);
        std::vector<at::Tensor> roots, given;
        for (std::size_t i = 0; i < results.size(); ++i) {
            for (const NamedTensor& entry : outputGradients) {
                if (entry.name != network.outputs()[i] || !results[i].requires_grad()) continue;
                auto gradient = backend::toTensor(entry.tensor);
                if (!gradient) return gradient.error();
                if (gradient->sizes() != results[i].sizes()) {
                    return Error{"The gradient for " + entry.name + " has the size " +
                                     Shape{gradient->sizes().vec()}.toSentence() +
                                     ", but the output has " +
                                     Shape{results[i].sizes().vec()}.toSentence() + ".",
                                 "Give one number for every number of the output."};
                }
                roots.push_back(results[i]);
                given.push_back(*gradient);
            }
        }
        std::vector<NamedTensor> named;
        if (roots.empty()) return named;
        torch::autograd::backward(roots, given);
        for (std::size_t i = 0; i < batch.size(); ++i)
            if (batch[i].grad().defined())
                named.push_back({network.inputs()[i], backend::toPlain(batch[i].grad())});
        const backend::ParameterList parameters = network.parameters();
        for (std::size_t i = 0; i < parameters.tensors.size(); ++i)
            if (parameters.tensors[i].grad().defined())
                named.push_back(
                    {parameters.names[i], backend::toPlain(parameters.tensors[i].grad())});
        return named;
    } catch (const std::exception& failure) {
        return backend::explainFailure(failure, &network);
    }
}

}  // namespace loom
