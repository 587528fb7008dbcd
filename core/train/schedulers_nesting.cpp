#include <algorithm>
#include <cmath>
#include <limits>

#include "core/train/schedule_parts.h"

namespace loom {
namespace {

/// ReduceLROnPlateau is no `_LRScheduler` in Python either.
class Plateau : public Schedule {
public:
    explicit Plateau(const Settings& s)
        : m_factor(s.number("factor")),
          m_threshold(s.number("threshold")),
          m_least(s.number("min_lr")),
          m_eps(s.number("eps")),
          m_patience(s.integer("patience")),
          m_cooldown(s.integer("cooldown")),
          m_falls(s.text("mode") == "min"),
          m_relative(s.text("threshold_mode") == "rel"),
          m_best(m_falls ? std::numeric_limits<double>::infinity()
                         : -std::numeric_limits<double>::infinity()) {
        static const std::vector<std::pair<std::string, double EpochFigures::*>> figures = {
            {"test_loss", &EpochFigures::testLoss},
            {"train_loss", &EpochFigures::trainLoss},
            {"test_accuracy", &EpochFigures::testAccuracy},
            {"train_accuracy", &EpochFigures::trainAccuracy},
            {"validation_loss", &EpochFigures::validationLoss},
            {"validation_accuracy", &EpochFigures::validationAccuracy}};
        for (const auto& [name, member] : figures)
            if (name == s.text("monitor")) m_figure = member;
    }

    void step(std::vector<GroupRates>& groups, const EpochFigures& figures) override {
        const double now = figures.*m_figure;
        if (isBetter(now)) {
            m_best = now;
            m_bad = 0;
        } else {
            ++m_bad;
        }
        if (m_cooling > 0) {
            --m_cooling;
            m_bad = 0;
        }
        if (m_bad <= m_patience) return;
        for (GroupRates& group : groups) {
            const double lower = std::max(group.lr * m_factor, m_least);
            if (group.lr - lower > m_eps) group.lr = lower;
        }
        m_cooling = m_cooldown;
        m_bad = 0;
    }
    std::vector<double> state() const override {
        return {m_best, static_cast<double>(m_bad), static_cast<double>(m_cooling)};
    }
    void setState(std::vector<double>& state) override {
        if (state.size() < 3) return;
        m_best = state[0];
        m_bad = static_cast<std::int64_t>(state[1]);
        m_cooling = static_cast<std::int64_t>(state[2]);
        state.erase(state.begin(), state.begin() + 3);
    }

private:
    double m_factor, m_threshold, m_least, m_eps;
    std::int64_t m_patience, m_cooldown;
    bool m_falls, m_relative;
    double EpochFigures::*m_figure = &EpochFigures::testLoss;
    double m_best;
    std::int64_t m_bad = 0, m_cooling = 0;

