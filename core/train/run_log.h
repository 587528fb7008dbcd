#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

namespace loom {

inline constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

/// One thing that happened in a run: plain numbers, never tensors.
struct RunEvent {
    enum class Type {
        Start,
        Step,
        Epoch,
        Skipped,
        Paused,
        Resumed,
        Message,
        Diverged,
        Failed,
        Finish
    };
    Type type = Type::Message;
    std::int64_t step = 0;   ///< from 1: steps done
    std::int64_t epoch = 0;  ///< from 1: the epoch this belongs to
    double wallTime = 0;     ///< seconds since 1970
    double elapsed = 0;      ///< seconds of training, pauses left out
    // Step
    double loss = kNoNumber;  ///< what the criterion gave; NaN where nothing in the batch counts
    double accuracy = kNoNumber;  ///< of this batch, 0..1; NaN when the loss has no classes
    double lr = kNoNumber;
    // Epoch
    double trainLoss = kNoNumber;
    double trainAccuracy = kNoNumber;
    double testLoss = kNoNumber;
    double testAccuracy = kNoNumber;
    double validationLoss = kNoNumber;  ///< where a part of the training set is held back for it
    double validationAccuracy = kNoNumber;
    bool validated = false;  ///< there is a validation set, whatever its numbers are
    double seconds = 0;      ///< of this epoch, its test pass included
    // The losses above are what the criterion gives for the whole set in one batch. Beside them:
    double trainLossSum = kNoNumber;  ///< of the losses of the batches, as courses print it
    double testLossSum = kNoNumber;
    double validationLossSum = kNoNumber;
    // Only where the criterion sums (`reduction`): divided by the samples that count.
    double lossPerSample = kNoNumber;  ///< Step
    double trainLossPerSample = kNoNumber;
    double testLossPerSample = kNoNumber;
    double validationLossPerSample = kNoNumber;
    // Start
    std::int64_t totalSteps = 0;
    std::int64_t stepsPerEpoch = 0;
    std::int64_t epochs = 0;
    // Skipped: one for every sample left out, the first time it is met; `message` names its file
    std::int64_t sample = -1;  ///< in the data set
    std::int64_t skipped = 0;  ///< how many different ones so far
    // Finish: "finished", "stopped", "diverged", "failed"
    std::string status;
    std::string message;  ///< a sentence; Diverged names the first bad block
    std::string hint;
    std::string node;  ///< Diverged, Failed: the block, when there is one
    double samplesPerSecond = kNoNumber;
    double dataWaitSeconds = 0;

    // Epoch: what the run is judged by, the validation set where there is one.
    bool hasValidation() const { return validated || validationLoss == validationLoss; }
    double judgedLoss() const { return hasValidation() ? validationLoss : testLoss; }
    double judgedAccuracy() const { return hasValidation() ? validationAccuracy : testAccuracy; }
};

/// What happened in a run, in order. Append-only; any number of readers follow with their own
/// cursor.
///
/// Threads: all members from any thread.
class RunLog {
public:
    void append(RunEvent event);
    /// Copies what came after `cursor` and moves it.
    std::vector<RunEvent> read(std::size_t& cursor) const;
    std::size_t size() const;

private:
    mutable std::mutex m_mutex;
    std::vector<RunEvent> m_events;
};

}  // namespace loom
