#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loom {

/// The sliding window of convolutions and pools along one side.
struct Window {
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t padding = 0;  ///< at each end
    std::int64_t dilation = 1;
    bool ceil = false;
    std::int64_t reach() const { return dilation * (kernel - 1) + 1; }
    /// May be 0 or negative when the window does not fit. Source: PyTorch's Conv2d and MaxPool2d
    /// pages.
    std::int64_t output(std::int64_t input) const;
    std::string formula(std::int64_t input, bool withDilation) const;
};

/// How a block's window moves over what arrives and what it makes of what lies under it.
struct SlidingWindow {
    std::vector<Window> sides;  ///< one per spatial side: L, or H and W, or D, H and W
    enum class Action { WeightedSum, Largest, Mean, Norm } action = Action::WeightedSum;
    /// Each number that arrives is spread over a window of the output (ConvTranspose2d).
    bool transposed = false;
    /// The windows divide what arrives by the size that comes out (AdaptiveAvgPool2d); of `sides`
    /// only the number counts.
    bool adaptive = false;
    /// What stands beyond the edge, as PyTorch's `padding_mode` says it.
    std::string paddingMode = "zeros";
    bool countsPadding = true;  ///< Mean: cells beyond the edge count in what it divides by
    std::int64_t divisor = 0;   ///< Mean: divides by this; 0: by the cells that count
    double norm = 2;            ///< Norm: its p
};

}  // namespace loom
