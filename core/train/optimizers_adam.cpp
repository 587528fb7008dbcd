#include <cmath>

#include "core/backend/optimizer_parts.h"
#include "core/backend/torch_version.h"

// All follow the `_single_tensor_` functions of torch/optim, in their order of operations, so that
// every bit agrees; where PyTorch 1.13 and 2.6 differ, those of the linked release. NAdam's second
// momentum product is the later, mended one on both.
namespace loom {
namespace {

using backend::OptimizerState;
using backend::UpdateRule;

/// Python's `x ** 0.5`, which 2.x writes where 1.13 took `math.sqrt`: they may differ in the last
/// bit.
double root(double x) {
    return backend::torchSince(2, 0) ? std::pow(x, 0.5) : std::sqrt(x);
}

/// What all of them have: averages of the gradient and of its square.
class AdamFamily : public UpdateRule {
public:
    explicit AdamFamily(const Settings& s)
        : m_beta2(s.numbers("betas").at(1)),
          m_eps(s.number("eps")),
          m_weightDecay(s.number("weight_decay")) {}

protected:
    double m_beta2, m_eps, m_weightDecay;

    static void begin(OptimizerState& state, const at::Tensor& parameter,
                      const char* second = "exp_avg_sq") {
        if (!state.empty()) return;
        state["step"] = at::zeros({}, at::kFloat);
        state["exp_avg"] = zerosLike(parameter);
        state[second] = zerosLike(parameter);
    }
    /// Takes the gradient into both averages and gives them back.
    std::pair<at::Tensor, at::Tensor> average(OptimizerState& state, const at::Tensor& gradient,
                                              double beta1) const {
        const at::Tensor mean = state["exp_avg"], square = state["exp_avg_sq"];
        averageIn(mean, gradient, beta1);
        square.mul_(m_beta2).addcmul_(gradient, gradient, 1 - m_beta2);
        return {mean, square};
    }
    /// AdamW's way: the parameter itself shrinks, the gradient stays.
    at::Tensor decoupled(const at::Tensor& gradient, const at::Tensor& parameter, double lr) const {
        if (m_weightDecay != 0) parameter.mul_(1 - lr * m_weightDecay);
        return gradient;
    }
    at::Tensor decayed(const at::Tensor& gradient, const at::Tensor& parameter) const {
        return m_weightDecay != 0 ? gradient.add(parameter, m_weightDecay) : gradient;
    }
};

class Adam : public AdamFamily {
public:
    explicit Adam(const Settings& s) : AdamFamily(s), m_amsgrad(s.flag("amsgrad")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        move(parameter, decayed(gradient, parameter), state, rates);
    }

protected:
    void move(const at::Tensor& parameter, const at::Tensor& gradient, OptimizerState& state,
              const GroupRates& rates) const {
        begin(state, parameter);
        if (m_amsgrad && !state["max_exp_avg_sq"].defined())
            state["max_exp_avg_sq"] = zerosLike(parameter);
        const double step = countStep(state);
        auto [mean, square] = average(state, gradient, *rates.beta1);
        const double correction1 = 1 - std::pow(*rates.beta1, step),
                     correction2 = 1 - std::pow(m_beta2, step);
        const double stepSize = rates.lr / correction1;
        if (m_amsgrad) {
            at::Tensor largest = state["max_exp_avg_sq"];
            at::maximum_out(largest, largest, square);
            square = largest;
        }
        const at::Tensor denominator = (square.sqrt() / root(correction2)).add_(m_eps);
        parameter.addcdiv_(mean, denominator, -stepSize);
    }

private:
    bool m_amsgrad;
};

class AdamW : public Adam {
public:
    using Adam::Adam;
    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        parameter.mul_(1 - rates.lr * m_weightDecay);
        move(parameter, gradient, state, rates);
    }
};

class Adamax : public AdamFamily {
public:
    using AdamFamily::AdamFamily;
    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        begin(state, parameter, "exp_inf");
        const double step = countStep(state);
        gradient = decayed(gradient, parameter);
        const at::Tensor mean = state["exp_avg"];
        at::Tensor largest = state["exp_inf"];
        averageIn(mean, gradient, *rates.beta1);
        const at::Tensor both = at::cat(
            {largest.mul_(m_beta2).unsqueeze(0), gradient.abs().add_(m_eps).unsqueeze_(0)}, 0);
        at::amax_out(largest, both, 0, false);
        parameter.addcdiv_(mean, largest, -(rates.lr / (1 - std::pow(*rates.beta1, step))));
    }
};

