#pragma once

#include <cstdint>
#include <exception>

#include "core/backend/compiled_network.h"
#include "core/train/plan.h"

namespace loom::backend {

struct Divergence {
    Error error;
    NodeId node;  ///< the first bad block
};

/// Why the loss of this batch is NaN or infinite: looks for the first block whose weights or
/// outputs are.
Divergence explainDivergence(CompiledNetwork& network, const at::Tensor& input, double loss,
                             std::int64_t step, double learningRate);

/// What an exception means to the person who pressed Train.
Error explainRunFailure(const std::exception& failure, const TrainingPlan& plan,
                        const CompiledNetwork* network);

}  // namespace loom::backend
