#include <cmath>

#include "core/backend/loss_parts.h"

namespace loom {
namespace {

const std::string kClasses =
    " From class numbers it makes answers that are 1 at the right class and 0 elsewhere (one-hot); "
    "each output is then shown as the probability it has learned, cut to 0..1.";

/// A distance between output and answer, number by number.
LossKind distance(KindInfo info, std::vector<ParamSpec> own, const std::string& parameter,
                  at::Tensor (*function)(const at::Tensor&, const at::Tensor&, std::int64_t,
                                         double)) {
    LossKind kind;
    info.python = "torch.nn." + info.id;
    info.details += kClasses;
    kind.params = {reductionParam()};
    for (ParamSpec& spec : own) kind.params.push_back(std::move(spec));
    kind.check = [name = info.id](const LossContext& c) {
        return checkLossParts(name, c, {.singleOutput = true});
    };
    kind.build = [parameter, function](const Settings& s) {
        return builtLoss(s, {},
                         [function, reduce = reductionCode(s), number = s.number(parameter)](
                             const at::Tensor& output, const at::Tensor& target) {
                             return function(output, target, reduce, number);
                         });
    };
    kind.takesShares = true;
    kind.info = std::move(info);
    return kind;
}

LossKind poisson() {
    LossKind kind;
    kind.info = {"PoissonNLLLoss",
                 "regression",
                 "compares expected counts with counts",
                 "For answers that count something: minus the log-likelihood of a Poisson "
                 "distribution with the network's mean, or its logarithm." +
                     kClasses,
                 "torch.nn.PoissonNLLLoss",
                 {"count", "likelihood"},
                 "log_input: loss = exp(x) − y · x\nelse: loss = x − y · log(x + eps)"};
    kind.params = {
        flagParam("log_input", true, "The network gives the logarithm of the expected count."),
        flagParam("full", false,
                  "Adds Stirling's approximation of the term that the network "
                  "cannot change."),
        numberParam("eps", 1e-8, "Added before the logarithm when log_input is off.", 0, true),
        reductionParam()};
    kind.check = [](const LossContext& c) {
        LossChecks checks{.singleOutput = true};
        if (!c.settings.flag("log_input"))
            checks.ending = {.fits = {Gives::NotNegative, Gives::Probabilities},
                             .takes = "counts, which are never negative, when log_input is off,",
                             .insert = "Softplus"};
        return checkLossParts("PoissonNLLLoss", c, checks);
    };
    kind.build = [](const Settings& s) {
        const bool logs = s.flag("log_input");
        return builtLoss(
            s, {.meaning = logs ? expOf : asTheyAre, .threshold = logs ? std::log(0.5) : 0.5},
            [logs, full = s.flag("full"), eps = s.number("eps"), reduce = reductionCode(s)](
                const at::Tensor& output, const at::Tensor& target) {
                return at::poisson_nll_loss(output, target, logs, full, eps, reduce);
            });
    };
    return kind;
}

}  // namespace

std::vector<LossKind> regressionLosses() {
    using T = at::Tensor;
    std::vector<LossKind> kinds;
    kinds.push_back(distance({.id = "MSELoss",
                              .family = "regression",
                              .summary = "averages squared differences",
                              .details = "The mean of (output − answer)².",
                              .keywords = {"regression", "squared error", "l2"},
                              .formula = "loss = mean of (x − y)²"},
                             {}, "",
                             [](const T& output, const T& target, std::int64_t reduce, double) {
                                 return at::mse_loss(output, target, reduce);
                             }));
    kinds.push_back(distance(
        {.id = "L1Loss",
         .family = "regression",
         .summary = "averages absolute differences",
         .details = "The mean of |output − answer|: outliers count less than with squares.",
         .keywords = {"regression", "absolute error", "mae"},
         .formula = "loss = mean of |x − y|"},
        {}, "", [](const T& output, const T& target, std::int64_t reduce, double) {
            return at::l1_loss(output, target, reduce);
        }));
    kinds.push_back(distance(
        {.id = "SmoothL1Loss",
         .family = "regression",
         .summary = "squares small differences, takes large ones as they are",
         .details = "½·d²/beta for differences d below beta, |d| − ½·beta above: smooth at 0, and "
                    "calm about outliers.",
         .keywords = {"regression", "huber"},
         .formula = "loss = ½ (x − y)² / beta where |x − y| < beta, |x − y| − ½ beta elsewhere"},
        {numberParam("beta", 1.0, "Up to which difference it squares; 0 makes it L1Loss.", 0)},
        "beta", [](const T& output, const T& target, std::int64_t reduce, double beta) {
            return at::smooth_l1_loss(output, target, reduce, beta);
        }));
    kinds.push_back(distance(
        {.id = "HuberLoss",
         .family = "regression",
         .summary = "squares small differences, grows straight for large ones",
         .details = "½·d² for differences d below delta, delta·(|d| − ½·delta) above.",
         .keywords = {"regression", "robust", "smooth"},
         .formula =
             "loss = ½ (x − y)² where |x − y| ≤ delta, delta · (|x − y| − ½ delta) elsewhere"},
        {numberParam("delta", 1.0, "Up to which difference it squares.", 0, true)}, "delta",
        [](const T& output, const T& target, std::int64_t reduce, double delta) {
            return at::huber_loss(output, target, reduce, delta);
        }));
    kinds.push_back(poisson());
    return kinds;
}

}  // namespace loom
