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

std::vector<float> torchConvolution(const Convolution& convolution, const PixelRows<float>& plane,
                                    bool mirrored) {
    torch::NoGradGuard guard;
    const auto view = [](const float* values, std::size_t height, std::size_t width) {
        return at::from_blob(
            const_cast<float*>(values),
            {1, 1, static_cast<std::int64_t>(height), static_cast<std::int64_t>(width)},
            at::kFloat);
    };
    at::Tensor picture = view(plane.values, plane.height, plane.width);
    if (mirrored) {
        const auto x = static_cast<std::int64_t>(convolution.width / 2);
        const auto y = static_cast<std::int64_t>(convolution.height / 2);
        picture = at::reflection_pad2d(picture, {x, x, y, y});
    }
    return copied(at::conv2d(
        picture, view(convolution.weights.data(), convolution.height, convolution.width)));
}

}  // namespace loom
