#include "core/backend/batch_tensors.h"

#include <cmath>
#include <cstring>

namespace loom::backend {

at::Tensor inputTensor(const Batch& batch) {
    std::vector<std::int64_t> dims = batch.dims;
    dims.insert(dims.begin(), batch.size() * batch.views);
    // A copy, because torch's own memory is aligned and outlives the batch.
    at::Tensor tensor = at::empty(dims, at::kFloat);
    std::memcpy(tensor.data_ptr<float>(), batch.inputs.data(), batch.inputs.size() * sizeof(float));
    return tensor;
}

at::Tensor forwardViews(CompiledNetwork& network, const at::Tensor& input, std::int64_t views) {
    const at::Tensor output = network.forward(input);
    if (views == 1) return output;
    std::vector<std::int64_t> sizes = output.sizes().vec();
    sizes[0] /= views;
    sizes.insert(sizes.begin() + 1, views);
    return output.view(sizes).mean(1);
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

std::shared_ptr<BatchSnapshot> snapshot(const Batch& batch, const at::Tensor& input,
                                        const at::Tensor& predicted, std::int64_t step) {
    const at::Tensor classes =
        predicted.defined() ? predicted.to(at::kCPU).contiguous() : predicted;
    const std::int64_t count = std::min<std::int64_t>(batch.size(), 12);
    const at::Tensor values = input.slice(0, 0, count * batch.views).to(at::kCPU).contiguous();
    auto shown = std::make_shared<BatchSnapshot>();
    shown->step = step;
    const std::int64_t length = count > 0 ? values.numel() / (count * batch.views) : 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const auto place = static_cast<std::size_t>(i);
        // Of several views the first.
        const float* begin = values.data_ptr<float>() + i * batch.views * length;
        BatchSnapshot::Item item;
        item.input = {batch.dims, std::vector<float>(begin, begin + length)};
        item.index = batch.indices[place];
        item.label = batch.labels[place];
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
        result.skipped.insert(result.skipped.end(), batch->skipped.begin(), batch->skipped.end());
        if (batch->size() == 0) break;
        const at::Tensor input = inputTensor(*batch).to(device);
        const at::Tensor output = forwardViews(network, input, batch->views);
        const Target target = targetOf(*batch, data, loss, input, output);
        const double value = loss.forward(output, target.tensor).item<double>();
        result.loss += loss.sums ? value : value * static_cast<double>(batch->size());
        classes = classes && target.classes;
        if (classes)
            correct +=
                loss.classes(output).eq(labelTensor(*batch).to(device)).sum().item<std::int64_t>();
        result.samples += batch->size();
        loader.giveBack(std::move(*batch));
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
