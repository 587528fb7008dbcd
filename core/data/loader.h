#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/data_cache.h"
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
    std::vector<std::int64_t> indices;  ///< where in the data set each came from
    /// What this batch would have held besides, and the batches before it of which nothing was
    /// left.
    std::vector<SkippedSample> skipped;
    std::int64_t number = 0;  ///< its place in the pass; a resumed pass skips number + 1 batches
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
    double timeout = 0;  ///< seconds that next() waits for workers; 0: as long as it takes
    std::shared_ptr<DataCache> cache = {};  ///< of this data set, shared by the passes of a run
};

/// One pass over a data set in mini-batches, prepared ahead by worker threads.
///
/// A sample that cannot be read or transformed is left out and listed in Batch::skipped. A batch of
/// which nothing is left is not handed out; its list comes with the next one.
///
/// Memory:  at most workers × prefetchFactor batches are in work or waiting (one without workers),
///          besides those handed out; a batch takes batchSize × (numbers of a sample) × 4 bytes.
/// Threads: next() and giveBack() on one thread. Whatever the number of workers, the batches are
///          the same bits in the same order.
/// Errors:  samples of different sizes; no tensor at the end of the transforms; a pass of which not
///          one sample could be prepared (names the first); timeout (names the slow sample).
class Loader {
public:
    Loader(std::shared_ptr<const Dataset> dataset, Pipeline pipeline, LoaderOptions options);
    ~Loader();
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    /// Of the whole pass, skipped ones included.
    std::int64_t batches() const;
    /// The next batch; a batch of size 0 when the pass is over, which may still list skipped
    /// samples.
    Result<Batch> next();
    /// A batch that is done with, whose memory then serves a later one.
    void giveBack(Batch batch);
    /// Seconds next() has spent waiting for data.
    double waitedSeconds() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// A single sample through the pipeline as a loader would deliver it; `trace` as in
/// Pipeline::apply.
Result<TensorSample> prepareSample(const Dataset& dataset, const Pipeline& pipeline,
                                   std::int64_t index, std::uint64_t seed, std::uint64_t epoch,
                                   std::vector<std::string>* trace = nullptr);

}  // namespace loom
