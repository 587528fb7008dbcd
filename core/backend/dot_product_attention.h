#pragma once

#include <optional>

#include "core/backend/torch.h"

namespace loom::backend {

/// The settings of torch.nn.functional.scaled_dot_product_attention, by Python's names.
struct DotProductOptions {
    double dropout_p = 0;  ///< always drawn: 0 outside of training
    bool is_causal = false;
    std::optional<double> scale = {};  ///< nullopt: 1/√(features of a key)
    bool enable_gqa = false;           ///< several heads of query share one of key and value
};

/// Tensors are (batch, ...) × steps × features; `mask` may be undefined, else it is added to the
/// scores. PyTorch's own function where LibTorch has it, which chooses among kernels as Python's
/// does; elsewhere the formula in its documentation.
at::Tensor dotProductAttention(const at::Tensor& query, const at::Tensor& key,
                               const at::Tensor& value, const at::Tensor& mask,
                               const DotProductOptions& options);

}  // namespace loom::backend
