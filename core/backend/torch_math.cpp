#include "core/data/torch_math.h"

#include <ATen/CPUGeneratorImpl.h>

#include "core/backend/torch.h"

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

}  // namespace loom
