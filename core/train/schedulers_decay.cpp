#include <algorithm>
#include <cmath>

#include "core/train/schedule_parts.h"

namespace loom {
namespace {

class StepLr : public PythonSchedule {
public:
    explicit StepLr(const Settings& s)
        : m_size(s.integer("step_size")), m_gamma(s.number("gamma")) {}

protected:
    double rate(GroupRates& group, std::size_t) override {
        return m_last == 0 || m_last % m_size != 0 ? group.lr : group.lr * m_gamma;
    }
    std::optional<double> closedForm(double base) const override {
        return base * std::pow(m_gamma, static_cast<double>(m_last / m_size));
    }

private:
    std::int64_t m_size;
    double m_gamma;
};

class MultiStepLr : public PythonSchedule {
public:
    explicit MultiStepLr(const Settings& s)
        : m_milestones(s.integers("milestones")), m_gamma(s.number("gamma")) {
        std::sort(m_milestones.begin(), m_milestones.end());
    }

protected:
    double rate(GroupRates& group, std::size_t) override {
        const auto times = std::count(m_milestones.begin(), m_milestones.end(), m_last);
        return times == 0 ? group.lr : group.lr * std::pow(m_gamma, static_cast<double>(times));
    }
    std::optional<double> closedForm(double base) const override {
        const auto passed = std::upper_bound(m_milestones.begin(), m_milestones.end(), m_last) -
                            m_milestones.begin();
        return base * std::pow(m_gamma, static_cast<double>(passed));
    }

private:
    std::vector<std::int64_t> m_milestones;
    double m_gamma;
};

class ExponentialLr : public PythonSchedule {
public:
    explicit ExponentialLr(const Settings& s) : m_gamma(s.number("gamma")) {}

protected:
    double rate(GroupRates& group, std::size_t) override {
        return m_last == 0 ? group.lr : group.lr * m_gamma;
    }
    std::optional<double> closedForm(double base) const override {
        return base * std::pow(m_gamma, static_cast<double>(m_last));
    }

private:
    double m_gamma;
};

class ConstantLr : public PythonSchedule {
public:
    explicit ConstantLr(const Settings& s)
        : m_factor(s.number("factor")), m_total(s.integer("total_iters")) {}

protected:
    double rate(GroupRates& group, std::size_t) override {
        if (m_last == 0) return group.lr * m_factor;
        return m_last == m_total ? group.lr * (1.0 / m_factor) : group.lr;
    }
    std::optional<double> closedForm(double base) const override {
        return base * (m_factor + (m_last >= m_total ? 1 : 0) * (1 - m_factor));
    }

private:
    double m_factor;
    std::int64_t m_total;
};

class LinearLr : public PythonSchedule {
public:
    explicit LinearLr(const Settings& s)
        : m_start(s.number("start_factor")),
          m_end(s.number("end_factor")),
          m_total(s.integer("total_iters")) {}

protected:
    double rate(GroupRates& group, std::size_t) override {
        if (m_last == 0) return group.lr * m_start;
        if (m_last > m_total) return group.lr;
        return group.lr *
               (1. + (m_end - m_start) / (static_cast<double>(m_total) * m_start +
                                          static_cast<double>(m_last - 1) * (m_end - m_start)));
    }
    std::optional<double> closedForm(double base) const override {
        return base *
               (m_start + (m_end - m_start) * static_cast<double>(std::min(m_total, m_last)) /
                              static_cast<double>(m_total));
    }

private:
    double m_start, m_end;
    std::int64_t m_total;
};

class PolynomialLr : public PythonSchedule {
public:
    explicit PolynomialLr(const Settings& s)
        : m_total(s.integer("total_iters")), m_power(s.number("power")) {}

protected:
    double rate(GroupRates& group, std::size_t) override {
        if (m_last == 0 || m_last > m_total) return group.lr;
        return group.lr * std::pow(left(m_last) / left(m_last - 1), m_power);
    }
    std::optional<double> closedForm(double base) const override {
        return base * std::pow(left(std::min(m_total, m_last)), m_power);
    }

private:
    std::int64_t m_total;
    double m_power;
    double left(std::int64_t step) const {
        return 1.0 - static_cast<double>(step) / static_cast<double>(m_total);
    }
};

ParamSpec gammaParam(Value defaultValue, Value suggestion = {}) {
    return scheduleNumber("gamma", "What the learning rate is multiplied by.",
                          std::move(defaultValue), std::move(suggestion));
}

}  // namespace

std::vector<SchedulerKind> decaySchedulers() {
    std::vector<SchedulerKind> all;
    const auto add = [&](KindInfo info, std::vector<ParamSpec> params, auto build) {
        params.push_back(intervalParam());
        all.push_back(schedulerKind(std::move(info), std::move(params)));
        all.back().build = build;
    };
    add({.id = "StepLR",
         .family = "schedule",
         .summary = "multiplies the learning rate by gamma every step_size epochs",
         .keywords = {"decay", "stairs"},
         .formula = "rate = lr · gamma^⌊epoch / step_size⌋"},
        {scheduleCount("step_size", "Epochs between two steps down.", {}, 3), gammaParam(0.1)},
        scheduleBuilder<StepLr>());
    add({.id = "MultiStepLR",
         .family = "schedule",
         .summary = "multiplies the learning rate by gamma at chosen epochs",
         .keywords = {"decay", "milestones", "stairs"},
         .formula = "rate = lr · gamma^(milestones passed)"},
        {{.key = "milestones",
          .type = ParamType::Ints,
          .hint = "The epochs, counted from 0, from which on the rate is lower.",
          .required = true,
          .arity = 0,
          .minimum = 0,
          .suggestion = List{3, 4}},
         gammaParam(0.1)},
        scheduleBuilder<MultiStepLr>());
    add({.id = "ExponentialLR",
         .family = "schedule",
         .summary = "multiplies the learning rate by gamma after every epoch",
         .keywords = {"decay"},
         .formula = "rate = lr · gamma^epoch"},
        {gammaParam({}, 0.9)}, scheduleBuilder<ExponentialLr>());
    add({.id = "ConstantLR",
         .family = "schedule",
         .summary = "begins with a fraction of the learning rate for some epochs",
         .keywords = {"warm-up", "factor"},
         .formula = "rate = lr · factor while epoch < total_iters, lr afterwards"},
        {scheduleNumber("factor", "The fraction of the rate it begins with.", 1.0 / 3, {}, 0, 1,
                        true),
         scheduleCount("total_iters", "Epochs until the whole rate.", 5, {}, 0)},
        scheduleBuilder<ConstantLr>());
    add({.id = "LinearLR",
         .family = "schedule",
         .summary = "moves the learning rate along a straight line for some epochs",
         .details = "From start_factor to end_factor times the learning rate: a warm-up when it "
                    "rises.",
         .keywords = {"warm-up", "ramp"},
         .formula = "rate = lr · (start_factor + (end_factor − start_factor) · min(1, epoch / "
                    "total_iters))"},
        {scheduleNumber("start_factor", "The fraction of the rate it begins with.", 1.0 / 3, {}, 0,
                        1, true),
         scheduleNumber("end_factor", "The fraction of the rate it ends with.", 1.0, {}, 0, 1),
         scheduleCount("total_iters", "Epochs until the end.", 5)},
        scheduleBuilder<LinearLr>());
    add({.id = "PolynomialLR",
         .family = "schedule",
         .summary = "lets the learning rate fall to zero along a power of the way left",
         .keywords = {"decay", "power"},
         .formula = "rate = lr · (1 − min(epoch, total_iters) / total_iters)^power"},
        {scheduleCount("total_iters", "Epochs until zero.", 5),
         scheduleNumber("power", "1 is a straight line; above, it falls faster at first.", 1.0)},
        scheduleBuilder<PolynomialLr>());
    return all;
}

}  // namespace loom
