#include <algorithm>
#include <cmath>

#include "core/backend/optimizer_parts.h"

// All follow the `_single_tensor_` functions of torch/optim, in their order of operations, so that
// every bit agrees.
namespace loom {
namespace {

using backend::OptimizerState;
using backend::UpdateRule;

class Sgd : public UpdateRule {
public:
    explicit Sgd(const Settings& s)
        : m_dampening(s.number("dampening")),
          m_weightDecay(s.number("weight_decay")),
          m_nesterov(s.flag("nesterov")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        if (m_weightDecay != 0) gradient = gradient.add(parameter, m_weightDecay);
        if (*rates.momentum != 0) {
            at::Tensor& buffer = state["momentum_buffer"];
            if (!buffer.defined())
                buffer = gradient.clone().detach();
            else
                buffer.mul_(*rates.momentum).add_(gradient, 1 - m_dampening);
            gradient = m_nesterov ? gradient.add(buffer, *rates.momentum) : buffer;
        }
        parameter.add_(gradient, -rates.lr);
    }

private:
    double m_dampening, m_weightDecay;
    bool m_nesterov;
};

class Asgd : public UpdateRule {
public:
    explicit Asgd(const Settings& s)
        : m_lambda(s.number("lambd")),
          m_alpha(s.number("alpha")),
          m_begin(s.number("t0")),
          m_weightDecay(s.number("weight_decay")) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        if (state.empty()) {
            state["eta"] = torch::tensor(rates.lr, at::kFloat);
            state["mu"] = at::ones({}, at::kFloat);
            state["ax"] = zerosLike(parameter);
        }
        const double step = countStep(state);
        const at::Tensor eta = state["eta"], mu = state["mu"], average = state["ax"];
        if (m_weightDecay != 0) gradient = gradient.add(parameter, m_weightDecay);
        parameter.mul_(1 - m_lambda * eta.item<double>());
        parameter.add_(gradient, -eta.item<double>());
        if (mu.item<double>() != 1)
            average.add_(parameter.sub(average).mul(mu));
        else
            average.copy_(parameter);
        eta.fill_(rates.lr / std::pow(1 + m_lambda * rates.lr * step, m_alpha));
        mu.fill_(1 / std::max(1.0, step - m_begin));
    }

private:
    double m_lambda, m_alpha, m_begin, m_weightDecay;
};

class Rprop : public UpdateRule {
public:
    explicit Rprop(const Settings& s)
        : m_less(s.numbers("etas").at(0)),
          m_more(s.numbers("etas").at(1)),
          m_smallest(s.numbers("step_sizes").at(0)),
          m_largest(s.numbers("step_sizes").at(1)) {}

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        if (state.empty()) {
            state["prev"] = zerosLike(parameter);
            state["step_size"] = at::full_like(gradient, rates.lr);
        }
        const at::Tensor before = state["prev"], size = state["step_size"];
        const at::Tensor sign = gradient.mul(before).sign();
        sign.masked_fill_(sign.gt(0), m_more);
        sign.masked_fill_(sign.lt(0), m_less);
        sign.masked_fill_(sign.eq(0), 1);
        size.mul_(sign).clamp_(m_smallest, m_largest);
        gradient = gradient.clone(at::MemoryFormat::Preserve);
        gradient.masked_fill_(sign.eq(m_less), 0);
        parameter.addcmul_(gradient.sign(), size, -1);
        before.copy_(gradient);
    }

private:
    double m_less, m_more, m_smallest, m_largest;
};

