#include <cmath>

#include "core/backend/layer.h"
#include "core/catalogue/training_kinds.h"

namespace loom {
namespace backend {

void Optimizer::zeroGrad() {
    for (at::Tensor& parameter : m_parameters.tensors) parameter.mutable_grad().reset();
}

at::Tensor& Optimizer::slot(std::size_t index, const std::string& name) {
    m_slots.resize(m_parameters.tensors.size());
    for (auto& [known, tensor] : m_slots[index])
        if (known == name) return tensor;
    return m_slots[index].emplace_back(name, at::Tensor()).second;
}

std::vector<std::pair<std::string, at::Tensor>> Optimizer::state() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (std::size_t i = 0; i < m_slots.size(); ++i)
        for (const auto& [name, tensor] : m_slots[i])
            if (tensor.defined()) all.emplace_back(m_parameters.names[i] + "/" + name, tensor);
    return all;
}

void Optimizer::setState(const std::vector<std::pair<std::string, at::Tensor>>& state) {
    for (const auto& [key, tensor] : state) {
        const std::size_t slash = key.rfind('/');
        for (std::size_t i = 0; i < m_parameters.names.size(); ++i) {
            if (key.substr(0, slash) != m_parameters.names[i]) continue;
            const bool counter = tensor.dim() == 0;
            slot(i, key.substr(slash + 1)) = counter ? tensor.clone()
                                                     : tensor.to(m_parameters.tensors[i].device(),
                                                                 tensor.scalar_type(), false, true);
        }
    }
}

}  // namespace backend

namespace {

using backend::Optimizer;
using backend::ParameterList;

/// Source: torch/optim/sgd.py of PyTorch 1.13, `_single_tensor_sgd`; the order of operations is its
/// own, so that every bit agrees.
class Sgd : public Optimizer {
public:
    Sgd(const Settings& s, const ParameterList& parameters)
        : Optimizer(parameters),
          m_momentum(s.number("momentum")),
          m_dampening(s.number("dampening")),
          m_weightDecay(s.number("weight_decay")),
          m_nesterov(s.flag("nesterov")),
          m_maximize(s.flag("maximize")) {
        setLearningRate(s.number("lr"));
    }

    void step() override {
        torch::NoGradGuard guard;
        for (std::size_t i = 0; i < m_parameters.tensors.size(); ++i) {
            at::Tensor& parameter = m_parameters.tensors[i];
            if (!parameter.grad().defined()) continue;
            at::Tensor gradient = m_maximize ? -parameter.grad() : parameter.grad();
            if (m_weightDecay != 0) gradient = gradient.add(parameter, m_weightDecay);
            if (m_momentum != 0) {
                at::Tensor& buffer = slot(i, "momentum_buffer");
                if (!buffer.defined())
                    buffer = gradient.clone().detach();
                else
                    buffer.mul_(m_momentum).add_(gradient, 1 - m_dampening);
                gradient = m_nesterov ? gradient.add(buffer, m_momentum) : buffer;
            }
            parameter.add_(gradient, -m_learningRate);
        }
    }

private:
    double m_momentum, m_dampening, m_weightDecay;
    bool m_nesterov, m_maximize;
};

/// Source: torch/optim/adam.py of PyTorch 1.13, `_single_tensor_adam`.
class Adam : public Optimizer {
public:
    Adam(const Settings& s, const ParameterList& parameters)
        : Optimizer(parameters),
          m_beta1(s.numbers("betas").at(0)),
          m_beta2(s.numbers("betas").at(1)),
          m_eps(s.number("eps")),
          m_weightDecay(s.number("weight_decay")),
          m_amsgrad(s.flag("amsgrad")),
          m_maximize(s.flag("maximize")) {
        setLearningRate(s.number("lr"));
    }

