#pragma once

#include <functional>

#include "core/catalogue/training_kinds.h"
#include "core/train/schedule.h"

/// What the schedulers have in common.
namespace loom {

/// A scheduler by the formulas of PyTorch 1.13's torch/optim/lr_scheduler.py. Its methods are
/// those of `_LRScheduler`, so that schedulers nested in others do what they do in Python.
class PythonSchedule : public Schedule {
public:
    void step(std::vector<GroupRates>& groups, const EpochFigures& figures) override;
    std::vector<double> state() const override;
    void setState(std::vector<double>& state) override;

    /// The constructor's last line: remembers the base rates and takes the first step.
    void begin(std::vector<GroupRates>& groups);
    /// `step(0)`, with which SequentialLR starts it.
    virtual void restart(std::vector<GroupRates>& groups);
    /// `last_epoch -= 1`, with which SequentialLR undoes its first step.
    void undo() { --m_last; }

protected:
    std::int64_t m_last = -1;
    std::vector<double> m_base;

    /// `get_lr()` for one group, from its rate now; may move its momentum.
    virtual double rate(GroupRates& group, std::size_t index) = 0;
    /// `_get_closed_form_lr()`; none where Python has none.
    virtual std::optional<double> closedForm(double) const { return std::nullopt; }
};

/// When it steps; for schedulers that go by epochs unless told otherwise.
ParamSpec intervalParam(const char* byDefault = "epoch");
ParamSpec scheduleCount(const std::string& key, const std::string& hint, Value defaultValue,
                        Value suggestion = {}, double minimum = 1);
ParamSpec scheduleNumber(const std::string& key, const std::string& hint, Value defaultValue,
                         Value suggestion = {}, std::optional<double> minimum = 0,
                         std::optional<double> maximum = {}, bool minimumExcluded = false);

/// Constructs a schedule of this class from its settings, and begins it.
template <class S>
auto scheduleBuilder() {
    return [](const Settings& s, const RunLength&,
              std::vector<GroupRates>& groups) -> std::unique_ptr<Schedule> {
        auto schedule = std::make_unique<S>(s);
        schedule->begin(groups);
        return schedule;
    };
}

/// An entry without the rarer fields. `check` finds nothing.
SchedulerKind schedulerKind(KindInfo info, std::vector<ParamSpec> params);

/// The schedulers in a `schedulers` parameter.
std::vector<Choice> nestedSchedulers(const Settings& settings);

// --- the catalogue's parts ---

std::vector<SchedulerKind> decaySchedulers();    ///< StepLR ... PolynomialLR
std::vector<SchedulerKind> cyclicSchedulers();   ///< cosine, warm restarts, OneCycleLR, CyclicLR
std::vector<SchedulerKind> lambdaSchedulers();   ///< LambdaLR, MultiplicativeLR
std::vector<SchedulerKind> nestingSchedulers();  ///< SequentialLR, ChainedScheduler
SchedulerKind reduceOnPlateau();

}  // namespace loom
