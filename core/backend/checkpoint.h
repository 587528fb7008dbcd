#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/compiled_network.h"
#include "core/backend/optimizer.h"
#include "core/backend/tally.h"

namespace loom::backend {

/// Where in a run its next batch lies, with all that its further course depends on.
struct RunPosition {
    std::int64_t epoch = 0;           ///< from 0: the one in hand
    std::int64_t batch = 0;           ///< batches of it that are done
    std::int64_t step = 0;            ///< batches of the whole run that are done
    std::vector<std::int64_t> order;  ///< sample order of the epoch in hand; empty: not drawn yet
    double learningRate = 0;
    /// Passes over validation and test set begun at the end of the epoch in hand, 0 during it.
    std::int64_t judging = 0;
    bool rateByHand = false;  ///< the user set the rate while running, so the schedule has ended
    Tally tally;              ///< of the epoch so far
    double elapsed = 0;       ///< seconds of training
    double epochSeconds = 0;
    std::int64_t samples = 0;  ///< trained on in all
    double best = kNoNumber;   ///< BestEpoch::merit
    /// What the schedule was drawn for; 0: a checkpoint of an earlier version, or no schedule.
    RunLength scheduleLength = {};
};

/// Writes `path` (a PyTorch file): weights, optimizer and schedule, random generators and position.
/// With it a run goes on to the bit as if it had not been interrupted. `schedule` may be null.
Status saveCheckpoint(const std::string& path, const CompiledNetwork& network,
                      const Optimizer& optimizer, const Schedule* schedule,
                      const RunPosition& position, bool cuda);

/// A checkpoint read back: where the run was, and what `restore` brings into its parts.
struct Checkpoint {
    std::string path;
    RunPosition position;
    Weights weights;
    std::vector<std::pair<std::string, at::Tensor>> optimizer;
    std::map<std::string, at::Tensor> rest;
};
Result<Checkpoint> readCheckpoint(const std::string& path);
/// Errors say what does not fit.
Status restore(const Checkpoint& checkpoint, CompiledNetwork& network, Optimizer& optimizer,
               Schedule* schedule, bool cuda);

}  // namespace loom::backend
