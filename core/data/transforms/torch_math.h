#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/data/pictures/picture.h"
#include "core/data/transforms/convolution.h"

namespace loom {

// Where PyTorch's own rounding decides a result, PyTorch itself computes it.

/// `torch.exp(torch.tensor([x]))` and `torch.log` of the same.
float torchExp(float x);
float torchLog(float x);
/// `torch.empty(count).normal_()`, drawn from `random`.
std::vector<float> torchNormals(std::int64_t count, TorchRandom& random);
/// `torch.mm` of a row and a matrix, row by row, with as many rows as the row is long.
std::vector<float> torchProduct(const std::vector<float>& row, const std::vector<float>& matrix);

/// `torch.linspace(first, last, count)`, float32.
std::vector<float> torchLinspace(double first, double last, std::int64_t count);

/// A side of torchvision's Gaussian kernel: `size` float32 weights whose sum is 1.
std::vector<float> gaussianWeights(std::int64_t size, double sigma);

/// `conv2d` of one plane, which its mirror image continues (or nothing, and the result is smaller).
std::vector<float> torchConvolution(const Convolution& convolution, const PixelRows<float>& plane,
                                    bool mirrored);

/// Whether `torchResized` knows it: "nearest", "nearest-exact", "bilinear", "bicubic".
bool resizesTensors(const std::string& interpolation);
/// `torchvision.transforms.functional.resize` of a tensor C×H×W, none of whose sides is 0.
TensorSample torchResized(const TensorSample& tensor, std::int64_t height, std::int64_t width,
                          const std::string& interpolation, bool antialias);
/// `torchvision.transforms.v2.functional.resize` of a tensor of bytes, which `bytes` holds.
Picture torchResized(const Picture& bytes, std::int64_t height, std::int64_t width,
                     const std::string& interpolation, bool antialias);

/// The x that makes A·x nearest to b, in float64 by LAPACK's gels, as
/// `torch.linalg.lstsq(A, b, driver="gels")` finds it, then rounded to float32; empty where it
/// finds none. A is rows × columns, row by row.
std::vector<float> leastSquares(const std::vector<double>& a, const std::vector<double>& b,
                                std::size_t columns);

}  // namespace loom