OptimizerKind sgd() {
    OptimizerKind kind = ruleKind<Sgd>(
        {.id = "SGD",
         .family = "optimizer",
         .summary = "moves the weights against the gradient",
         .details = "Stochastic gradient descent. With momentum it keeps some of its last "
                    "direction, which is faster and smoother.",
         .keywords = {"gradient descent", "momentum", "nesterov"},
         .formula = "v ← momentum · v + (1 − dampening) · gradient\nweight ← weight − lr · v"},
        {[] {
             ParamSpec lr = learningRateParam(0.001);
             lr.defaultSince = "2.2";
             return lr;
         }(),
         optimizerNumber("momentum", 0, "How much of the last direction is kept; 0.9 is usual."),
         optimizerNumber("dampening", 0, "How much less the new gradient counts in the momentum.",
                         {}),
         weightDecayParam(),
         {.key = "nesterov",
          .type = ParamType::Bool,
          .defaultValue = false,
          .hint = "Looks ahead along the momentum. Needs momentum above 0 and dampening 0."},
         maximizeParam()},
        0);
    kind.stateSize = [](const Settings& s) { return s.number("momentum") != 0 ? 1 : 0; };
    kind.check = [](const Settings& s) -> std::optional<Error> {
        if (!s.flag("nesterov") || (s.number("momentum") > 0 && s.number("dampening") == 0))
            return std::nullopt;
        return Error{"SGD: nesterov needs a momentum above 0 and a dampening of 0, but they are " +
                         s.value("momentum").toText() + " and " + s.value("dampening").toText() +
                         ".",
                     "Set momentum to 0.9 and dampening to 0, or switch nesterov off."};
    };
    return kind;
}

OptimizerKind asgd() {
    return ruleKind<Asgd>(
        {.id = "ASGD",
         .family = "optimizer",
         .summary = "lets its steps shrink and keeps the weights' average",
         .details = "Averaged stochastic gradient descent: plain steps that become smaller by "
                    "lambd and alpha; from step t0 on it also averages the weights it passes.",
         .keywords = {"averaged", "gradient descent"},
         .formula = "weight ← weight · (1 − lambd · η) − η · g\nη = lr / (1 + lambd · lr · "
                    "t)^alpha,   average ← mean of the weights from step t0 on"},
        {learningRateParam(0.01),
         optimizerNumber("lambd", 1e-4, "How fast the weights and the steps shrink."),
         optimizerNumber("alpha", 0.75, "The power by which the steps shrink.", {}),
         optimizerNumber("t0", 1e6, "The step from which on the weights are averaged.", {}),
         weightDecayParam(), maximizeParam()},
        1);
}

OptimizerKind rprop() {
    OptimizerKind kind = ruleKind<Rprop>(
        {.id = "Rprop",
         .family = "optimizer",
         .summary = "looks only at the gradient's sign",
         .details = "Each weight has a step of its own, which grows while its gradient keeps its "
                    "sign and shrinks when it turns. Made for the whole data in one batch.",
         .keywords = {"resilient", "sign"},
         .formula = "step ← step · η⁺ where the gradient kept its sign, · η⁻ where it "
                    "changed\nweight ← weight − sign(gradient) · step"},
        {learningRateParam(0.01),
         {.key = "etas",
          .type = ParamType::Floats,
          .defaultValue = List{0.5, 1.2},
          .hint = "What a step is multiplied by when the sign turns, and when it stays.",
          .arity = 2,
          .minimum = 0,
          .minimumExcluded = true},
         {.key = "step_sizes",
          .type = ParamType::Floats,
          .defaultValue = List{1e-6, 50},
          .hint = "The smallest and the largest step.",
          .arity = 2,
          .minimum = 0},
         maximizeParam()},
        2);
    kind.check = [pairs = kind.check](const Settings& s) -> std::optional<Error> {
        if (auto wrong = pairs(s)) return wrong;
        const auto etas = s.numbers("etas");
        if (etas[0] < 1 && etas[1] > 1) return std::nullopt;
        return Error{"Rprop: etas are " + s.value("etas").toText() +
                         ", but the first must be below 1 and the second above.",
                     "Write 0.5, 1.2."};
    };
    return kind;
}

}  // namespace

std::vector<OptimizerKind> gradientOptimizers() {
    return {sgd(), asgd(), rprop()};
}

}  // namespace loom