    void step() override {
        torch::NoGradGuard guard;
        for (std::size_t i = 0; i < m_parameters.tensors.size(); ++i) {
            at::Tensor& parameter = m_parameters.tensors[i];
            if (!parameter.grad().defined()) continue;
            if (!slot(i, "step").defined()) {
                slot(i, "step") = at::zeros({}, at::kFloat);
                slot(i, "exp_avg") = at::zeros_like(parameter, at::MemoryFormat::Preserve);
                slot(i, "exp_avg_sq") = at::zeros_like(parameter, at::MemoryFormat::Preserve);
                if (m_amsgrad)
                    slot(i, "max_exp_avg_sq") =
                        at::zeros_like(parameter, at::MemoryFormat::Preserve);
            }
            slot(i, "step").add_(1);
            at::Tensor mean = slot(i, "exp_avg"), square = slot(i, "exp_avg_sq");
            at::Tensor gradient = m_maximize ? -parameter.grad() : parameter.grad();
            if (m_weightDecay != 0) gradient = gradient.add(parameter, m_weightDecay);
            mean.mul_(m_beta1).add_(gradient, 1 - m_beta1);
            square.mul_(m_beta2).addcmul_(gradient, gradient, 1 - m_beta2);
            const double step = slot(i, "step").item<double>();
            const double correction1 = 1 - std::pow(m_beta1, step),
                         correction2 = 1 - std::pow(m_beta2, step);
            const double stepSize = m_learningRate / correction1;
            if (m_amsgrad) {
                at::Tensor largest = slot(i, "max_exp_avg_sq");
                at::maximum_out(largest, largest, square);
                square = largest;
            }
            const at::Tensor denominator = (square.sqrt() / std::sqrt(correction2)).add_(m_eps);
            parameter.addcdiv_(mean, denominator, -stepSize);
        }
    }

private:
    double m_beta1, m_beta2, m_eps, m_weightDecay;
    bool m_amsgrad, m_maximize;
};

ParamSpec learningRate(Value value, bool required) {
    return {.key = "lr",
            .type = ParamType::Float,
            .defaultValue = std::move(value),
            .hint = "Learning rate: how far the weights move at each step.",
            .required = required,
            .minimum = 0,
            .suggestion = required ? Value(0.01) : Value()};
}

ParamSpec weightDecay() {
    return {.key = "weight_decay",
            .type = ParamType::Float,
            .defaultValue = 0.0,
            .hint = "Pulls all weights towards zero by this much (L2).",
            .minimum = 0};
}

ParamSpec maximize() {
    return {.key = "maximize",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "Climbs instead of descends: makes the loss larger."};
}

OptimizerKind sgd() {
    OptimizerKind kind;
    kind.info = {"SGD",
                 "optimizer",
                 "moves the weights against the gradient",
                 "Stochastic gradient descent. With momentum it keeps some of its last direction, "
                 "which is faster and smoother.",
                 "torch.optim.SGD",
                 {"gradient descent", "momentum", "nesterov"}};
    kind.params = {
        learningRate({}, true),
        {.key = "momentum",
         .type = ParamType::Float,
         .defaultValue = 0.0,
         .hint = "How much of the last direction is kept; 0.9 is usual.",
         .minimum = 0},
        {.key = "dampening",
         .type = ParamType::Float,
         .defaultValue = 0.0,
         .hint = "How much less the new gradient counts in the momentum."},
        weightDecay(),
        {.key = "nesterov",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint = "Looks ahead along the momentum. Needs momentum above 0 and dampening 0."},
        maximize()};
    kind.stateSize = [](const Settings& s) { return s.number("momentum") != 0 ? 1 : 0; };
    kind.check = [](const Settings& s) -> std::optional<Error> {
        if (!s.flag("nesterov") || (s.number("momentum") > 0 && s.number("dampening") == 0))
            return std::nullopt;
        return Error{"SGD: nesterov needs a momentum above 0 and a dampening of 0, but they are " +
                         s.value("momentum").toText() + " and " + s.value("dampening").toText() +
                         ".",
                     "Set momentum to 0.9 and dampening to 0, or switch nesterov off."};
    };
    kind.build = [](const Settings& s, const ParameterList& p) -> std::shared_ptr<Optimizer> {
        return std::make_shared<Sgd>(s, p);
    };
    return kind;
}

OptimizerKind adam() {
    OptimizerKind kind;
    kind.info = {"Adam",
                 "optimizer",
                 "gives every weight a step size of its own",
                 "Divides the averaged gradient by the root of its averaged square, so that all "
                 "weights move by about lr. Needs little tuning.",
                 "torch.optim.Adam",
                 {"adaptive", "amsgrad"}};
    kind.params = {learningRate(0.001, false),
                   {.key = "betas",
                    .type = ParamType::Floats,
                    .defaultValue = List{0.9, 0.999},
                    .hint = "How slowly the averages of the gradient and of its square change.",
                    .arity = 2,
                    .minimum = 0,
                    .maximum = 0.9999999},
                   {.key = "eps",
                    .type = ParamType::Float,
                    .defaultValue = 1e-8,
                    .hint = "Added to the divisor so that nothing is divided by zero.",
                    .minimum = 0},
                   weightDecay(),
                   {.key = "amsgrad",
                    .type = ParamType::Bool,
                    .defaultValue = false,
                    .hint = "Divides by the largest average so far, so that steps never grow."},
                   maximize()};
    kind.stateSize = [](const Settings& s) { return s.flag("amsgrad") ? 3 : 2; };
    kind.check = [](const Settings& s) -> std::optional<Error> {
        if (s.numbers("betas").size() == 2) return std::nullopt;
        return Error{"Adam: betas is a single number, but Adam takes two.", "Write 0.9, 0.999."};
    };
    kind.build = [](const Settings& s, const ParameterList& p) -> std::shared_ptr<Optimizer> {
        return std::make_shared<Adam>(s, p);
    };
    return kind;
}

}  // namespace

const Catalogue<OptimizerKind>& optimizers() {
    static const Catalogue<OptimizerKind> catalogue({sgd(), adam()});
    return catalogue;
}

}  // namespace loom
