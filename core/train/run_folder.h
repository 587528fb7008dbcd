#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/value.h"
#include "core/train/plan.h"
#include "core/train/run_log.h"

namespace loom {

/// Writes the run folder of the contract as events come: project.loom, run.json, metrics.csv and
/// TensorBoard's event file. Weights and checkpoints are the session's.
///
/// Threads: one.
/// Errors:  after the first failed write `problem()` tells; later calls do nothing.
class RunFolderWriter {
public:
    RunFolderWriter(const TrainingPlan& plan, const Environment& environment);
    ~RunFolderWriter();
    Status open();
    void write(const RunEvent& event);
    /// Brings everything to disk; cheap when nothing is new.
    void flush();
    Status problem() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// What a run folder says of itself.
struct RunRecord {
    std::string folder;
    std::string name;  ///< the project's
    /// As the run's program wrote it; "interrupted" where that is "running" and the program is gone.
    std::string status;
    std::string started;  ///< ISO 8601, local time
    Dict details;         ///< run.json as it is
    /// The best epoch (see BestEpoch) and what it was judged by; number 0: there is none yet.
    struct Best {
        std::int64_t epoch = 0;
        bool onValidation = false;    ///< judged by the validation set, else by the test set
        double accuracy = kNoNumber;  ///< on what it was judged by; NaN without classes
        double loss = kNoNumber;
        double testAccuracy = kNoNumber;
        double testLoss = kNoNumber;
    };
    Best best;
    double lastTestLoss = kNoNumber;
    std::int64_t epochsDone = 0;
    std::int64_t epochs = 0;  ///< that it was to have
    std::string weights;      ///< the file with its best weights, else the last; empty: none yet
};
Result<RunRecord> readRunRecord(const std::string& folder);
/// All events a run folder's metrics.csv holds, to draw its curves again.
Result<std::vector<RunEvent>> readRunEvents(const std::string& folder);
/// Run folders below `parent`, newest first.
std::vector<RunRecord> listRuns(const std::string& parent);

}  // namespace loom
