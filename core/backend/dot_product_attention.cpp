#include "core/backend/dot_product_attention.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "core/backend/torch_version.h"

namespace loom::backend {

// Python has the function since 2.0; with all of its arguments, as it is called here, since 2.5.
// Not `if constexpr`: what an older LibTorch does not declare is an error outside of templates.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 5)

at::Tensor dotProductAttention(const at::Tensor& query, const at::Tensor& key,
                               const at::Tensor& value, const at::Tensor& mask,
                               const DotProductOptions& options) {
    return at::scaled_dot_product_attention(
        query, key, value, mask.defined() ? std::optional<at::Tensor>(mask) : std::nullopt,
        options.dropout_p, options.is_causal, options.scale, options.enable_gqa);
}

#else

at::Tensor dotProductAttention(const at::Tensor& query, const at::Tensor& key,
                               const at::Tensor& value, const at::Tensor& mask,
                               const DotProductOptions& options) {
    const std::int64_t length = query.size(-2), keys = key.size(-2);
    const double scale =
        options.scale ? *options.scale : 1 / std::sqrt(static_cast<double>(query.size(-1)));
    at::Tensor bias = at::zeros({length, keys}, query.options());
    if (options.is_causal)
        bias.masked_fill_(
            at::ones({length, keys}, query.options().dtype(at::kBool)).tril().logical_not(),
            -std::numeric_limits<double>::infinity());
    if (mask.defined()) bias = mask + bias;
    at::Tensor k = key, v = value;
    if (options.enable_gqa) {
        k = k.repeat_interleave(query.size(-3) / key.size(-3), -3);
        v = v.repeat_interleave(query.size(-3) / value.size(-3), -3);
    }
    at::Tensor weights = at::matmul(query, k.transpose(-2, -1)) * scale;
    weights += bias;
    weights = at::dropout(at::softmax(weights, -1), options.dropout_p, true);
    return at::matmul(weights, v);
}

#endif

}  // namespace loom::backend
