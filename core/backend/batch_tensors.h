#pragma once

#include <functional>

#include "core/backend/compiled_network.h"
#include "core/data/loader.h"
#include "core/train/session.h"

namespace loom::backend {

/// N×(dims), float32, in memory of its own.
at::Tensor inputTensor(const Batch& batch);
at::Tensor labelTensor(const Batch& batch);

/// The first samples of a batch with what the network took them for.
std::shared_ptr<const BatchSnapshot> snapshot(const Batch& batch, const at::Tensor& predicted,
                                              std::int64_t step);

struct TestResult {
    double loss = 0;
    double accuracy = 0;
    std::int64_t samples = 0;
    bool stopped = false;
};

/// Loss and accuracy over a whole pass, in eval mode and without gradients. `goOn` is asked between
/// batches.
Result<TestResult> testPass(CompiledNetwork& network, const BuiltLoss& loss, Loader& loader,
                            at::Device device, const std::function<bool()>& goOn = {});

}  // namespace loom::backend
