#pragma once

#include <optional>
#include <vector>

#include "core/graph/diagnostic.h"
#include "core/train/plan.h"
#include "core/train/run_data.h"

namespace loom {

/// Why a run does not begin.
struct RunRefusal {
    Diagnostic diagnostic;
    bool invalidProject = true;  ///< the project is at fault, not files or the machine
};

/// A run's data, opened and judged by every rule that depends on them: lengths of batches and
/// schedules, weights to start from. With a refusal the data are not there.
struct RunOpening {
    std::optional<RunData> data;
    std::optional<RunRefusal> refusal;
};
RunOpening openRun(const TrainingPlan& plan);

/// All that there is to say of a project that is to be trained, errors first: what checkProject
/// finds, and what `train` would refuse before its first step. Opens the data set. Data that are
/// not on this machine stay a warning, as the design may still be right.
std::vector<Diagnostic> checkForTraining(const Project& project, const ProjectReport& report);

}  // namespace loom
