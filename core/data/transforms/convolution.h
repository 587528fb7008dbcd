#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace loom {

/// Weights of a convolution of every channel by itself, row by row; odd sides.
struct Convolution {
    std::size_t width = 1;
    std::size_t height = 1;
    std::vector<float> weights = {};
};

/// Rows of pixels of `depth` numbers each.
template <class Number>
struct PixelRows {
    const Number* values = nullptr;
    std::size_t width = 0;
    std::size_t height = 0;
    std::size_t depth = 1;
};

/// Takes the row `y` of the result, which is overwritten by the next one. It may change the row `y`
/// of the picture, which is not looked at again.
using TakeRow = std::function<void(std::size_t y, const float* row)>;

// The picture is continued by its mirror image (torch's "reflect"), so half of each side of the
// convolution must be smaller than the picture's. Each sum goes row by row through the weights,
// each product added with one rounding where the machine can, as in torch's depthwise conv2d.
void convolve(const Convolution& convolution, const PixelRows<std::uint8_t>& picture,
              const TakeRow& take);
void convolve(const Convolution& convolution, const PixelRows<float>& picture, const TakeRow& take);

}  // namespace loom
