#pragma once

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

/// What an exception's text means to the person who pressed Train.
Error explainFailure(const std::string& what, const TrainingPlan& plan, const NodeId& block);

}  // namespace loom::backend
