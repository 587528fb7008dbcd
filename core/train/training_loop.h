#pragma once

#include "core/train/run_control.h"

namespace loom {

/// The whole of a run, on the calling thread: opens the data, builds the network, trains, tests,
/// saves. Returns when the run has ended for whatever reason; the reason is the log's last event.
void runTraining(const TrainingPlan& plan, RunLog& log, RunControl& control);

}  // namespace loom
