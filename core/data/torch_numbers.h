#pragma once

#include <cstdint>
#include <vector>

#include "core/data/convolution.h"

namespace loom {

// Numbers whose last bits depend on the processor that torch computes them on, so torch itself
// does.

/// `torch.linspace(first, last, count)`, float32.
std::vector<float> torchLinspace(double first, double last, std::int64_t count);

/// A side of torchvision's Gaussian kernel: `size` float32 weights whose sum is 1.
std::vector<float> gaussianWeights(std::int64_t size, double sigma);

/// `conv2d` of one plane, which its mirror image continues (or nothing, and the result is smaller).
std::vector<float> torchConvolution(const Convolution& convolution, const PixelRows<float>& plane,
                                    bool mirrored);

}  // namespace loom
