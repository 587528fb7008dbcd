#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/backend/torch.h"

/// Normalisations that LibTorch's own modules lack in part or altogether.
namespace loom::backend {

/// nn.LayerNorm: LibTorch's has no `bias`.
struct LayerNorm : torch::nn::Module {
    /// `affine` gives weights, `bias` numbers to add beside them.
    LayerNorm(std::vector<std::int64_t> shape, double eps, bool affine, bool bias);
    at::Tensor forward(const at::Tensor& x) const;
    std::vector<std::int64_t> shape;
    double eps;
    at::Tensor weight, bias;  ///< undefined where there are none
};

/// nn.RMSNorm, by Python's formula with functions that every LibTorch has.
struct RmsNorm : torch::nn::Module {
    /// Without `eps` it is the smallest step of the numbers that arrive, torch.finfo(x.dtype).eps.
    RmsNorm(std::vector<std::int64_t> shape, std::optional<double> eps, bool affine);
    at::Tensor forward(const at::Tensor& x) const;
    std::vector<std::int64_t> shape;
    std::optional<double> eps;
    at::Tensor weight;  ///< undefined where there is none
};

}  // namespace loom::backend