class NAdam : public AdamFamily {
public:
    explicit NAdam(const Settings& s)
        : AdamFamily(s),
          m_momentumDecay(s.number("momentum_decay")),
          m_decoupled(s.flag("decoupled_weight_decay")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        begin(state, parameter);
        if (!state["mu_product"].defined()) state["mu_product"] = at::ones({}, at::kFloat);
        const double step = countStep(state);
        const double correction2 = 1 - std::pow(m_beta2, step);
        gradient =
            m_decoupled ? decoupled(gradient, parameter, rates.lr) : decayed(gradient, parameter);
        const double mu = momentum(*rates.beta1, step), next = momentum(*rates.beta1, step + 1);
        const at::Tensor product = state["mu_product"].mul_(mu);
        // Python 1.13 multiplies by mu a second time here, which later versions mend; and by a
        // tensor of single precision, where they multiply numbers of double precision.
        const double nextProduct = backend::torchSince(2, 0) ? product.item<double>() * next
                                                             : (product * next).item<double>();
        auto [mean, square] = average(state, gradient, *rates.beta1);
        const at::Tensor denominator = square.div(correction2).sqrt().add_(m_eps);
        parameter.addcdiv_(gradient, denominator,
                           -rates.lr * (1. - mu) / (1. - product.item<double>()));
        parameter.addcdiv_(mean, denominator, -rates.lr * next / (1. - nextProduct));
    }

private:
    double m_momentumDecay;
    bool m_decoupled;
    double momentum(double beta1, double step) const {
        return beta1 * (1. - 0.5 * std::pow(0.96, step * m_momentumDecay));
    }
};

class RAdam : public AdamFamily {
public:
    explicit RAdam(const Settings& s)
        : AdamFamily(s), m_decoupled(s.flag("decoupled_weight_decay")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        begin(state, parameter);
        const double step = countStep(state);
        const double correction1 = 1 - std::pow(*rates.beta1, step),
                     correction2 = 1 - std::pow(m_beta2, step);
        gradient =
            m_decoupled ? decoupled(gradient, parameter, rates.lr) : decayed(gradient, parameter);
        auto [mean, square] = average(state, gradient, *rates.beta1);
        const at::Tensor corrected = mean / correction1;
        const double longest = 2 / (1 - m_beta2) - 1;
        const double length = longest - 2 * step * std::pow(m_beta2, step) / correction2;
        if (length > 5.) {
            const double rectified = root((length - 4) * (length - 2) * longest /
                                          ((longest - 4) * (longest - 2) * length));
            // A number divided by a tensor is, in Python, the tensor's reciprocal times the number.
            const at::Tensor adaptive = square.sqrt().add_(m_eps).reciprocal() * root(correction2);
            parameter.add_(corrected * rates.lr * adaptive * rectified, -1.0);
        } else {
            parameter.add_(corrected * rates.lr, -1.0);
        }
    }

private:
    bool m_decoupled;
};

ParamSpec decoupledParam(const char* since) {
    return {.key = "decoupled_weight_decay",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "Pulls the weights towards zero apart from the gradient, as AdamW does.",
            .since = since};
}

/// NAdam and RAdam have it since 2.4 only.
ParamSpec laterMaximizeParam() {
    ParamSpec spec = maximizeParam();
    spec.since = "2.4";
    return spec;
}

ParamSpec amsgrad() {
    return {.key = "amsgrad",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "Divides by the largest average so far, so that steps never grow."};
}

