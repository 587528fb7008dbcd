#pragma once

#include <memory>
#include <vector>

#include "core/train/session.h"

namespace loom::test {

/// A session that is not started yet; a project that cannot be trained ends the test program.
std::unique_ptr<TrainingSession> sessionFor(const Project& project,
                                            const PlanOptions& options = {});
/// The same, run to its end.
std::unique_ptr<TrainingSession> ran(const Project& project, const PlanOptions& options = {});

/// What a session has written down so far.
std::vector<RunEvent> eventsOf(const TrainingSession& session, RunEvent::Type type);
/// The loss of every step.
std::vector<double> lossesOf(const TrainingSession& session);

}  // namespace loom::test
