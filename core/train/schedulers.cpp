#include <cmath>
#include <numbers>

#include "core/catalogue/training_kinds.h"

namespace loom {
namespace {

// All are closed forms of the epoch: C++ LibTorch has only StepLR, and that one is an epoch late.
// The schedule steps once after each epoch, as a course's script calls scheduler.step().

SchedulerKind stepLr() {
    SchedulerKind kind;
    kind.info = {"StepLR",
                 "schedule",
                 "multiplies the learning rate by gamma every step_size epochs",
                 "",
                 "torch.optim.lr_scheduler.StepLR",
                 {"decay"}};
    kind.params = {{.key = "step_size",
                    .type = ParamType::Int,
                    .hint = "Epochs between two steps down.",
                    .required = true,
                    .minimum = 1,
                    .suggestion = 3},
                   {.key = "gamma",
                    .type = ParamType::Float,
                    .defaultValue = 0.1,
                    .hint = "What the learning rate is multiplied by.",
                    .minimum = 0}};
    kind.rate = [](const Settings& s, double base, std::int64_t epoch) {
        return base *
               std::pow(s.number("gamma"), static_cast<double>(epoch / s.integer("step_size")));
    };
    return kind;
}

SchedulerKind exponentialLr() {
    SchedulerKind kind;
    kind.info = {"ExponentialLR",
                 "schedule",
                 "multiplies the learning rate by gamma after every epoch",
                 "",
                 "torch.optim.lr_scheduler.ExponentialLR",
                 {"decay"}};
    kind.params = {{.key = "gamma",
                    .type = ParamType::Float,
                    .hint = "What the learning rate is multiplied by.",
                    .required = true,
                    .minimum = 0,
                    .suggestion = 0.9}};
    kind.rate = [](const Settings& s, double base, std::int64_t epoch) {
        return base * std::pow(s.number("gamma"), static_cast<double>(epoch));
    };
    return kind;
}

SchedulerKind cosineAnnealingLr() {
    SchedulerKind kind;
    kind.info = {"CosineAnnealingLR",
                 "schedule",
                 "lets the learning rate fall along half a cosine",
                 "",
                 "torch.optim.lr_scheduler.CosineAnnealingLR",
                 {"decay", "cosine"}};
    kind.params = {{.key = "T_max",
                    .type = ParamType::Int,
                    .hint = "Epochs until the smallest rate; usually all epochs.",
                    .required = true,
                    .minimum = 1,
                    .suggestion = 5},
                   {.key = "eta_min",
                    .type = ParamType::Float,
                    .defaultValue = 0.0,
                    .hint = "The smallest learning rate.",
                    .minimum = 0}};
    kind.rate = [](const Settings& s, double base, std::int64_t epoch) {
        const double low = s.number("eta_min");
        return low + (base - low) *
                         (1 + std::cos(std::numbers::pi * static_cast<double>(epoch) /
                                       static_cast<double>(s.integer("T_max")))) /
                         2;
    };
    return kind;
}

}  // namespace

const Catalogue<SchedulerKind>& schedulers() {
    static const Catalogue<SchedulerKind> catalogue(
        {stepLr(), exponentialLr(), cosineAnnealingLr()});
    return catalogue;
}

}  // namespace loom
