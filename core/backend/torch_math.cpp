#include "core/data/transforms/torch_math.h"

#include <ATen/CPUGeneratorImpl.h>

#include <array>
#include <map>

#include "core/backend/torch.h"
#include "core/backend/torch_version.h"
#if TORCH_VERSION_MAJOR >= 2
#include <ATen/Version.h>
#endif

/// Of the OpenMP library that LibTorch computes with; its header comes with one compiler only.
extern "C" void omp_set_num_threads(int count);

namespace loom {
namespace {

/// A tensor over numbers that live elsewhere.
at::Tensor over(const std::vector<float>& values, std::int64_t rows) {
    const auto count = static_cast<std::int64_t>(values.size());
    return at::from_blob(const_cast<float*>(values.data()), {rows, count / rows}, at::kFloat);
}

std::vector<float> numbersOf(const at::Tensor& tensor) {
    const at::Tensor whole = tensor.contiguous();
    return {whole.data_ptr<float>(), whole.data_ptr<float>() + whole.numel()};
}

/// Lets PyTorch compute on this thread alone, as in a worker of Python's DataLoader: where its
/// threads share a tensor out decides the last bits of what is scaled.
class OneThread {
public:
    OneThread() : m_before(at::get_num_threads()) { omp_set_num_threads(1); }
    ~OneThread() { omp_set_num_threads(m_before); }
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

private:
    int m_before;
};

using Resizing = at::Tensor (*)(const at::Tensor& input, at::IntArrayRef size, bool antialias);

/// As `"AVX2" in torch.backends.cpu.get_cpu_capability()`; 1.13 scales no bytes with it.
bool usesAvx2() {
#if TORCH_VERSION_MAJOR >= 2
    return at::get_cpu_capability() == "AVX2";
#else
    return false;
#endif
}

/// What `torch.nn.functional.interpolate` calls; corners are not aligned.
const std::map<std::string, Resizing> kResizes = {
    {"nearest", [](const at::Tensor& input, at::IntArrayRef size,
                   bool) { return at::upsample_nearest2d(input, size); }},
    {"nearest-exact", [](const at::Tensor& input, at::IntArrayRef size,
                         bool) { return at::_upsample_nearest_exact2d(input, size); }},
    {"bilinear",
     [](const at::Tensor& input, at::IntArrayRef size, bool antialias) {
         return antialias ? at::_upsample_bilinear2d_aa(input, size, false)
                          : at::upsample_bilinear2d(input, size, false);
     }},
    {"bicubic", [](const at::Tensor& input, at::IntArrayRef size, bool antialias) {
         return antialias ? at::_upsample_bicubic2d_aa(input, size, false)
                          : at::upsample_bicubic2d(input, size, false);
     }}};

}  // namespace

float torchExp(float x) {
    return at::exp(at::full({1}, x)).item<float>();
}

float torchLog(float x) {
    // Two numbers, as torchvision takes the logarithm of a range.
    return at::log(at::full({2}, x))[0].item<float>();
}

std::vector<float> torchNormals(std::int64_t count, TorchRandom& random) {
    constexpr std::int64_t kBlock = 16;
    std::vector<float> made;
    if (count < kBlock) {
        for (std::int64_t i = 0; i < count; ++i) made.push_back(random.normal());
        return made;
    }
    at::Generator generator = at::detail::createCPUGenerator(random.engine().seed());
    auto* engine = at::check_generator<at::CPUGeneratorImpl>(generator);
    for (std::uint64_t i = 0; i < random.engine().drawn(); ++i) engine->random();
    made = numbersOf(at::empty({count}, at::kFloat).normal_(0, 1, generator));
    // One word a number, and a last block of its own where they do not come out even.
    const std::int64_t used = count + (count % kBlock == 0 ? 0 : kBlock);
    for (std::int64_t i = 0; i < used; ++i) random.next();
    return made;
}

std::vector<float> torchProduct(const std::vector<float>& row, const std::vector<float>& matrix) {
    if (row.empty()) return {};
    torch::NoGradGuard guard;
    return numbersOf(at::mm(over(row, 1), over(matrix, static_cast<std::int64_t>(row.size()))));
}

std::vector<float> torchLinspace(double first, double last, std::int64_t count) {
    torch::NoGradGuard guard;
    return numbersOf(at::linspace(first, last, count, at::kFloat));
}

std::vector<float> gaussianWeights(std::int64_t size, double sigma) {
    torch::NoGradGuard guard;
    const double half = static_cast<double>(size - 1) * 0.5;
    const at::Tensor places = at::linspace(-half, half, size, at::kFloat);
    const at::Tensor bell = (places / sigma).pow(2).mul(-0.5).exp();
    return numbersOf(bell / bell.sum());
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
    return numbersOf(at::conv2d(
        picture, view(convolution.weights.data(), convolution.height, convolution.width)));
}

bool resizesTensors(const std::string& interpolation) {
    return kResizes.contains(interpolation);
}

TensorSample torchResized(const TensorSample& tensor, std::int64_t height, std::int64_t width,
                          const std::string& interpolation, bool antialias) {
    torch::NoGradGuard guard;
    const OneThread alone;
    const std::int64_t channels = tensor.dims[0];
    const at::Tensor input =
        at::from_blob(const_cast<float*>(tensor.values.data()),
                      {1, channels, tensor.dims[1], tensor.dims[2]}, at::kFloat);
    const std::array<std::int64_t, 2> size = {height, width};
    return {{channels, height, width},
            numbersOf(kResizes.at(interpolation)(input, size, antialias))};
}

Picture torchResized(const Picture& bytes, std::int64_t height, std::int64_t width,
                     const std::string& interpolation, bool antialias) {
    torch::NoGradGuard guard;
    const OneThread alone;
    const std::int64_t c = bytes.channels, h = bytes.height, w = bytes.width;
    // The channels lie innermost, as ToImage leaves them.
    at::Tensor input = at::from_blob(const_cast<std::uint8_t*>(bytes.pixels.data()), {1, c, h, w},
                                     {c * h * w, 1, w * c, c}, at::kByte);
    const bool nearest = interpolation.starts_with("nearest");
    // Which bytes are scaled as bytes is torchvision's choice, since PyTorch can.
    const bool native =
        nearest || (backend::torchSince(2, 1) && (interpolation == "bicubic" || usesAvx2()));
    if (!native) input = input.to(at::kFloat);
    const std::array<std::int64_t, 2> size = {height, width};
    at::Tensor made = kResizes.at(interpolation)(input, size, antialias);
    if (!native) {
        if (interpolation == "bicubic") made = made.clamp(0, 255);
        made = made.round().to(at::kByte);
    }
    made = made[0].permute({1, 2, 0}).contiguous();
    const auto* first = made.data_ptr<std::uint8_t>();
    return {static_cast<int>(width),
            static_cast<int>(height),
            bytes.channels,
            {first, first + made.numel()}};
}

std::vector<float> leastSquares(const std::vector<double>& a, const std::vector<double>& b,
                                std::size_t columns) {
    torch::NoGradGuard guard;
    const auto rows = static_cast<std::int64_t>(b.size());
    const at::Tensor matrix =
        torch::tensor(a, at::kDouble).view({rows, static_cast<std::int64_t>(columns)});
    const at::Tensor right = torch::tensor(b, at::kDouble).view({rows, 1});
    try {
        const at::Tensor found =
            std::get<0>(at::linalg_lstsq(matrix, right, c10::nullopt, "gels")).view(-1);
        return numbersOf(found.slice(0, 0, static_cast<std::int64_t>(columns)).to(at::kFloat));
    } catch (const c10::Error&) {
        return {};  // the matrix has not full rank
    }
}

}  // namespace loom
