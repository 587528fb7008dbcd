#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numbers>

#include "core/train/schedule_parts.h"

namespace loom {
namespace {

constexpr double kPi = std::numbers::pi;

class CosineAnnealingLr : public PythonSchedule {
public:
    explicit CosineAnnealingLr(const Settings& s)
        : m_half(s.integer("T_max")), m_low(s.number("eta_min")) {}

protected:
    double rate(GroupRates& group, std::size_t index) override {
        if (m_last == 0) return group.lr;
        const double half = static_cast<double>(m_half);
        if ((m_last - 1 - m_half) % (2 * m_half) == 0)
            return group.lr + (m_base[index] - m_low) * (1 - std::cos(kPi / half)) / 2;
        return (1 + std::cos(kPi * static_cast<double>(m_last) / half)) /
                   (1 + std::cos(kPi * static_cast<double>(m_last - 1) / half)) *
                   (group.lr - m_low) +
               m_low;
    }
    std::optional<double> closedForm(double base) const override {
        return m_low +
               (base - m_low) *
                   (1 + std::cos(kPi * static_cast<double>(m_last) / static_cast<double>(m_half))) /
                   2;
    }

private:
    std::int64_t m_half;
    double m_low;
};

class WarmRestarts : public PythonSchedule {
public:
    explicit WarmRestarts(const Settings& s)
        : m_first(s.integer("T_0")),
          m_growth(s.integer("T_mult")),
          m_low(s.number("eta_min")),
          m_period(m_first) {}

    void step(std::vector<GroupRates>& groups, const EpochFigures& figures) override {
        if (m_last < 0) {
            m_period = m_first;
            m_within = 0;
        } else if (++m_within >= m_period) {
            m_within -= m_period;
            m_period *= m_growth;
        }
        PythonSchedule::step(groups, figures);
    }
    void restart(std::vector<GroupRates>& groups) override {
        m_last = -1;
        step(groups, {});
    }
    std::vector<double> state() const override {
        return {static_cast<double>(m_last), static_cast<double>(m_within),
                static_cast<double>(m_period)};
    }
    void setState(std::vector<double>& state) override {
        if (state.size() < 3) return;
        PythonSchedule::setState(state);
        m_within = static_cast<std::int64_t>(state[0]);
        m_period = static_cast<std::int64_t>(state[1]);
        state.erase(state.begin(), state.begin() + 2);
    }

protected:
    double rate(GroupRates&, std::size_t index) override {
        return m_low + (m_base[index] - m_low) *
                           (1 + std::cos(kPi * static_cast<double>(m_within) /
                                         static_cast<double>(m_period))) /
                           2;
    }

private:
    std::int64_t m_first, m_growth;
    double m_low;
    std::int64_t m_period, m_within = -1;
};

class CyclicLr : public PythonSchedule {
public:
    explicit CyclicLr(const Settings& s)
        : m_low(s.number("base_lr")),
          m_high(s.number("max_lr")),
          m_gamma(s.number("gamma")),
          m_lowMomentum(s.number("base_momentum")),
          m_highMomentum(s.number("max_momentum")),
          m_momentum(s.flag("cycle_momentum")),
          m_halves(s.text("mode") == "triangular2"),
          m_decays(s.text("mode") == "exp_range") {
        const double up = static_cast<double>(s.integer("step_size_up"));
        const double down =
            s.isNone("step_size_down") ? up : static_cast<double>(s.integer("step_size_down"));
        m_total = up + down;
        m_ratio = up / m_total;
    }

