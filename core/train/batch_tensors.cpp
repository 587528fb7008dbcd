#include "core/backend/batch_tensors.h"

#include <cmath>
#include <cstring>

namespace loom::backend {

at::Tensor inputTensor(const Batch& batch) {
    std::vector<std::int64_t> dims = batch.dims;
    dims.insert(dims.begin(), batch.size());
    // A copy, because torch's own memory is aligned and outlives the batch.
    at::Tensor tensor = at::empty(dims, at::kFloat);
    std::memcpy(tensor.data_ptr<float>(), batch.inputs.data(), batch.inputs.size() * sizeof(float));
    return tensor;
}

at::Tensor labelTensor(const Batch& batch) {
    at::Tensor tensor = at::empty({batch.size()}, at::kLong);
    std::memcpy(tensor.data_ptr<std::int64_t>(), batch.labels.data(),
                batch.labels.size() * sizeof(std::int64_t));
    return tensor;
}

Target targetOf(const Batch& batch, const DataSection& data, const BuiltLoss& loss,
                const at::Tensor& input, const at::Tensor& output) {
    if (data.targetIsInput) return {input, false};
    if (batch.answers.empty())
        return {loss.target(labelTensor(batch).to(output.device()), output), true};
    const std::int64_t each =
        static_cast<std::int64_t>(batch.answers.size()) / std::max<std::int64_t>(batch.size(), 1);
    at::Tensor tensor = at::empty({batch.size(), each}, at::kFloat);
    std::memcpy(tensor.data_ptr<float>(), batch.answers.data(),
                batch.answers.size() * sizeof(float));
    return {tensor.view_as(output).to(output.device()), false};
}

std::shared_ptr<const BatchSnapshot> snapshot(const Batch& batch, const at::Tensor& predicted,
                                              std::int64_t step) {
    const at::Tensor classes =
        predicted.defined() ? predicted.to(at::kCPU).contiguous() : predicted;
    auto shown = std::make_shared<BatchSnapshot>();
    shown->step = step;
    std::size_t length = 1;
    for (std::int64_t side : batch.dims) length *= static_cast<std::size_t>(side);
    const std::size_t count = std::min<std::size_t>(batch.labels.size(), 12);
    for (std::size_t i = 0; i < count; ++i) {
        const auto begin = batch.inputs.begin() + static_cast<std::ptrdiff_t>(i * length);
        BatchSnapshot::Item item;
        item.input = {batch.dims,
                      std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(length))};
        item.index = batch.indices[i];
        item.label = batch.labels[i];
        if (classes.defined()) item.predicted = classes.data_ptr<std::int64_t>()[i];
        shown->items.push_back(std::move(item));
    }
    return shown;
}

Result<TestResult> testPass(CompiledNetwork& network, const BuiltLoss& loss,
                            const DataSection& data, Loader& loader, at::Device device,
                            const std::function<bool()>& goOn) {
    torch::NoGradGuard guard;
    network.root().eval();
    TestResult result;
    std::int64_t correct = 0;
    bool classes = true;
    while (true) {
        if (goOn && !goOn()) {
            result.stopped = true;
            return result;
        }
        auto batch = loader.next();
        if (!batch) return batch.error();
        if (batch->size() == 0) break;
        const at::Tensor input = inputTensor(*batch).to(device);
        const at::Tensor output = network.forward(input);
        const Target target = targetOf(*batch, data, loss, input, output);
        const double value = loss.forward(output, target.tensor).item<double>();
        result.loss += loss.sums ? value : value * static_cast<double>(batch->size());
        classes = classes && target.classes;
        if (classes)
            correct +=
                loss.classes(output).eq(labelTensor(*batch).to(device)).sum().item<std::int64_t>();
        result.samples += batch->size();
    }
    if (result.samples > 0) {
        result.loss /= static_cast<double>(result.samples);
        result.accuracy = classes
                              ? static_cast<double>(correct) / static_cast<double>(result.samples)
                              : std::nan("");
    }
    return result;
}

}  // namespace loom::backend
