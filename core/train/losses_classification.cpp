#include "core/backend/loss_parts.h"

namespace loom {
namespace {

const std::string kClassWeights =
    "A weight for each class, to make rare classes count more; one number per class.";

ParamSpec ignoreIndex() {
    return {.key = "ignore_index",
            .type = ParamType::Int,
            .defaultValue = -100,
            .hint = "Samples with this class number do not count."};
}

LossKind crossEntropy() {
    LossKind kind;
    kind.info = {"CrossEntropyLoss",
                 "classification",
                 "compares scores with the right class",
                 "Turns the network's scores into probabilities (softmax) and takes −log of the "
                 "right class's. The usual loss for "
                 "classification; the network ends with plain scores, without Softmax.",
                 "torch.nn.CrossEntropyLoss",
                 {"classification", "softmax"},
                 "loss = −log(exp(x[class]) / Σⱼ exp(x[j]))"};
    kind.params = {classWeightParam(kClassWeights), ignoreIndex(), reductionParam(),
                   numberParam("label_smoothing", 0.0,
                               "Takes this much away from the right answer and spreads it over all "
                               "classes.",
                               0)};
    kind.params.back().maximum = 1;
    kind.check = [](const LossContext& c) {
        return checkLossParts(
            "CrossEntropyLoss", c,
            {.numbers = false,
             .weights = {"weight"},
             .ending = {.surplus = {Gives::Probabilities},
                        .surplusReason = "contains a softmax itself; with two, the gradients "
                                         "are small",
                        .instead = "NLLLoss on log-probabilities."}});
    };
    kind.build = [](const Settings& s) {
        return builtLoss(s,
                         {.answer = classIndex,
                          .meaning = softmaxOf,
                          .ignored = s.integer("ignore_index"),
                          .sampleWeights = weightNumbers(s, "weight")},
                         [weights = weightNumbers(s, "weight"), ignore = s.integer("ignore_index"),
                          reduce = reductionCode(s), smoothing = s.number("label_smoothing")](
                             const at::Tensor& output, const at::Tensor& target) {
                             return at::cross_entropy_loss(output, target,
                                                           weightTensor(weights, output), reduce,
                                                           ignore, smoothing);
                         });
    };
    kind.takesShares = true;
    return kind;
}

LossKind nll() {
    LossKind kind;
    kind.info = {"NLLLoss",
                 "classification",
                 "compares log-probabilities with the right class",
                 "Minus the log-probability of the right class. The network ends with "
                 "log-probabilities (LogSoftmax).",
                 "torch.nn.NLLLoss",
                 {"classification", "likelihood"},
                 "loss = −x[class]"};
    kind.params = {classWeightParam(kClassWeights), ignoreIndex(), reductionParam()};
    kind.check = [](const LossContext& c) {
        return checkLossParts(
            "NLLLoss", c,
            {.numbers = false,
             .weights = {"weight"},
             .ending = {.fits = {Gives::LogProbabilities},
                        .takes = "log-probabilities",
                        .insert = "LogSoftmax",
                        .instead = "CrossEntropyLoss, which takes the log-softmax itself."}});
    };
    kind.build = [](const Settings& s) {
        return builtLoss(
            s,
            {.answer = classIndex,
             .meaning = expOf,
             .ignored = s.integer("ignore_index"),
             .sampleWeights = weightNumbers(s, "weight")},
            [weights = weightNumbers(s, "weight"), ignore = s.integer("ignore_index"),
             reduce = reductionCode(s)](const at::Tensor& output, const at::Tensor& target) {
                return at::nll_loss_nd(output, target, weightTensor(weights, output), reduce,
                                       ignore);
            });
    };
    return kind;
}

LossKind multiMargin() {
    LossKind kind;
    kind.info = {"MultiMarginLoss",
                 "classification",
                 "wants the right class's score ahead of all others by a margin",
                 "The support vector machine's loss: every class whose score comes within the "
                 "margin of the right one's costs. Scores are no probabilities; what is shown as "
                 "such is their softmax.",
                 "torch.nn.MultiMarginLoss",
                 {"classification", "hinge", "svm", "support vector"},
                 "loss = Σⱼ max(0, margin − x[class] + x[j])ᵖ / classes, j ≠ class"};
    kind.params = {{.key = "p",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "The power the missing distance is raised to: 1 or 2.",
                    .minimum = 1,
                    .maximum = 2},
                   numberParam("margin", 1.0, "By how much the right class must be ahead."),
                   classWeightParam(kClassWeights),
                   reductionParam()};
    kind.check = [](const LossContext& c) {
        return checkLossParts("MultiMarginLoss", c, {.numbers = false, .weights = {"weight"}});
    };
    kind.build = [](const Settings& s) {
        return builtLoss(
            s, {.answer = classIndex, .meaning = softmaxOf},
            [p = s.integer("p"), margin = s.number("margin"), weights = weightNumbers(s, "weight"),
             reduce = reductionCode(s)](const at::Tensor& output, const at::Tensor& target) {
                return at::multi_margin_loss(output, target, p, margin,
                                             weightTensor(weights, output), reduce);
            });
    };
    return kind;
}

LossKind klDiv() {
    LossKind kind;
    kind.info = {
        "KLDivLoss",
        "classification",
        "compares log-probabilities with a distribution",
        "The Kullback-Leibler divergence from the network's distribution to the answer's. "
        "The network ends with log-probabilities (LogSoftmax). From class numbers it makes "
        "the distribution that is 1 at the right class and 0 elsewhere.",
        "torch.nn.KLDivLoss",
        {"divergence", "distribution", "distillation"},
        "loss = y · (log(y) − x)"};
    kind.params = {reductionParam(true),
                   flagParam("log_target", false,
                             "The answers are log-probabilities too. Class numbers cannot be: the "
                             "logarithm of 0 is no number.")};
    kind.check = [](const LossContext& c) {
        std::vector<Diagnostic> found = checkLossParts(
            "KLDivLoss", c,
            {.ending = {.fits = {Gives::LogProbabilities},
                        .takes = "log-probabilities",
                        .insert = "LogSoftmax",
                        .instead = "CrossEntropyLoss, which takes the log-softmax itself."}});
        if (c.settings.flag("log_target") && c.target.type == TargetSpec::Type::ClassIndex) {
            found.push_back(lossProblem(
                c, Severity::Error,
                "KLDivLoss has log_target on, but the data's answers are class numbers, whose "
                "distribution is 0 for all classes but one, and 0 has no logarithm.",
                "Switch log_target off.", false));
        }
        return found;
    };
    kind.build = [](const Settings& s) {
        const bool perSample = s.text("reduction") == "batchmean";
        return builtLoss(s, {.answer = oneHot, .meaning = expOf},
                         [perSample, logs = s.flag("log_target"), reduce = reductionCode(s)](
                             const at::Tensor& output, const at::Tensor& target) {
                             const at::Tensor loss = at::kl_div(output, target, reduce, logs);
                             return perSample ? loss / output.size(0) : loss;
                         });
    };
    kind.takesShares = true;
    return kind;
}

}  // namespace

std::vector<LossKind> classificationLosses() {
    return {crossEntropy(), nll(), klDiv(), multiMargin()};
}

}  // namespace loom
