#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "core/backend/python_number.h"

namespace loom::backend {

/// Where a line search ended: the loss and gradient there, and the step to it.
struct LineSearchResult {
    double loss = 0;
    at::Tensor gradient;
    PythonNumber step;
    std::int64_t evaluations = 0;
};

/// Loss and gradient at a step along the direction.
using LineFunction = std::function<std::pair<double, at::Tensor>(const PythonNumber& step)>;

/// A step along `direction` that satisfies the strong Wolfe conditions. Source: `_strong_wolfe` of
/// PyTorch 1.13's torch/optim/lbfgs.py, operation by operation.
LineSearchResult strongWolfe(const LineFunction& evaluate, PythonNumber step,
                             const at::Tensor& direction, double loss, const at::Tensor& gradient,
                             const PythonNumber& slope, double toleranceChange);

}  // namespace loom::backend