    bool isBetter(double now) const {
        if (m_falls) return now < (m_relative ? m_best * (1. - m_threshold) : m_best - m_threshold);
        return now > (m_relative ? m_best * (m_threshold + 1.) : m_best + m_threshold);
    }
};

using Parts = std::vector<std::unique_ptr<Schedule>>;

Parts buildParts(const Settings& s, const RunLength& length, std::vector<GroupRates>& groups) {
    Parts parts;
    for (const Choice& choice : nestedSchedulers(s))
        if (auto part = buildSchedule(choice, length, groups)) parts.push_back(std::move(part));
    return parts;
}

class Chained : public Schedule {
public:
    explicit Chained(Parts parts) : m_parts(std::move(parts)) {}
    void step(std::vector<GroupRates>& groups, const EpochFigures& figures) override {
        for (const auto& part : m_parts) part->step(groups, figures);
    }
    std::vector<double> state() const override {
        std::vector<double> all;
        for (const auto& part : m_parts)
            for (const double number : part->state()) all.push_back(number);
        return all;
    }
    void setState(std::vector<double>& state) override {
        for (const auto& part : m_parts) part->setState(state);
    }
    bool followsRun() const override {
        return std::any_of(m_parts.begin(), m_parts.end(),
                           [](const auto& part) { return part->followsRun(); });
    }

protected:
    Parts m_parts;
};

class Sequential : public Chained {
public:
    Sequential(Parts parts, std::vector<std::int64_t> milestones, std::vector<GroupRates>& groups)
        : Chained(std::move(parts)), m_milestones(std::move(milestones)) {
        // As Python does: undo what constructing the parts did, and begin the first alone.
        for (GroupRates& group : groups) group.lr = group.initialLr.value_or(group.lr);
        for (const auto& part : m_parts) simple(*part).undo();
        m_parts.front()->step(groups, {});
    }
    void step(std::vector<GroupRates>& groups, const EpochFigures& figures) override {
        ++m_last;
        const auto passed = std::upper_bound(m_milestones.begin(), m_milestones.end(), m_last) -
                            m_milestones.begin();
        const std::size_t place = static_cast<std::size_t>(passed);
        if (place > 0 && m_milestones[place - 1] == m_last)
            simple(*m_parts[place]).restart(groups);
        else
            m_parts[place]->step(groups, figures);
    }
    std::vector<double> state() const override {
        std::vector<double> all = Chained::state();
        all.insert(all.begin(), static_cast<double>(m_last));
        return all;
    }
    void setState(std::vector<double>& state) override {
        if (state.empty()) return;
        m_last = static_cast<std::int64_t>(state.front());
        state.erase(state.begin());
        Chained::setState(state);
    }

private:
    std::vector<std::int64_t> m_milestones;
    std::int64_t m_last = 0;
    static PythonSchedule& simple(Schedule& part) { return static_cast<PythonSchedule&>(part); }
};

std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// What is wrong with the parts of a chain, the first thing.
std::optional<Error> partsProblem(const std::string& name, const Settings& s,
                                  const OptimizerKind* optimizer, const RunLength& length,
                                  bool chainsToo) {
    const std::vector<Choice> parts = nestedSchedulers(s);
    if (parts.empty())
        return Error{name + " has no schedulers in it.", "Add one, such as LinearLR."};
    std::vector<std::string> known;
    for (const SchedulerKind& kind : schedulers()) known.push_back(kind.info.id);
    for (const Choice& part : parts) {
        const SchedulerKind* kind = schedulers().find(part.kind);
        if (!kind)
            return Error{
                name + " holds " + part.kind + ", a scheduler that is not known to this Torchloom.",
                "There are: " + listed(known) + "."};
        if (kind->needsLoss || (kind->nests && !chainsToo))
            return Error{name + " cannot hold " + part.kind + ", in PyTorch neither.",
                         "Take it alone, or another one here."};
        for (const ParamProblem& problem : checkParams(kind->params, part.params))
            if (!problem.unknown)
                return Error{name + ", " + part.kind + ": " + problem.message, problem.hint};
        if (auto wrong = kind->check(Settings(kind->params, part.params), optimizer, length)) {
            wrong->message = name + ": " + wrong->message;
            return wrong;
        }
    }
    return std::nullopt;
}

ParamSpec partsParam(const std::string& hint, List suggestion) {
    return {.key = "schedulers",
            .type = ParamType::Kinds,
            .hint = hint,
            .required = true,
            .suggestion = Value(std::move(suggestion))};
}

Value part(const char* kind, Params params) {
    return Dict{{"kind", kind}, {"params", Value(std::move(params))}};
}

SchedulerKind sequentialLr() {
    SchedulerKind kind = schedulerKind(
        {.id = "SequentialLR",
         .family = "schedule",
         .summary = "goes by one scheduler after the other",
         .details = "At each milestone the next one takes over, from its own beginning. Each acts "
                    "on the optimizer's learning rate.",
         .keywords = {"chain", "warm-up", "sequence"},
         .formula = "lr as schedulers[k] has it, k counts the milestones that have passed"},
        {partsParam("The schedulers, in their order.",
                    {part("LinearLR", {{"start_factor", 0.1}, {"total_iters", 2}}),
                     part("CosineAnnealingLR", {{"T_max", 8}})}),
         {.key = "milestones",
          .type = ParamType::Ints,
          .hint = "The epochs, counted from 0, at which the next one takes over; one fewer than "
                  "schedulers.",
          .required = true,
          .arity = 0,
          .minimum = 1,
          .suggestion = List{2}},
         intervalParam()});
    kind.nests = true;
    kind.check = [](const Settings& s, const OptimizerKind* optimizer,
                    const RunLength& length) -> std::optional<Error> {
        if (auto wrong = partsProblem("SequentialLR", s, optimizer, length, false)) return wrong;
        const auto milestones = s.integers("milestones");
        const std::size_t parts = nestedSchedulers(s).size();
        if (milestones.size() + 1 != parts)
            return Error{"SequentialLR has " + std::to_string(parts) + " schedulers and " +
                             std::to_string(milestones.size()) +
                             " milestones, but it needs one milestone fewer than schedulers.",
                         "Give the epoch at which each one but the first begins."};
        if (!std::is_sorted(milestones.begin(), milestones.end()))
            return Error{"SequentialLR has the milestones " + s.value("milestones").toPython() +
                             ", but each must come after the one before.",
                         "Sort them."};
        return std::nullopt;
    };
    kind.build = [](const Settings& s, const RunLength& length,
                    std::vector<GroupRates>& groups) -> std::unique_ptr<Schedule> {
        Parts parts = buildParts(s, length, groups);
        if (parts.empty()) return nullptr;
        return std::make_unique<Sequential>(std::move(parts), s.integers("milestones"), groups);
    };
    return kind;
}

SchedulerKind chainedScheduler() {
    SchedulerKind kind = schedulerKind(
        {.id = "ChainedScheduler",
         .family = "schedule",
         .summary = "goes by several schedulers at once",
         .details = "All act on the same learning rate at every step: their factors multiply.",
         .keywords = {"chain", "together", "product"},
         .formula = "lr ← sₙ(… s₂(s₁(lr))) at every step"},
        {partsParam("The schedulers that act together.",
                    {part("ConstantLR", {{"factor", 0.1}, {"total_iters", 2}}),
                     part("ExponentialLR", {{"gamma", 0.9}})}),
         intervalParam()});
    kind.nests = true;
    kind.check = [](const Settings& s, const OptimizerKind* optimizer, const RunLength& length) {
        return partsProblem("ChainedScheduler", s, optimizer, length, true);
    };
    kind.build = [](const Settings& s, const RunLength& length,
                    std::vector<GroupRates>& groups) -> std::unique_ptr<Schedule> {
        return std::make_unique<Chained>(buildParts(s, length, groups));
    };
    return kind;
}

}  // namespace

std::vector<Choice> nestedSchedulers(const Settings& settings) {
    return nestedChoices(settings.value("schedulers"));
}

SchedulerKind reduceOnPlateau() {
    SchedulerKind kind = schedulerKind(
        {.id = "ReduceLROnPlateau",
         .family = "schedule",
         .summary = "lowers the learning rate when the run no longer gets better",
         .details = "Watches a figure after every epoch; when it has not become better for more "
                    "than patience epochs, the rate is multiplied by factor.",
         .keywords = {"plateau", "patience", "adaptive"},
         .formula =
             "rate ← max(rate · factor, min_lr) after patience epochs without a better result"},
        {{.key = "monitor",
          .type = ParamType::Choice,
          .defaultValue = "test_loss",
          .hint = "The figure it watches, which a script gives to step(). Those of validation need "
                  "a validation part, chosen with the data.",
          .choices = {"test_loss", "train_loss", "validation_loss", "test_accuracy",
                      "train_accuracy", "validation_accuracy"}},
         {.key = "mode",
          .type = ParamType::Choice,
          .defaultValue = "min",
          .hint = "Whether smaller is better, as for losses, or larger, as for accuracies.",
          .choices = {"min", "max"}},
         scheduleNumber("factor", "What the learning rate is multiplied by.", 0.1, {}, 0,
                        0.9999999),
         scheduleCount("patience", "Epochs without a better figure that it lets pass.", 10, {}, 0),
         scheduleNumber("threshold", "By how much a better figure must be better.", 1e-4),
         {.key = "threshold_mode",
          .type = ParamType::Choice,
          .defaultValue = "rel",
          .hint = "Whether threshold is a part of the best figure or a number of its own.",
          .choices = {"rel", "abs"}},
         scheduleCount("cooldown", "Epochs after a step down that do not count.", 0, {}, 0),
         scheduleNumber("min_lr", "The smallest learning rate.", 0),
         scheduleNumber("eps", "Steps down smaller than this are left out.", 1e-8)});
    kind.needsLoss = true;
    kind.check = [](const Settings& s, const OptimizerKind*,
                    const RunLength&) -> std::optional<Error> {
        const bool accuracy = s.text("monitor").ends_with("accuracy");
        if (accuracy == (s.text("mode") == "max")) return std::nullopt;
        return Error{"ReduceLROnPlateau watches " + s.text("monitor") + " with mode " +
                         s.text("mode") + ", but " +
                         (accuracy ? "a larger accuracy is better." : "a smaller loss is better."),
                     accuracy ? "Set mode to max." : "Set mode to min."};
    };
    kind.build = [](const Settings& s, const RunLength&,
                    std::vector<GroupRates>&) -> std::unique_ptr<Schedule> {
        return std::make_unique<Plateau>(s);
    };
    return kind;
}

std::vector<SchedulerKind> nestingSchedulers() {
    return {sequentialLr(), chainedScheduler()};
}

}  // namespace loom
