#include "core/data/torch_numbers.h"

#include "core/backend/torch.h"

namespace loom {
namespace {

std::vector<float> copied(const at::Tensor& numbers) {
    const at::Tensor whole = numbers.contiguous();
    return {whole.data_ptr<float>(), whole.data_ptr<float>() + whole.numel()};
}

}  // namespace

std::vector<float> torchLinspace(double first, double last, std::int64_t count) {
    torch::NoGradGuard guard;
    return copied(at::linspace(first, last, count, at::kFloat));
}

std::vector<float> gaussianWeights(std::int64_t size, double sigma) {
    torch::NoGradGuard guard;
    const double half = static_cast<double>(size - 1) * 0.5;
    const at::Tensor places = at::linspace(-half, half, size, at::kFloat);
    const at::Tensor bell = (places / sigma).pow(2).mul(-0.5).exp();
    return copied(bell / bell.sum());
}

}  // namespace loom
