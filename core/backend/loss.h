#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "core/backend/torch.h"

namespace loom::backend {

/// A loss: one number from the network's output and the answers; with reduction none one or more
/// for each sample.
struct BuiltLoss {
    std::function<at::Tensor(const at::Tensor& output, const at::Tensor& target)> forward;
    /// The answers in the form the loss takes, from a batch of class numbers (int64) or of numbers
    /// (float).
    std::function<at::Tensor(const at::Tensor& labels, const at::Tensor& output)> target;
    bool sums = false;         ///< reduction sum: the batch's losses are summed, not averaged
    bool each = false;         ///< reduction none: they are neither
    bool sumsNumbers = false;  ///< the numbers of one sample's output are summed, not averaged
    /// By what the mean of these samples' losses is divided; null where that is their number. 0:
    /// none of them counts, and their mean is 0 / 0.
    std::function<double(const std::vector<std::int64_t>& labels)> meanWeight;
    std::optional<std::int64_t> ignored;  ///< the class number whose samples do not count
    /// Turns outputs into N×classes numbers from 0 to 1, for showing.
    std::function<at::Tensor(const at::Tensor& output)> probabilities;
    /// The class each output stands for, N.
    std::function<at::Tensor(const at::Tensor& output)> classes;
};

}  // namespace loom::backend
