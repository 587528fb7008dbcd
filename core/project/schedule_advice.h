#pragma once

#include <optional>

#include "core/catalogue/training_kinds.h"
#include "core/project/project.h"

namespace loom {

/// What is worth knowing of a schedule in a run of this length: that its numbers fit another one.
/// Says nothing of what is counted in batches while their number is not known (0).
std::optional<Error> scheduleAdvice(const TrainingSection& training, std::int64_t batchesPerEpoch);

}  // namespace loom
