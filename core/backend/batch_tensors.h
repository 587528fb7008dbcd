#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/backend/compiled_network.h"
#include "core/backend/loss.h"
#include "core/backend/tally.h"
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
bool answersAreClasses(const Batch& batch, const DataSection& data);
Target targetOf(const Batch& batch, const DataSection& data, const BuiltLoss& loss,
                const at::Tensor& input, const at::Tensor& output);

/// What the criterion gave, as one number: with reduction none the mean over all it gave.
double lossNumber(const BuiltLoss& loss, const at::Tensor& given);

/// How many samples of a batch count and by what the mean of their losses is divided; loss and
/// correct ones are not known yet. `classes`: its labels are the answers; `mixed`: as shares of
/// several classes, which leave none out.
BatchFigures countBatch(const BuiltLoss& loss, const Batch& batch, bool classes,
                        bool mixed = false);
/// Of the samples that count those whose predicted class is their label's.
std::int64_t countCorrect(const BuiltLoss& loss, const BatchFigures& figures,
                          const at::Tensor& predicted, const at::Tensor& labels);

/// The first samples of a batch as the network received them in `input`, with what it took them
/// for; `predicted`: a class each, or undefined where the answers are no classes.
std::shared_ptr<BatchSnapshot> snapshot(const Batch& batch, const at::Tensor& input,
                                        const at::Tensor& predicted, std::int64_t step);

struct TestResult {
    Tally tally;
    std::vector<SkippedSample> skipped = {};
    bool stopped = false;
};

/// A batch of a test pass with what the network made of it; `predicted` is undefined where the
/// answers are no classes.
struct TestedBatch {
    const Batch& batch;
    const at::Tensor& output;
    const Target& target;
    const at::Tensor& predicted;
};

struct TestPassOptions {
    std::function<bool()> goOn = {};  ///< asked between batches
    std::function<Status(const TestedBatch&)> tell = {};
};

/// Loss and accuracy over a whole pass, in eval mode and without gradients.
Result<TestResult> testPass(CompiledNetwork& network, const BuiltLoss& loss,
                            const DataSection& data, Loader& loader, at::Device device,
                            const TestPassOptions& options = {});

}  // namespace loom::backend
