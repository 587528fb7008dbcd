#pragma once

#include <memory>
#include <optional>

#include "core/backend/optimizer.h"
#include "core/base/result.h"
#include "core/train/plan.h"
#include "core/train/schedule.h"

namespace loom::backend {

/// The schedule of one run: for which length it is drawn, and when it moves.
class RunSchedule {
public:
    RunSchedule(const TrainingPlan& plan, Optimizer& optimizer)
        : m_plan(plan), m_optimizer(optimizer) {}

    /// Sets the rates of the first step; the run's length is known here, so the schedule is checked
    /// against it once more. `drawn`: of a run that is continued the length its schedule had,
    /// `epochs` 0 where that is not known.
    Status begin(const RunLength& now, const RunLength& drawn);
    /// After a checkpoint has been restored: on to the curve that was chosen.
    void restored();
    /// `scheduler.step()` after a batch or an epoch, if that is when it steps.
    void batchDone();
    void epochDone(const EpochFigures& figures);

    Schedule* schedule() const { return m_schedule.get(); }
    /// What it is drawn for.
    const RunLength& length() const { return m_length; }
    /// What there is to say of a length that has changed: a sentence, and what else could be done.
    const std::optional<Error>& note() const { return m_note; }

private:
    const TrainingPlan& m_plan;
    Optimizer& m_optimizer;
    std::unique_ptr<Schedule> m_schedule;
    bool m_perBatch = false;
    RunLength m_length;
    std::optional<Error> m_note;
};

}  // namespace loom::backend
