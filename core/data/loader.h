#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"

namespace loom {

/// A sample that was left out of its batch because it could not be prepared.
struct SkippedSample {
    std::int64_t index = 0;
    Error error;  ///< names the file
};

/// A mini-batch in plain memory: `inputs` is N×(dims), row-major; with several views of each sample
/// (N·views)×(dims), the views of one sample beside each other.
struct Batch {
    std::vector<std::int64_t> dims;  ///< of one sample
    std::int64_t views = 1;
    std::vector<float> inputs;
    std::vector<std::int64_t> labels;
    std::vector<float> answers;  ///< N×(numbers per answer); empty where classes are the answers
    std::vector<std::int64_t> indices;   ///< where in the data set each came from
    std::vector<SkippedSample> skipped;  ///< what this batch would have held besides
    std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

struct LoaderOptions {
    std::vector<std::int64_t> order;  ///< sample indices of this pass, as the sampler drew them
    std::int64_t batchSize = 64;
    bool dropLast = false;
    int workers = 1;         ///< threads that prepare batches; 0: the caller's own
    int prefetchFactor = 2;  ///< batches that may wait per worker
    std::uint64_t seed = 0;  ///< for the random transforms, with epoch and index
    std::uint64_t epoch = 0;
    std::int64_t skipBatches = 0;  ///< batches of `order` already done, on resume
};

/// One pass over a data set in mini-batches, prepared ahead by worker threads.
///
/// Threads: next() on one thread. Whatever the number of workers, the batches are the same bits in
///          the same order; at most workers × prefetchFactor wait.
/// Errors:  next() returns the first failing sample's error, naming its file.
class Loader {
public:
    Loader(std::shared_ptr<const Dataset> dataset, Pipeline pipeline, LoaderOptions options);
    ~Loader();
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    /// Of the whole pass, skipped ones included.
    std::int64_t batches() const;
    /// The next batch; a batch of size 0 when the pass is over.
    Result<Batch> next();
    /// Seconds next() has spent waiting for data.
    double waitedSeconds() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// A single sample through the pipeline as a loader would deliver it.
Result<TensorSample> prepareSample(const Dataset& dataset, const Pipeline& pipeline,
                                   std::int64_t index, std::uint64_t seed, std::uint64_t epoch);

}  // namespace loom
