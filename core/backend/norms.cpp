#include "core/backend/norms.h"

#include <limits>
#include <utility>

namespace loom::backend {

LayerNorm::LayerNorm(std::vector<std::int64_t> given, double epsilon, bool affine, bool withBias)
    : shape(std::move(given)), eps(epsilon) {
    if (affine) weight = register_parameter("weight", at::ones(shape));
    if (affine && withBias) bias = register_parameter("bias", at::zeros(shape));
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
    return at::layer_norm(x, shape, weight, bias, eps);
}

RmsNorm::RmsNorm(std::vector<std::int64_t> given, std::optional<double> epsilon, bool affine)
    : shape(std::move(given)), eps(epsilon) {
    if (affine) weight = register_parameter("weight", at::ones(shape));
}

at::Tensor RmsNorm::forward(const at::Tensor& x) const {
    const double added =
        eps.value_or(x.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                                    : std::numeric_limits<float>::epsilon());
    std::vector<std::int64_t> sides;
    for (std::int64_t i = 1; i <= static_cast<std::int64_t>(shape.size()); ++i)
        sides.push_back(x.dim() - i);
    const at::Tensor reciprocal = at::rsqrt(at::mean(at::pow(x, 2), sides, true).add_(added));
    const at::Tensor y = x.mul(reciprocal);
    return weight.defined() ? y.mul(weight) : y;
}

}  // namespace loom::backend
