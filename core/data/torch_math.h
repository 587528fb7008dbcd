#pragma once

#include <vector>

#include "core/base/random.h"

namespace loom {

// Where PyTorch's own rounding decides a result, PyTorch itself computes it.

/// `torch.exp(torch.tensor([x]))` and `torch.log` of the same.
float torchExp(float x);
float torchLog(float x);
/// `torch.empty(count).normal_()`, drawn from `random`.
std::vector<float> torchNormals(std::int64_t count, TorchRandom& random);
/// `torch.mm` of a row and a matrix, row by row, with as many rows as the row is long.
std::vector<float> torchProduct(const std::vector<float>& row, const std::vector<float>& matrix);

}  // namespace loom
