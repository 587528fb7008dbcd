#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/project/project.h"

namespace loom {

/// Why the run in `folder` cannot go on with this project, as far as its record tells: it has steps
/// behind it but no checkpoint, or another optimizer's state. Nothing: it can, or begins again
/// because it was killed before its first checkpoint.
std::optional<Error> whyNotResumed(const std::string& folder, const Project& project);

/// What of data and training differs from the project as the run in `folder` was trained, in one
/// sentence; empty when nothing does. To be asked before the record is written anew.
std::string changedSinceTraining(const std::string& folder, const Project& project);

}  // namespace loom
