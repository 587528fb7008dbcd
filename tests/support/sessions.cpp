#include "tests/support/sessions.h"

#include <QtGlobal>
#include <cstddef>

namespace loom::test {

std::unique_ptr<TrainingSession> sessionFor(const Project& project, const PlanOptions& options) {
    const PlanResult plan = makePlan(project, options);
    if (!plan) qFatal("%s", plan.problem.error.message.c_str());
    return std::make_unique<TrainingSession>(plan.plan);
}

std::unique_ptr<TrainingSession> ran(const Project& project, const PlanOptions& options) {
    auto session = sessionFor(project, options);
    session->start();
    session->wait();
    return session;
}

std::vector<RunEvent> eventsOf(const TrainingSession& session, RunEvent::Type type) {
    std::size_t cursor = 0;
    std::vector<RunEvent> found;
    for (const RunEvent& event : session.log().read(cursor))
        if (event.type == type) found.push_back(event);
    return found;
}

std::vector<double> lossesOf(const TrainingSession& session) {
    std::vector<double> losses;
    for (const RunEvent& event : eventsOf(session, RunEvent::Type::Step))
        losses.push_back(event.loss);
    return losses;
}

}  // namespace loom::test
