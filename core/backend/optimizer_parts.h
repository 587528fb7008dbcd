#pragma once

#include "core/backend/optimizer.h"

/// What the optimizers have in common: their parameters, and entries made of one formula.
namespace loom {

ParamSpec learningRateParam(double defaultValue);
ParamSpec weightDecayParam(double defaultValue = 0);
ParamSpec maximizeParam();
ParamSpec epsParam(double defaultValue);
ParamSpec betasParam();
/// A plain number from `minimum` on.
ParamSpec optimizerNumber(const std::string& key, double defaultValue, const std::string& hint,
                          std::optional<double> minimum = 0);

/// A tensor of zeros laid out as the parameter.
at::Tensor zerosLike(const at::Tensor& parameter);
/// Takes `value` into an average of which `beta` stays: Python's `lerp_` from 2.0 on, a product and
/// a sum before, which differ in the last bits.
void averageIn(const at::Tensor& average, const at::Tensor& value, double beta);
/// What the documentation says of entries that use it.
VersionChange averagingChange();
/// Counts the steps of a parameter in its state, as Python's `state['step']`, and gives the count.
double countStep(backend::OptimizerState& state);

/// Completes an entry whose optimizer is `Rule`, one tensor at a time; `Rule` is constructed from
/// the settings.
template <class Rule>
OptimizerKind ruleKind(KindInfo info, std::vector<ParamSpec> params, std::int64_t stateSize) {
    OptimizerKind kind;
    info.python = "torch.optim." + info.id;
    kind.params = std::move(params);
    kind.stateSize = [stateSize](const Settings&) { return stateSize; };
    kind.check = [name = info.id](const Settings& s) -> std::optional<Error> {
        for (const ParamSpec& spec : s.specs())
            if (spec.arity == 2 && s.numbers(spec.key).size() != 2)
                return Error{
                    name + ": " + spec.key + " is a single number, but " + name + " takes two.",
                    "Write " + spec.defaultValue.toText() + "."};
        return std::nullopt;
    };
    kind.build = [](std::vector<backend::OptimizerGroup> groups) {
        return std::make_shared<backend::RuleOptimizer>(std::move(groups), [](const Settings& s) {
            return std::unique_ptr<backend::UpdateRule>(std::make_unique<Rule>(s));
        });
    };
    kind.info = std::move(info);
    return kind;
}

// --- the catalogue's parts ---

std::vector<OptimizerKind> gradientOptimizers();  ///< SGD, ASGD, Rprop
std::vector<OptimizerKind> adamOptimizers();      ///< Adam and its descendants
std::vector<OptimizerKind> scalingOptimizers();   ///< RMSprop, Adagrad, Adadelta
OptimizerKind adafactor();
OptimizerKind lbfgs();

}  // namespace loom
