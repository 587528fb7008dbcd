#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/train/plan.h"

namespace loom {

/// Why the run in `folder` cannot go on with this project, as far as its record tells: it has steps
/// behind it but no checkpoint, or another optimizer's state. Nothing: it can, or begins again
/// because it was killed before its first checkpoint.
std::optional<Error> whyNotResumed(const std::string& folder, const Project& project);

/// What differs from the project, and from the program and machine, that the run was trained with:
/// a sentence each. Empty for a fresh run. To be asked before the record is written anew.
std::vector<std::string> remarksOnResuming(const TrainingPlan& plan);

}  // namespace loom
