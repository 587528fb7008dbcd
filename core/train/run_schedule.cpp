#include "core/backend/run_schedule.h"

#include "core/train/schedule_length.h"

namespace loom::backend {

Status RunSchedule::begin(const RunLength& now, const RunLength& drawn) {
    const TrainingSection& training = m_plan.project.training;
    if (!training.scheduler) return {};
    const bool changed =
        drawn.epochs > 0 && followsRunLength(training) &&
        (drawn.epochs != now.epochs || drawn.batchesPerEpoch != now.batchesPerEpoch);
    const ScheduleLength choice = m_plan.options.scheduleLength;
    m_length = changed && choice == ScheduleLength::Keep ? drawn : now;
    const SchedulerKind* kind = schedulers().find(training.scheduler->kind);
    if (const auto wrong = kind->check(Settings(kind->params, training.scheduler->params),
                                       optimizers().find(training.optimizer.kind), m_length))
        return *wrong;
    m_schedule = buildSchedule(training.scheduler, m_length, m_optimizer.rates());
    m_perBatch = stepsPerBatch(*training.scheduler);
    if (changed)
        m_note = Error{scheduleLengthSentence(kind->info.id, drawn, now, choice),
                       scheduleLengthHint(choice)};
    return {};
}

void RunSchedule::restored() {
    if (m_note && m_plan.options.scheduleLength == ScheduleLength::Stretch)
        m_schedule->redraw(m_optimizer.rates());
}

void RunSchedule::batchDone() {
    if (m_schedule && m_perBatch) m_schedule->step(m_optimizer.rates(), {});
}

void RunSchedule::epochDone(const EpochFigures& figures) {
    if (m_schedule && !m_perBatch) m_schedule->step(m_optimizer.rates(), figures);
}

}  // namespace loom::backend
