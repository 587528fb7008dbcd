#pragma once

#include <string>

#include "core/backend/compiled_network.h"
#include "core/backend/optimizer.h"

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
    double lossSum = 0;       ///< over the samples of the epoch so far
    std::int64_t correct = 0;
    std::int64_t seen = 0;
    double elapsed = 0;  ///< seconds of training
    double epochSeconds = 0;
    std::int64_t samples = 0;  ///< trained on in all
    double best = 0;           ///< test accuracy, or minus the test loss
    bool hasBest = false;
};

/// Writes `path` (a PyTorch file): weights, optimizer and schedule, random generators and position.
/// With it a run goes on to the bit as if it had not been interrupted. `schedule` may be null.
Status saveCheckpoint(const std::string& path, const CompiledNetwork& network,
                      const Optimizer& optimizer, const Schedule* schedule,
                      const RunPosition& position, bool cuda);
/// Brings everything back. Errors say what does not fit.
Result<RunPosition> loadCheckpoint(const std::string& path, CompiledNetwork& network,
                                   Optimizer& optimizer, Schedule* schedule, bool cuda);

}  // namespace loom::backend
