#include "core/data/transforms/elastic.h"

#include <algorithm>

#include "core/backend/torch.h"

namespace loom {
namespace {

/// The odd side of the kernel that torchvision takes for a sigma; 0: no smoothing.
std::int64_t kernelSide(double sigma) {
    if (sigma <= 0) return 0;
    const auto side = static_cast<std::int64_t>(8 * sigma + 1);
    return side % 2 == 0 ? side + 1 : side;
}

at::Tensor bell(std::int64_t side, double sigma) {
    const double half = static_cast<double>(side - 1) * 0.5;
    const at::Tensor pdf = (at::linspace(-half, half, side) / sigma).pow(2).mul(-0.5).exp();
    return pdf / pdf.sum();
}

/// One axis of the displacement, 1×1×H×W.
at::Tensor displacement(const std::vector<float>& drawn, std::int64_t height, std::int64_t width,
                        const Bending& bending, std::size_t axis) {
    at::Tensor d =
        at::from_blob(const_cast<float*>(drawn.data()), {1, 1, height, width}, at::kFloat) * 2 - 1;
    if (const std::int64_t side = kernelSide(bending.sigma[axis]); side > 0) {
        const at::Tensor kernel = at::mm(bell(side, bending.sigma[1]).unsqueeze(1),
                                         bell(side, bending.sigma[0]).unsqueeze(0));
        const std::int64_t pad = side / 2;
        d = at::conv2d(at::reflection_pad2d(d, {pad, pad, pad, pad}),
                       kernel.expand({1, 1, side, side}));
    }
    return d * bending.alpha[axis] / (axis == 0 ? height : width);
}

at::Tensor identityGrid(std::int64_t height, std::int64_t width) {
    const auto places = [](std::int64_t side) {
        const auto s = static_cast<double>(side);
        return at::linspace((-s + 1) / s, (s - 1) / s, side);
    };
    const auto grid = at::meshgrid({places(height), places(width)}, "ij");
    return at::stack({grid[1], grid[0]}, -1).unsqueeze(0);
}

/// 1×C×H×W, sampled where the grid says; what it does not reach gets the fill.
at::Tensor sampled(at::Tensor image, const at::Tensor& grid, const Bending& bending) {
    const bool nearest = bending.interpolation == "nearest";
    const at::Tensor mask = at::ones({1, 1, image.size(2), image.size(3)});
    const at::Tensor both =
        at::grid_sampler(at::cat({image, mask}, 1), grid, nearest ? 1 : 0, 0, false);
    const std::int64_t channels = image.size(1);
    image = both.narrow(1, 0, channels);
    const at::Tensor seen = both.narrow(1, channels, 1).expand_as(image);
    const at::Tensor fill = at::full({1, 1, 1, 1}, bending.fill, at::kFloat).expand_as(image);
    if (nearest) return at::where(seen < 0.5, fill, image);
    return image * seen + (1.0 - seen) * fill;
}

}  // namespace

std::int64_t Bending::reach() const {
    return std::max(kernelSide(sigma[0]), kernelSide(sigma[1])) / 2;
}

SampleInput bent(const SampleInput& input, const Bending& bending, const std::vector<float>& x,
                 const std::vector<float>& y) {
    torch::NoGradGuard guard;
    const auto* picture = std::get_if<Picture>(&input);
    at::Tensor image;
    if (picture)
        image = at::from_blob(const_cast<std::uint8_t*>(picture->pixels.data()),
                              {picture->height, picture->width, picture->channels}, at::kByte)
                    .permute({2, 0, 1})
                    .to(at::kFloat);
    else
        image = at::from_blob(const_cast<float*>(std::get<TensorSample>(input).values.data()),
                              std::get<TensorSample>(input).dims, at::kFloat);
    image = image.contiguous();
    const std::int64_t height = image.size(1), width = image.size(2);
    const at::Tensor moved = at::cat({displacement(x, height, width, bending, 0),
                                      displacement(y, height, width, bending, 1)},
                                     1)
                                 .permute({0, 2, 3, 1});
    at::Tensor made =
        sampled(image.unsqueeze(0), identityGrid(height, width) + moved, bending).squeeze(0);
    if (picture) {
        made = at::round(made).to(at::kByte).permute({1, 2, 0}).contiguous();
        Picture out = *picture;
        std::copy_n(made.data_ptr<std::uint8_t>(), out.pixels.size(), out.pixels.begin());
        return out;
    }
    TensorSample out = std::get<TensorSample>(input);
    made = made.contiguous();
    std::copy_n(made.data_ptr<float>(), out.values.size(), out.values.begin());
    return out;
}

}  // namespace loom
