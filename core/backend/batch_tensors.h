#pragma once

#include <functional>

#include "core/backend/compiled_network.h"
#include "core/backend/loss.h"
#include "core/data/loader.h"
#include "core/project/project.h"
#include "core/train/session.h"

namespace loom::backend {

/// N×(dims), float32, in memory of its own; with several views of each sample (N·views)×(dims).
at::Tensor inputTensor(const Batch& batch);
at::Tensor labelTensor(const Batch& batch);

/// The network's answer for each sample: with several views of it the mean over them, as
/// torchvision's FiveCrop documentation does it: `output.view(N, views, -1).mean(1)`.
at::Tensor forwardViews(CompiledNetwork& network, const at::Tensor& input, std::int64_t views);

/// What the loss compares `output` with: the batch's classes in the form the loss takes, its
/// numbers in the size of one answer, or, of an autoencoder, `input` itself. The second value says
/// whether classes are the answers, so that there is an accuracy.
struct Target {
    at::Tensor tensor;
    bool classes = true;
};
Target targetOf(const Batch& batch, const DataSection& data, const BuiltLoss& loss,
                const at::Tensor& input, const at::Tensor& output);

/// The first samples of a batch as the network received them in `input`, with what it took them
/// for; `predicted`: a class each, or undefined where the answers are no classes.
std::shared_ptr<BatchSnapshot> snapshot(const Batch& batch, const at::Tensor& input,
                                        const at::Tensor& predicted, std::int64_t step);

struct TestResult {
    double loss = 0;
    double accuracy = 0;
    std::int64_t samples = 0;
    std::vector<SkippedSample> skipped = {};
    bool stopped = false;
};

/// Loss and accuracy over a whole pass, in eval mode and without gradients. `goOn` is asked between
/// batches.
Result<TestResult> testPass(CompiledNetwork& network, const BuiltLoss& loss,
                            const DataSection& data, Loader& loader, at::Device device,
                            const std::function<bool()>& goOn = {});

}  // namespace loom::backend
