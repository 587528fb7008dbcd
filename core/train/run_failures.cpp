#include "core/backend/run_failures.h"

#include <cmath>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "core/backend/failures.h"

namespace loom::backend {
namespace {

bool isFinite(const at::Tensor& tensor) {
    return !tensor.is_floating_point() || tensor.isfinite().all().item<bool>();
}

}  // namespace

Divergence explainDivergence(CompiledNetwork& network, const at::Tensor& input, double loss,
                             std::int64_t step, double learningRate) {
    torch::NoGradGuard guard;
    NodeId first;
    std::string cause;
    if (!isFinite(input)) {
        first = network.inputs().front();
        cause = "The data itself held such numbers.";
    }
    for (const auto& [name, tensor] : network.state()) {
        if (!first.empty()) break;
        if (isFinite(tensor)) continue;
        first = name.substr(0, name.rfind('.'));
        cause = "The weights of " + first + " are no longer finite.";
    }
    if (first.empty()) {
        network.forward(std::vector{input},
                        [&](const NodeId& id, const std::vector<at::Tensor>& made) {
                            if (first.empty() && !made.empty() && !isFinite(made[0])) first = id;
                        });
        if (!first.empty()) cause = first + " was the first block to give such numbers.";
    }
    if (first.empty()) {
        first = network.outputs().front();
        cause = "The network's outputs were finite, but too large for the loss.";
    }
    return {
        {std::string("The loss became ") + (std::isnan(loss) ? "not a number (NaN)" : "infinite") +
             " at step " + groupDigits(step) + ". " + cause,
         "Lower the learning rate (it is " + formatFloat(learningRate, false) +
             "), or look at the data's scale with Normalize."},
        first};
}

Error explainRunFailure(const std::exception& failure, const TrainingPlan& plan,
                        const CompiledNetwork* network) {
    if (isOutOfMemory(failure)) {
        return {"There was not enough memory for a batch of " +
                    groupDigits(plan.project.training.batchSize) + " (forecast: " +
                    byteText(static_cast<double>(plan.report.trainingBytes)) + ").",
                "Halve batch_size and try again."};
    }
    if (isSingleValue(failure)) {
        return {
            "The last batch holds a single sample, and batch normalisation needs at least two "
            "numbers per channel.",
            "Switch drop_last on, or take another batch_size."};
    }
    return explainFailure(failure, network);
}

}  // namespace loom::backend