    void begin(std::vector<GroupRates>& groups) {
        for (GroupRates& group : groups) group.lr = m_low;
        PythonSchedule::begin(groups);
        m_base.assign(groups.size(), m_low);
    }

protected:
    double rate(GroupRates& group, std::size_t index) override {
        const double last = static_cast<double>(m_last);
        const double cycle = std::floor(1 + last / m_total);
        const double x = 1. + last / m_total - cycle;
        const double scale = x <= m_ratio ? x / m_ratio : (x - 1) / (m_ratio - 1);
        const double amplitude = m_halves   ? 1 / std::pow(2., cycle - 1)
                                 : m_decays ? std::pow(m_gamma, last)
                                            : 1.;
        if (m_momentum && group.momentum)
            group.momentum = m_highMomentum - (m_highMomentum - m_lowMomentum) * scale * amplitude;
        return m_base[index] + (m_high - m_base[index]) * scale * amplitude;
    }

private:
    double m_low, m_high, m_gamma, m_lowMomentum, m_highMomentum;
    bool m_momentum, m_halves, m_decays;
    double m_total, m_ratio;
};

std::int64_t oneCycleSteps(const Settings& s, const RunLength& length) {
    if (!s.isNone("total_steps")) return s.integer("total_steps");
    const std::int64_t epochs = s.isNone("epochs") ? length.epochs : s.integer("epochs");
    const std::int64_t each =
        s.isNone("steps_per_epoch") ? length.batchesPerEpoch : s.integer("steps_per_epoch");
    return epochs * each;
}

class OneCycleLr : public PythonSchedule {
public:
    OneCycleLr(const Settings& s, const RunLength& length)
        : m_high(s.number("max_lr")),
          m_start(m_high / s.number("div_factor")),
          m_low(m_start / s.number("final_div_factor")),
          m_lowMomentum(s.number("base_momentum")),
          m_highMomentum(s.number("max_momentum")),
          m_momentum(s.flag("cycle_momentum")),
          m_cosine(s.text("anneal_strategy") == "cos"),
          m_followsRun(s.isNone("total_steps") &&
                       (s.isNone("epochs") || s.isNone("steps_per_epoch"))),
          m_total(static_cast<double>(oneCycleSteps(s, length))) {
        m_phases = phases(s, length);
    }

    bool followsRun() const override { return m_followsRun; }
    void redraw(std::vector<GroupRates>& groups) override {
        for (std::size_t i = 0; i < groups.size(); ++i) groups[i].lr = rate(groups[i], i);
    }

    struct Phase {
        double end;
        double OneCycleLr::*fromRate;
        double OneCycleLr::*toRate;
        double OneCycleLr::*fromMomentum;
        double OneCycleLr::*toMomentum;
    };
    static std::vector<Phase> phases(const Settings& s, const RunLength& length) {
        using C = OneCycleLr;
        const double total = static_cast<double>(oneCycleSteps(s, length));
        const double part = s.number("pct_start");
        const Phase up{part * total - 1, &C::m_start, &C::m_high, &C::m_highMomentum,
                       &C::m_lowMomentum};
        if (!s.flag("three_phase"))
            return {up, {total - 1, &C::m_high, &C::m_low, &C::m_lowMomentum, &C::m_highMomentum}};
        return {
            up,
            {2 * part * total - 2, &C::m_high, &C::m_start, &C::m_lowMomentum, &C::m_highMomentum},
            {total - 1, &C::m_start, &C::m_low, &C::m_highMomentum, &C::m_highMomentum}};
    }

