#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/train/plan.h"
#include "core/train/run_log.h"

namespace loom::cli {

/// Tells the user of a run as its events come.
class TrainReport {
public:
    virtual ~TrainReport() = default;
    virtual void show(const std::vector<RunEvent>& events) = 0;
    /// False once what is shown reaches nobody: the reader has left, or the disk is full.
    virtual bool isHeard() const { return true; }
};

/// One JSON object a line on standard output: `start`, every `step`, `epoch`, `finish`, and what
/// else happens. Lines of one call leave together, so that a reader sees them live and training
/// pays nothing.
std::unique_ptr<TrainReport> makeJsonReport(const TrainingPlan& plan);

/// Epochs on standard output; on standard error a progress bar, or, when that is no terminal, a
/// line now and then.
std::unique_ptr<TrainReport> makeTextReport(const TrainingPlan& plan);

}  // namespace loom::cli
