#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/dataset.h"
#include "core/data/pictures/picture.h"
#include "core/exchange/weights.h"
#include "core/train/plan.h"
#include "core/train/run_log.h"
#include "core/train/run_orders.h"

namespace loom {

/// What the network saw in one batch: the first samples of it, for the eye.
struct BatchSnapshot {
    std::int64_t step = 0;
    std::int64_t epoch = 0;  ///< from 0, as in `sampleSeed`
    /// What was done to the batch as a whole: "MixUp, λ 0.31"; empty for nothing. Inputs are shown
    /// after it.
    std::string mixing;
    struct Item {
        TensorSample input;      ///< after all transforms
        std::int64_t index = 0;  ///< in TrainingSession::trainingData
        std::int64_t label = 0;
        std::int64_t predicted = -1;  ///< -1: the loss has no classes
        std::vector<float> answer;    ///< numbers to be learned; empty: there is a class
    };
    std::vector<Item> items;
};

/// What a block had learned after an epoch, from 1; 0: before the first.
struct EpochWeights {
    std::int64_t epoch = 0;
    Weights weights;
};
/// The most numbers of a block whose history is kept.
inline constexpr std::int64_t kFewNumbers = 16;

/// Runs one training plan on its own thread and writes down everything that happens.
///
/// Owns:    the network and optimizer; callers only ever receive copies of weights.
/// Threads: construct, control and destroy on one thread; the log may be read from any.
/// Errors:  never throws once started. Whatever goes wrong becomes a `Failed` event that names the
/// block.
class TrainingSession {
public:
    enum class State { Ready, Starting, Running, Pausing, Paused, Stopping, Ended };

    explicit TrainingSession(std::shared_ptr<const TrainingPlan> plan);
    /// Stops and waits for the batch in hand.
    ~TrainingSession();

    void start();
    /// Takes effect after the batch in hand.
    void pause();
    void resume();
    /// While paused (or ready): runs this many batches, then pauses again.
    void stepBatches(std::int64_t count = 1);
    /// While paused (or ready): goes on to the end of the epoch, its passes included, then pauses
    /// again.
    void stepEpoch();
    /// Takes effect after the batch in hand; what was learned is saved.
    void stop();
    /// Learning rate from the next batch on, written down as an event; the schedule ends with it.
    void setLearningRate(double rate);

    State state() const;
    /// Waits until the run has ended.
    void wait();
    /// "finished", "stopped", "diverged", "failed"; empty before the end.
    std::string status() const;

    const RunLog& log() const;
    const TrainingPlan& plan() const;
    /// The latest batch shown, refreshed a few times a second, and the last one of all when the run
    /// pauses or ends; null before the first.
    std::shared_ptr<const BatchSnapshot> lastBatch() const;
    /// The training set as the run draws from it, parts taken; null before it is open.
    std::shared_ptr<const Dataset> trainingData() const;
    /// Which samples of `trainingData` step `step` (from 1) of this session took, in their order,
    /// and in which epoch; with their seeds anyone can make the batch again. The latest epochs are
    /// kept, some 16 million samples.
    Result<BatchMembers> samplesOf(std::int64_t step) const;
    /// A copy of the weights between two steps: after the end the final ones. Waits for the batch
    /// in hand at most. Fails before the first network exists.
    Result<Weights> weights() const;
    /// The weights of a block of few numbers, under their names within it, as each epoch of this
    /// session left them, and before as its first one found them. Empty for larger blocks.
    std::vector<EpochWeights> historyOf(const NodeId& block) const;
    /// Where the run was written; empty when nothing is.
    std::string runFolder() const;

private:
    struct State_;
    std::unique_ptr<State_> m_state;
};

std::string toText(TrainingSession::State state);

}  // namespace loom
