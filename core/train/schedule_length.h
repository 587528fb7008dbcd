#pragma once

#include <string>

#include "core/catalogue/training_kinds.h"
#include "core/train/plan.h"

namespace loom {

/// Some schedules take their length from the run (OneCycleLR without total_steps). When such a run
/// is continued for another number of epochs, its schedule can keep the length it was drawn for, or
/// be drawn over the new one.

/// Whether the project's schedule takes its length from the run.
bool followsRunLength(const TrainingSection& training);

/// Epochs that the run in `folder` was planned for, by its run.json; 0: not known.
std::int64_t plannedEpochs(const std::string& folder);

/// The question before a run is continued: "OneCycleLR was drawn for 5 epochs, and the run now has
/// 10." Empty where there is nothing to ask.
std::string scheduleLengthQuestion(const Project& project, const std::string& resumeFrom);

/// What is said when it was decided. `drawn` is the length the schedule had.
std::string scheduleLengthSentence(const std::string& kind, const RunLength& drawn,
                                   const RunLength& now, ScheduleLength choice);
std::string scheduleLengthHint(ScheduleLength choice);

}  // namespace loom