    void begin(std::vector<GroupRates>& groups) {
        for (GroupRates& group : groups) group.initialLr = m_start;
        PythonSchedule::begin(groups);
    }

protected:
    double rate(GroupRates& group, std::size_t) override {
        // Behind its last step Python refuses to go; a run that is longer stays there.
        const double step = std::min(static_cast<double>(m_last), m_total - 1);
        double begin = 0;
        std::size_t i = 0;
        while (i + 1 < m_phases.size() && step > m_phases[i].end) begin = m_phases[i++].end;
        const Phase& phase = m_phases[i];
        const double part = (step - begin) / (phase.end - begin);
        if (m_momentum) {
            const double momentum =
                between(this->*phase.fromMomentum, this->*phase.toMomentum, part);
            (group.beta1 ? group.beta1 : group.momentum) = momentum;
        }
        return between(this->*phase.fromRate, this->*phase.toRate, part);
    }

private:
    double m_high, m_start, m_low, m_lowMomentum, m_highMomentum;
    bool m_momentum, m_cosine, m_followsRun;
    double m_total;
    std::vector<Phase> m_phases;
    double between(double from, double to, double part) const {
        return m_cosine ? to + (from - to) / 2.0 * (std::cos(kPi * part) + 1)
                        : (to - from) * part + from;
    }
};

std::optional<Error> momentumProblem(const std::string& name, const Settings& s,
                                     const OptimizerKind* optimizer, bool betasToo) {
    if (!optimizer || !s.flag("cycle_momentum")) return std::nullopt;
    if (findSpec(optimizer->params, "momentum")) return std::nullopt;
    if (betasToo && findSpec(optimizer->params, "betas")) return std::nullopt;
    return Error{name + " moves the momentum with the learning rate, but " + optimizer->info.id +
                     " has no momentum.",
                 "Switch cycle_momentum off, or take SGD."};
}

ParamSpec cycleMomentum() {
    return {.key = "cycle_momentum",
            .type = ParamType::Bool,
            .defaultValue = true,
            .hint =
                "Moves the momentum too, against the learning rate. Needs an optimizer with "
                "momentum."};
}

std::vector<ParamSpec> momentumParams(double low, double high) {
    ParamSpec base = scheduleNumber("base_momentum", "The smallest momentum.", low, {}, 0, 1),
              top = scheduleNumber("max_momentum", "The largest momentum.", high, {}, 0, 1);
    for (ParamSpec* spec : {&base, &top})
        spec->visibleWhenKey = "cycle_momentum", spec->visibleWhenValue = true;
    return {base, top};
}

SchedulerKind cyclicLr() {
    SchedulerKind kind = schedulerKind(
        {.id = "CyclicLR",
         .family = "schedule",
         .summary = "swings the learning rate between two bounds",
         .details = "Triangles between base_lr and max_lr; triangular2 halves their height each "
                    "time, exp_range shrinks it with every step. Steps after every batch.",
         .keywords = {"triangle", "cycle"},
         .formula = "rate = base_lr + (max_lr − base_lr) · height, height rises from 0 to 1 and "
                    "falls again"},
        {scheduleNumber("base_lr", "The smallest learning rate.", {}, 0.001),
         scheduleNumber("max_lr", "The largest learning rate.", {}, 0.01),
         scheduleCount("step_size_up", "Batches on the way up.", 2000),
         {.key = "step_size_down",
          .type = ParamType::Int,
          .hint = "Batches on the way down.",
          .optional = true,
          .minimum = 1,
          .noneText = "as step_size_up"},
         {.key = "mode",
          .type = ParamType::Choice,
          .defaultValue = "triangular",
          .hint = "How the height changes from one triangle to the next.",
          .choices = {"triangular", "triangular2", "exp_range"}},
         scheduleNumber("gamma", "What exp_range multiplies the height by at every step.", 1.0),
         cycleMomentum()});
    kind.params[5].visibleWhenKey = "mode";
    kind.params[5].visibleWhenValue = "exp_range";
    for (ParamSpec& spec : momentumParams(0.8, 0.9)) kind.params.push_back(std::move(spec));
    kind.params.push_back(intervalParam("batch"));
    kind.perBatch = true;
    kind.check = [](const Settings& s, const OptimizerKind* optimizer, const RunLength&) {
        return momentumProblem("CyclicLR", s, optimizer, false);
    };
    kind.build = scheduleBuilder<CyclicLr>();
    return kind;
}

ParamSpec fromRun(const std::string& key, const std::string& hint) {
    return {.key = key,
            .type = ParamType::Int,
            .hint = hint,
            .optional = true,
            .minimum = 1,
            .noneText = "as the run has"};
}

std::optional<Error> oneCycleProblem(const Settings& s, const OptimizerKind* optimizer,
                                     const RunLength& length) {
    if (auto wrong = momentumProblem("OneCycleLR", s, optimizer, true)) return wrong;
    const std::int64_t steps = oneCycleSteps(s, length);
    if (steps == 0) return std::nullopt;
    const std::int64_t planned =
        length.epochs * (s.text("interval") == "epoch" ? 1 : length.batchesPerEpoch);
    if (planned > steps)
        return Error{"OneCycleLR is drawn over " + groupDigits(steps) +
                         " steps, but the run makes " + groupDigits(planned) + ".",
                     "Leave total_steps, epochs and steps_per_epoch empty: the cycle then takes "
                     "the run's length."};
    double begin = 0;
    for (const auto& phase : OneCycleLr::phases(s, length)) {
        if (phase.end == begin)
            return Error{"OneCycleLR has a phase without any step: pct_start is " +
                             s.value("pct_start").toText() + " of " + groupDigits(steps) +
                             " steps.",
                         "Take a larger pct_start, or train for longer."};
        begin = phase.end;
    }
    return std::nullopt;
}

SchedulerKind oneCycleLr() {
    SchedulerKind kind = schedulerKind(
        {.id = "OneCycleLR",
         .family = "schedule",
         .summary = "rises to a large rate and falls to almost none, once over the run",
         .details = "The 1cycle policy: trains fast with a large learning rate in the middle. "
                    "Steps after every batch; the optimizer's own lr does not count.",
         .keywords = {"super-convergence", "warm-up", "1cycle"},
         .formula = "rate rises from max_lr / div_factor to max_lr in pct_start of the steps, then "
                    "falls to max_lr / (div_factor · final_div_factor)"},
        {scheduleNumber("max_lr", "The largest learning rate.", {}, 0.1),
         fromRun("total_steps", "Steps of the whole cycle."),
         fromRun("epochs", "Epochs of the whole cycle, if total_steps is not given."),
         fromRun("steps_per_epoch", "Steps in an epoch, if total_steps is not given."),
         scheduleNumber("pct_start", "The part of the cycle that rises.", 0.3, {}, 0, 1),
         {.key = "anneal_strategy",
          .type = ParamType::Choice,
          .defaultValue = "cos",
          .hint = "Along cosines or straight lines.",
          .choices = {"cos", "linear"}},
         cycleMomentum()});
    for (ParamSpec& spec : momentumParams(0.85, 0.95)) kind.params.push_back(std::move(spec));
    kind.params.push_back(
        scheduleNumber("div_factor", "max_lr over the first rate.", 25.0, {}, 0, {}, true));
    kind.params.push_back(
        scheduleNumber("final_div_factor", "The first rate over the last.", 1e4, {}, 0, {}, true));
    kind.params.push_back({.key = "three_phase",
                           .type = ParamType::Bool,
                           .defaultValue = false,
                           .hint = "Falls as it rose first, then on to almost none."});
    kind.params.push_back(intervalParam("batch"));
    kind.perBatch = true;
    kind.check = oneCycleProblem;
    kind.build = [](const Settings& s, const RunLength& length,
                    std::vector<GroupRates>& groups) -> std::unique_ptr<Schedule> {
        auto schedule = std::make_unique<OneCycleLr>(
            s, s.text("interval") == "epoch" ? RunLength{length.epochs, 1} : length);
        schedule->begin(groups);
        return schedule;
    };
    return kind;
}

}  // namespace

std::vector<SchedulerKind> cyclicSchedulers() {
    const ParamSpec lowest = scheduleNumber("eta_min", "The smallest learning rate.", 0.0);
    SchedulerKind cosine = schedulerKind(
        {.id = "CosineAnnealingLR",
         .family = "schedule",
         .summary = "lets the learning rate fall along half a cosine",
         .keywords = {"decay", "cosine"},
         .formula = "rate = eta_min + (lr − eta_min) · (1 + cos(π · epoch / T_max)) / 2"},
        {scheduleCount("T_max", "Epochs until the smallest rate; usually all epochs.", {}, 5),
         lowest, intervalParam()});
    cosine.build = scheduleBuilder<CosineAnnealingLr>();
    SchedulerKind restarts = schedulerKind(
        {.id = "CosineAnnealingWarmRestarts",
         .family = "schedule",
         .summary = "falls along cosines and starts again from the full rate",
         .keywords = {"sgdr", "cosine", "restart"},
         .formula = "rate = eta_min + (lr − eta_min) · (1 + cos(π · T_cur / T_i)) / 2\nT_i begins "
                    "with T_0 and is multiplied by T_mult at every restart"},
        {scheduleCount("T_0", "Epochs until the first restart.", {}, 5),
         scheduleCount("T_mult", "How many times longer each cosine is than the one before.", 1),
         lowest, intervalParam()});
    restarts.build = scheduleBuilder<WarmRestarts>();
    return {std::move(cosine), std::move(restarts), oneCycleLr(), cyclicLr()};
}

}  // namespace loom
