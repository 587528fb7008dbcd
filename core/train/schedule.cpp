#include "core/train/schedule.h"

#include <algorithm>

#include "core/train/schedule_parts.h"

namespace loom {

GroupRates startingRates(const Settings& optimizer) {
    GroupRates rates;
    rates.lr = optimizer.number("lr");
    if (findSpec(optimizer.specs(), "momentum")) rates.momentum = optimizer.number("momentum");
    if (findSpec(optimizer.specs(), "betas")) rates.beta1 = optimizer.numbers("betas").at(0);
    return rates;
}

std::unique_ptr<Schedule> buildSchedule(const std::optional<Choice>& scheduler,
                                        const RunLength& length, std::vector<GroupRates>& groups) {
    const SchedulerKind* kind = scheduler ? schedulers().find(scheduler->kind) : nullptr;
    if (!kind) return nullptr;
    return kind->build(Settings(kind->params, scheduler->params), length, groups);
}

bool stepsPerBatch(const Choice& scheduler) {
    const SchedulerKind* kind = schedulers().find(scheduler.kind);
    if (!kind) return false;
    const Settings settings(kind->params, scheduler.params);
    if (settings.text("interval") == "batch") return true;
    const auto parts = nestedSchedulers(settings);
    return std::any_of(parts.begin(), parts.end(), [](const Choice& part) {
        const SchedulerKind* own = schedulers().find(part.kind);
        return own && own->perBatch;
    });
}

ScheduleCurve drawSchedule(const TrainingSection& training, std::int64_t batchesPerEpoch) {
    ScheduleCurve curve;
    const OptimizerKind* optimizer = optimizers().find(training.optimizer.kind);
    if (!optimizer) return curve;
    std::vector<GroupRates> groups = {
        startingRates(Settings(optimizer->params, training.optimizer.params))};
    const RunLength length{training.epochs, std::max<std::int64_t>(1, batchesPerEpoch)};
    const SchedulerKind* kind =
        training.scheduler ? schedulers().find(training.scheduler->kind) : nullptr;
    if (kind) {
        const Settings settings(kind->params, training.scheduler->params);
        for (const ParamProblem& problem : checkParams(kind->params, training.scheduler->params))
            if (!problem.unknown) return curve;
        if (kind->check(settings, optimizer, length)) return curve;
        curve.perBatch = stepsPerBatch(*training.scheduler);
        if (kind->needsLoss)
            curve.note = "Drawn as if the run never got better after the first epoch.";
    }
    const auto schedule = buildSchedule(training.scheduler, length, groups);
    constexpr std::int64_t kMostPoints = 2000, kMostSteps = 1000000;
    const std::int64_t each = curve.perBatch ? length.batchesPerEpoch : 1;
    const std::int64_t all = length.epochs > kMostSteps / each ? kMostSteps : length.epochs * each;
    const std::int64_t stride = std::max<std::int64_t>(1, all / kMostPoints);
    bool movesMomentum = false;
    const auto momentum = [&] {
        return groups[0].momentum ? *groups[0].momentum : groups[0].beta1.value_or(0);
    };
    const double firstMomentum = momentum();
    for (std::int64_t step = 0; step < all; ++step) {
        if (step % stride == 0 || step == all - 1) {
            curve.epochs.push_back(static_cast<double>(step) / static_cast<double>(each));
            curve.rates.push_back(groups[0].lr);
            curve.momenta.push_back(momentum());
            movesMomentum = movesMomentum || momentum() != firstMomentum;
        }
        if (schedule) schedule->step(groups, {1, 0, 1, 0});
    }
    if (!movesMomentum) curve.momenta.clear();
    return curve;
}

void PythonSchedule::begin(std::vector<GroupRates>& groups) {
    m_base.clear();
    for (GroupRates& group : groups) {
        if (!group.initialLr) group.initialLr = group.lr;
        m_base.push_back(*group.initialLr);
    }
    step(groups, {});
}

void PythonSchedule::step(std::vector<GroupRates>& groups, const EpochFigures&) {
    ++m_last;
    for (std::size_t i = 0; i < groups.size(); ++i) groups[i].lr = rate(groups[i], i);
}

void PythonSchedule::restart(std::vector<GroupRates>& groups) {
    m_last = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto closed = closedForm(m_base[i]);
        groups[i].lr = closed ? *closed : rate(groups[i], i);
    }
}

std::vector<double> PythonSchedule::state() const {
    return {static_cast<double>(m_last)};
}

void PythonSchedule::setState(std::vector<double>& state) {
    if (state.empty()) return;
    m_last = static_cast<std::int64_t>(state.front());
    state.erase(state.begin());
}

ParamSpec intervalParam(const char* byDefault) {
    return {.key = "interval",
            .type = ParamType::Choice,
            .defaultValue = byDefault,
            .hint =
                "When it steps: after every epoch or after every batch. The other numbers "
                "count the same.",
            .choices = {"epoch", "batch"}};
}

ParamSpec scheduleCount(const std::string& key, const std::string& hint, Value defaultValue,
                        Value suggestion, double minimum) {
    return {.key = key,
            .type = ParamType::Int,
            .defaultValue = defaultValue,
            .hint = hint,
            .required = defaultValue.isNone(),
            .minimum = minimum,
            .suggestion = std::move(suggestion)};
}

ParamSpec scheduleNumber(const std::string& key, const std::string& hint, Value defaultValue,
                         Value suggestion, std::optional<double> minimum,
                         std::optional<double> maximum, bool minimumExcluded) {
    return {.key = key,
            .type = ParamType::Float,
            .defaultValue = defaultValue,
            .hint = hint,
            .required = defaultValue.isNone(),
            .minimum = minimum,
            .maximum = maximum,
            .minimumExcluded = minimumExcluded,
            .suggestion = std::move(suggestion)};
}

SchedulerKind schedulerKind(KindInfo info, std::vector<ParamSpec> params) {
    SchedulerKind kind;
    info.python = "torch.optim.lr_scheduler." + info.id;
    kind.info = std::move(info);
    kind.params = std::move(params);
    kind.check = [](const Settings&, const OptimizerKind*, const RunLength&) {
        return std::optional<Error>();
    };
    return kind;
}

const Catalogue<SchedulerKind>& schedulers() {
    static const Catalogue<SchedulerKind> catalogue([] {
        std::vector<SchedulerKind> all = decaySchedulers();
        for (auto* part : {&cyclicSchedulers, &lambdaSchedulers})
            for (SchedulerKind& kind : (*part)()) all.push_back(std::move(kind));
        all.push_back(reduceOnPlateau());
        for (SchedulerKind& kind : nestingSchedulers()) all.push_back(std::move(kind));
        return all;
    }());
    return catalogue;
}

}  // namespace loom
