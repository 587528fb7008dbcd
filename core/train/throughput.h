#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/train/plan.h"

namespace loom {

/// Samples per second of a project's parts on this machine: where training time goes.
struct Throughput {
    double pipeline = 0;  ///< reading and transforming alone, with the project's workers
    double trainingStep =
        0;  ///< forward, loss, backward and optimizer on one batch that stays in memory
    double training = 0;  ///< both together, as a run does them
};

/// Measures each part over `steps` batches, after a few that warm up. Writes nothing.
Result<Throughput> measureThroughput(const TrainingPlan& plan, std::int64_t steps);

}  // namespace loom
