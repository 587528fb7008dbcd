#include <limits>

#include "core/backend/optimizer_parts.h"
#include "core/backend/torch_version.h"

namespace loom {
namespace backend {

at::Tensor& OptimizerState::operator[](const std::string& name) {
    for (auto& [known, tensor] : m_tensors)
        if (known == name) return tensor;
    return m_tensors.emplace_back(name, at::Tensor()).second;
}

Optimizer::Optimizer(std::vector<OptimizerGroup> groups) : m_groups(std::move(groups)) {
    for (const OptimizerGroup& group : m_groups) {
        m_rates.push_back(startingRates(group.settings()));
        m_states.emplace_back(group.parameters.tensors.size());
    }
}

void Optimizer::zeroGrad() {
    for (OptimizerGroup& group : m_groups)
        for (at::Tensor& parameter : group.parameters.tensors) parameter.mutable_grad().reset();
}

std::vector<std::pair<std::string, at::Tensor>> Optimizer::state() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (std::size_t g = 0; g < m_groups.size(); ++g)
        for (std::size_t i = 0; i < m_states[g].size(); ++i)
            for (const auto& [name, tensor] : m_states[g][i])
                if (tensor.defined())
                    all.emplace_back(m_groups[g].parameters.names[i] + "/" + name, tensor);
    return all;
}

void Optimizer::setState(const std::vector<std::pair<std::string, at::Tensor>>& state) {
    for (const auto& [key, tensor] : state) {
        const std::size_t slash = key.rfind('/');
        const std::string owner = key.substr(0, slash), name = key.substr(slash + 1);
        for (std::size_t g = 0; g < m_groups.size(); ++g) {
            const ParameterList& parameters = m_groups[g].parameters;
            for (std::size_t i = 0; i < parameters.names.size(); ++i) {
                if (owner != parameters.names[i]) continue;
                // Counters stay on the CPU, where Python keeps them.
                m_states[g][i][name] = tensor.dim() == 0
                                           ? tensor.clone()
                                           : tensor.to(parameters.tensors[i].device(),
                                                       tensor.scalar_type(), false, true);
            }
        }
    }
}

RuleOptimizer::RuleOptimizer(
    std::vector<OptimizerGroup> groups,
    const std::function<std::unique_ptr<UpdateRule>(const Settings&)>& rule)
    : Optimizer(std::move(groups)) {
    for (const OptimizerGroup& group : m_groups) m_rules.push_back(rule(group.settings()));
}

double RuleOptimizer::step(const Closure& closure) {
    const double loss = closure();
    torch::NoGradGuard guard;
    for (std::size_t g = 0; g < m_groups.size(); ++g) {
        const bool climbs = m_groups[g].settings().flag("maximize");
        auto& tensors = m_groups[g].parameters.tensors;
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const at::Tensor& gradient = tensors[i].grad();
            if (!gradient.defined()) continue;
            m_rules[g]->update(tensors[i], climbs ? -gradient : gradient, m_states[g][i],
                               m_rates[g]);
        }
    }
    return loss;
}

}  // namespace backend

ParamSpec learningRateParam(double defaultValue) {
    return optimizerNumber("lr", defaultValue,
                           "Learning rate: how far the weights move at each step.");
}

ParamSpec weightDecayParam(double defaultValue) {
    return optimizerNumber("weight_decay", defaultValue,
                           "Pulls all weights towards zero by this much (L2).");
}

ParamSpec maximizeParam() {
    return {.key = "maximize",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "Climbs instead of descends: makes the loss larger."};
}

ParamSpec epsParam(double defaultValue) {
    return optimizerNumber("eps", defaultValue,
                           "Added to the divisor so that nothing is divided by zero.");
}

ParamSpec betasParam() {
    return {.key = "betas",
            .type = ParamType::Floats,
            .defaultValue = List{0.9, 0.999},
            .hint = "How slowly the averages of the gradient and of its square change.",
            .arity = 2,
            .minimum = 0,
            .maximum = 0.9999999};
}

ParamSpec optimizerNumber(const std::string& key, double defaultValue, const std::string& hint,
                          std::optional<double> minimum) {
    return {.key = key,
            .type = ParamType::Float,
            .defaultValue = defaultValue,
            .hint = hint,
            .minimum = minimum,
            // Weights are of single precision, and PyTorch refuses numbers beyond it.
            .maximum = std::numeric_limits<float>::max()};
}

void averageIn(const at::Tensor& average, const at::Tensor& value, double beta) {
    if (backend::torchSince(2, 0))
        average.lerp_(value, 1 - beta);
    else
        average.mul_(beta).add_(value, 1 - beta);
}

VersionChange averagingChange() {
    return {"2.0",
            "Averages are moved by lerp_ and roots are written as powers, which changes the last "
            "bits.",
            "Follows the linked LibTorch, so that training equals the same machine's Python."};
}

at::Tensor zerosLike(const at::Tensor& parameter) {
    return at::zeros_like(parameter, at::MemoryFormat::Preserve);
}

double countStep(backend::OptimizerState& state) {
    at::Tensor& step = state["step"];
    if (!step.defined()) step = at::zeros({}, at::kFloat);
    return step.add_(1).item<double>();
}

const Catalogue<OptimizerKind>& optimizers() {
    static const Catalogue<OptimizerKind> catalogue([] {
        std::vector<OptimizerKind> all = gradientOptimizers();
        for (auto* part : {&adamOptimizers, &scalingOptimizers})
            for (OptimizerKind& kind : (*part)()) all.push_back(std::move(kind));
        all.push_back(adafactor());
        all.push_back(lbfgs());
        return all;
    }());
    return catalogue;
}

}  // namespace loom
