#include "core/backend/batch_tensors.h"

#include <algorithm>
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

bool answersAreClasses(const Batch& batch, const DataSection& data) {
    return !data.targetIsInput && batch.answers.empty();
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
        const auto numbers = static_cast<std::ptrdiff_t>(batch.answers.size() / batch.labels.size());
        const auto answer = batch.answers.begin() + static_cast<std::ptrdiff_t>(place) * numbers;
        item.answer.assign(answer, answer + numbers);
        if (classes.defined()) item.predicted = classes.data_ptr<std::int64_t>()[i];
        shown->items.push_back(std::move(item));
    }
    return shown;
}

double lossNumber(const BuiltLoss& loss, const at::Tensor& given) {
    return (loss.each ? given.mean() : given).item<double>();
}

BatchFigures countBatch(const BuiltLoss& loss, const Batch& batch, bool classes, bool mixed) {
    BatchFigures figures;
    figures.classes = classes;
    figures.samples = figures.counted = batch.size();
    const bool byClass = classes && !mixed;
    if (byClass && loss.ignored)
        figures.counted -= std::count(batch.labels.begin(), batch.labels.end(), *loss.ignored);
    figures.weight = byClass && loss.meanWeight ? loss.meanWeight(batch.labels)
                                                : static_cast<double>(figures.samples);
    return figures;
}

std::int64_t countCorrect(const BuiltLoss& loss, const BatchFigures& figures,
                          const at::Tensor& predicted, const at::Tensor& labels) {
    at::Tensor right = predicted.eq(labels);
    if (figures.counted < figures.samples) right = right.logical_and(labels.ne(*loss.ignored));
    return right.sum().item<std::int64_t>();
}

Result<TestResult> testPass(CompiledNetwork& network, const BuiltLoss& loss,
                            const DataSection& data, Loader& loader, at::Device device,
                            const TestPassOptions& options) {
    torch::NoGradGuard guard;
    network.root().eval();
    TestResult result;
    result.tally.sums = loss.sums;
    while (true) {
        if (options.goOn && !options.goOn()) {
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
        BatchFigures figures = countBatch(loss, *batch, target.classes);
        figures.loss = lossNumber(loss, loss.forward(output, target.tensor));
        at::Tensor predicted;
        if (target.classes) {
            predicted = loss.classes(output);
            figures.correct =
                countCorrect(loss, figures, predicted, labelTensor(*batch).to(device));
        }
        result.tally.add(figures);
        if (options.tell)
            if (const Status told = options.tell({*batch, output, target, predicted}); !told)
                return told.error();
        loader.giveBack(std::move(*batch));
    }
    return result;
}

}  // namespace loom::backend
