#pragma once

#include <functional>

#include "core/backend/torch.h"

namespace loom::backend {

/// A loss: one number from the network's output and the answers.
struct BuiltLoss {
    std::function<at::Tensor(const at::Tensor& output, const at::Tensor& target)> forward;
    /// The answers in the form the loss takes, from a batch of class numbers (int64) or of numbers
    /// (float).
    std::function<at::Tensor(const at::Tensor& labels, const at::Tensor& output)> target;
    bool sums = false;  ///< the batch's losses are summed, not averaged
    /// Turns outputs into N×classes numbers from 0 to 1, for showing.
    std::function<at::Tensor(const at::Tensor& output)> probabilities;
    /// The class each output stands for, N.
    std::function<at::Tensor(const at::Tensor& output)> classes;
};

}  // namespace loom::backend
