#include "core/backend/optimizer_parts.h"

// All follow the `_single_tensor_` functions of torch/optim, in their order of operations, so that
// every bit agrees.
namespace loom {
namespace {

using backend::OptimizerState;
using backend::UpdateRule;

class RmsProp : public UpdateRule {
public:
    explicit RmsProp(const Settings& s)
        : m_alpha(s.number("alpha")),
          m_eps(s.number("eps")),
          m_weightDecay(s.number("weight_decay")),
          m_centered(s.flag("centered")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        for (const auto& [name, wanted] :
             {std::pair("square_avg", true), std::pair("momentum_buffer", *rates.momentum > 0),
              std::pair("grad_avg", m_centered)})
            if (wanted && !state[name].defined()) state[name] = zerosLike(parameter);
        if (m_weightDecay != 0) gradient = gradient.add(parameter, m_weightDecay);
        const at::Tensor square = state["square_avg"];
        square.mul_(m_alpha).addcmul_(gradient, gradient, 1 - m_alpha);
        at::Tensor average;
        if (m_centered) {
            const at::Tensor mean = state["grad_avg"];
            averageIn(mean, gradient, m_alpha);
            average = square.addcmul(mean, mean, -1).sqrt_();
        } else {
            average = square.sqrt();
        }
        average.add_(m_eps);
        if (*rates.momentum > 0) {
            const at::Tensor buffer = state["momentum_buffer"];
            buffer.mul_(*rates.momentum).addcdiv_(gradient, average);
            parameter.add_(buffer, -rates.lr);
        } else {
            parameter.addcdiv_(gradient, average, -rates.lr);
        }
    }

private:
    double m_alpha, m_eps, m_weightDecay;
    bool m_centered;
};

class Adagrad : public UpdateRule {
public:
    explicit Adagrad(const Settings& s)
        : m_rateDecay(s.number("lr_decay")),
          m_weightDecay(s.number("weight_decay")),
          m_begin(s.number("initial_accumulator_value")),
          m_eps(s.number("eps")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        if (state.empty())
            state["sum"] = at::full_like(parameter, m_begin, {}, at::MemoryFormat::Preserve);
        const double step = countStep(state);
        if (m_weightDecay != 0) gradient = gradient.add(parameter, m_weightDecay);
        const double rate = rates.lr / (1 + (step - 1) * m_rateDecay);
        const at::Tensor sum = state["sum"];
        sum.addcmul_(gradient, gradient, 1);
        parameter.addcdiv_(gradient, sum.sqrt().add_(m_eps), -rate);
    }

private:
    double m_rateDecay, m_weightDecay, m_begin, m_eps;
};

class Adadelta : public UpdateRule {
public:
    explicit Adadelta(const Settings& s)
        : m_rho(s.number("rho")), m_eps(s.number("eps")), m_weightDecay(s.number("weight_decay")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        if (state.empty()) {
            state["square_avg"] = zerosLike(parameter);
            state["acc_delta"] = zerosLike(parameter);
        }
        if (m_weightDecay != 0) gradient = gradient.add(parameter, m_weightDecay);
        const at::Tensor square = state["square_avg"], moved = state["acc_delta"];
        square.mul_(m_rho).addcmul_(gradient, gradient, 1 - m_rho);
        const at::Tensor deviation = square.add(m_eps).sqrt_();
        const at::Tensor delta = moved.add(m_eps).sqrt_().div_(deviation).mul_(gradient);
        moved.mul_(m_rho).addcmul_(delta, delta, 1 - m_rho);
        parameter.add_(delta, -rates.lr);
    }

private:
    double m_rho, m_eps, m_weightDecay;
};

}  // namespace

std::vector<OptimizerKind> scalingOptimizers() {
    OptimizerKind rmsProp = ruleKind<RmsProp>(
        {.id = "RMSprop",
         .family = "optimizer",
         .summary = "divides the gradient by its recent size",
         .details = "Divides by the root of the averaged square of the gradient. Good for "
                    "recurrent networks.",
         .keywords = {"adaptive", "root mean square"},
         .formula = "v ← alpha · v + (1 − alpha) · g²\nweight ← weight − lr · g / (√v + eps)",
         .changes = {averagingChange()}},
        {learningRateParam(0.01),
         optimizerNumber("alpha", 0.99, "How slowly the average of the squares changes."),
         epsParam(1e-8),
         weightDecayParam(),
         optimizerNumber("momentum", 0, "How much of the last direction is kept."),
         {.key = "centered",
          .type = ParamType::Bool,
          .defaultValue = false,
          .hint = "Divides by the gradient's deviation from its mean instead of by its size."},
         maximizeParam()},
        1);
    rmsProp.stateSize = [](const Settings& s) {
        return 1 + (s.number("momentum") > 0 ? 1 : 0) + (s.flag("centered") ? 1 : 0);
    };
    ParamSpec rho = optimizerNumber("rho", 0.9, "How slowly both averages change.");
    rho.maximum = 1;
    return {
        std::move(rmsProp),
        ruleKind<Adagrad>(
            {.id = "Adagrad",
             .family = "optimizer",
             .summary = "takes smaller steps where gradients were large so far",
             .details = "Divides by the root of the sum of all squared gradients, so that "
                        "weights that are rarely touched still move. Its steps only shrink.",
             .keywords = {"adaptive", "sparse"},
             .formula =
                 "s ← s + g²\nweight ← weight − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps)"},
            {learningRateParam(0.01),
             optimizerNumber("lr_decay", 0, "How fast the learning rate falls with the steps."),
             weightDecayParam(),
             optimizerNumber("initial_accumulator_value", 0, "What the sums begin with."),
             epsParam(1e-10), maximizeParam()},
            1),
        ruleKind<Adadelta>(
            {.id = "Adadelta",
             .family = "optimizer",
             .summary = "finds its step sizes by how far it moved before",
             .details = "Like RMSprop, with steps in proportion to the recent ones, so that lr "
                        "stays at 1.",
             .keywords = {"adaptive"},
             .formula = "v ← rho · v + (1 − rho) · g²,   Δ = √(u + eps) / √(v + eps) · g\nu ← rho "
                        "· u + (1 − rho) · Δ²,   weight ← weight − lr · Δ"},
            {learningRateParam(1.0), std::move(rho), epsParam(1e-6), weightDecayParam(),
             maximizeParam()},
            2)};
}

}  // namespace loom
