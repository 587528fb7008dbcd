#pragma once

#include "core/backend/torch.h"
#include "core/base/result.h"
#include "core/check/shape_report.h"

namespace loom::backend {

struct InitTarget {
    at::Tensor tensor;
};

/// Begins the parameters whose blocks say how, once all modules are constructed: block by block in
/// graph order, as a script's `nn.init.kaiming_normal_(model.conv1.weight)` below its model would.
Status applyInitializations(const Graph& graph, const ShapeReport& report, torch::nn::Module& root);

}  // namespace loom::backend