template <class Rule>
OptimizerKind withAmsgrad(KindInfo info, double decay) {
    OptimizerKind kind = ruleKind<Rule>(std::move(info),
                                        {learningRateParam(0.001), betasParam(), epsParam(1e-8),
                                         weightDecayParam(decay), amsgrad(), maximizeParam()},
                                        2);
    kind.stateSize = [](const Settings& s) { return s.flag("amsgrad") ? 3 : 2; };
    return kind;
}

}  // namespace

std::vector<OptimizerKind> adamOptimizers() {
    OptimizerKind adamW = withAmsgrad<AdamW>(
        {.id = "AdamW",
         .family = "optimizer",
         .summary = "is Adam with a weight decay of its own",
         .details = "Pulls the weights towards zero apart from the gradient, which generalises "
                    "better than Adam's way. The usual choice for transformers.",
         .keywords = {"adaptive", "amsgrad", "decoupled"},
         .formula = "weight ← weight − lr · weight_decay · weight, then as Adam:\nm ← β₁ m + (1 − "
                    "β₁) g,   v ← β₂ v + (1 − β₂) g²\nweight ← weight − lr · m̂ / (√v̂ + eps)",
         .changes = {averagingChange()}},
        0.01);
    return {
        withAmsgrad<Adam>(
            {.id = "Adam",
             .family = "optimizer",
             .summary = "gives every weight a step size of its own",
             .details = "Divides the averaged gradient by the root of its averaged square, so that "
                        "all weights move by about lr. Needs little tuning.",
             .keywords = {"adaptive", "amsgrad"},
             .formula = "m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²\nweight ← weight − lr · m̂ "
                        "/ (√v̂ + eps),   m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)",
             .changes = {averagingChange()}},
            0),
        std::move(adamW),
        ruleKind<NAdam>(
            {.id = "NAdam",
             .family = "optimizer",
             .summary = "is Adam that looks ahead along its momentum",
             .details = "Adam with Nesterov's momentum. By the formula of PyTorch 2, which mends a "
                        "slip of 1.13.",
             .keywords = {"adaptive", "nesterov"},
             .formula = "m̂ = μₜ₊₁ m / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ),   Π the product of all μ "
                        "so far\nweight ← weight − lr · m̂ / (√v̂ + eps), m and v as in Adam",
             .changes = {averagingChange(),
                         {"2.0",
                          "The look-ahead momentum is multiplied by mu once; 1.13 does it twice.",
                          "Multiplied once on both, so that NAdam differs from Python 1.13's."}}},
            {learningRateParam(0.002), betasParam(), epsParam(1e-8), weightDecayParam(),
             optimizerNumber("momentum_decay", 4e-3,
                             "How fast the momentum comes to its full "
                             "strength."),
             decoupledParam("2.1"), laterMaximizeParam()},
            2),
        ruleKind<RAdam>(
            {.id = "RAdam",
             .family = "optimizer",
             .summary = "is Adam that trusts its step sizes only after some steps",
             .details = "Rectified Adam: plain momentum at first, while the averages of the "
                        "squares are still uncertain. Needs no warm-up.",
             .keywords = {"adaptive", "rectified", "warm-up"},
             .formula = "weight ← weight − lr · m̂ · r / √v̂ once the variance can be trusted (ρₜ > "
                        "5), weight − lr · m̂ before",
             .changes = {averagingChange()}},
            {learningRateParam(0.001), betasParam(), epsParam(1e-8), weightDecayParam(),
             decoupledParam("2.2"), laterMaximizeParam()},
            2),
        ruleKind<Adamax>(
            {.id = "Adamax",
             .family = "optimizer",
             .summary = "is Adam that divides by the largest gradient",
             .details = "Takes the largest recent gradient instead of the root of the averaged "
                        "square.",
             .keywords = {"adaptive", "infinity"},
             .formula = "m ← β₁ m + (1 − β₁) g,   u ← max(β₂ u, |g| + eps)\nweight ← weight − lr / "
                        "(1 − β₁ᵗ) · m / u",
             .changes = {averagingChange()}},
            {learningRateParam(0.002), betasParam(), epsParam(1e-8), weightDecayParam(),
             maximizeParam()},
            2)};
}

}  // namespace loom
