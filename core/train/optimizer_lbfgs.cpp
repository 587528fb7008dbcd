#include "core/backend/line_search.h"
#include "core/backend/optimizer_parts.h"

namespace loom {
namespace {

using backend::PythonNumber;

/// Source: torch/optim/lbfgs.py of PyTorch 1.13, in its order of operations. LibTorch's own LBFGS
/// differs from Python's in the last digits.
class Lbfgs : public backend::Optimizer {
public:
    explicit Lbfgs(std::vector<backend::OptimizerGroup> groups) : Optimizer(std::move(groups)) {
        const Settings s = m_groups.front().settings();
        m_mostIterations = s.integer("max_iter");
        m_mostEvaluations = s.isNone("max_eval") ? m_mostIterations * 5 / 4 : s.integer("max_eval");
        m_toleranceGradient = s.number("tolerance_grad");
        m_toleranceChange = s.number("tolerance_change");
        m_historySize = s.integer("history_size");
        m_lineSearch = s.text("line_search_fn") == "strong_wolfe";
    }

    double step(const Closure& closure) override;

private:
    std::int64_t m_mostIterations, m_mostEvaluations, m_historySize;
    double m_toleranceGradient, m_toleranceChange;
    bool m_lineSearch;

    std::vector<at::Tensor>& tensors() { return m_groups.front().parameters.tensors; }

    at::Tensor flatGradient() {
        std::vector<at::Tensor> views;
        for (const at::Tensor& p : tensors())
            views.push_back(p.grad().defined() ? p.grad().reshape(-1)
                                               : at::zeros({p.numel()}, p.options()));
        return at::cat(views, 0);
    }
    void move(const PythonNumber& length, const at::Tensor& direction) {
        std::int64_t offset = 0;
        for (at::Tensor& p : tensors()) {
            p.add_(direction.slice(0, offset, offset + p.numel()).view_as(p), length.toDouble());
            offset += p.numel();
        }
    }

    /// What Python keeps in `state[params[0]]`, taken from the named tensors and put back: a
    /// checkpoint may lie between any two steps.
    struct Memory {
        std::int64_t iterations = 0;
        at::Tensor direction, gradient;
        PythonNumber length, scale = 1;
        std::vector<at::Tensor> directions, lengths, weights;
        double loss = 0;
    };
    Memory recall();
    void remember(const Memory& memory);
    void updateDirection(Memory& memory, const at::Tensor& gradient);
};

Lbfgs::Memory Lbfgs::recall() {
    Memory memory;
    backend::OptimizerState& state = m_states.front().front();
    if (!state["n_iter"].defined()) return memory;
    memory.iterations = state["n_iter"].item<std::int64_t>();
    if (!state["d"].defined()) return memory;
    memory.direction = state["d"];
    memory.gradient = state["prev_flat_grad"];
    memory.loss = state["prev_loss"].item<double>();
    // A rate that is a float in Python has double precision here; a tensor is kept as such.
    const auto number = [](const at::Tensor& stored) {
        return stored.scalar_type() == at::kDouble ? PythonNumber(stored.item<double>())
                                                   : PythonNumber(stored);
    };
    memory.length = number(state["t"]);
    memory.scale = number(state["H_diag"]);
    for (const auto& [name, list] :
         {std::pair("old_dirs", &memory.directions), std::pair("old_stps", &memory.lengths),
          std::pair("ro", &memory.weights)})
        if (const at::Tensor stored = state[name]; stored.defined()) *list = stored.unbind(0);
    return memory;
}

void Lbfgs::remember(const Memory& memory) {
    backend::OptimizerState& state = m_states.front().front();
    const auto stored = [](const PythonNumber& number) {
        return number.isTensor() ? number.tensor() : torch::tensor(number.toDouble(), at::kDouble);
    };
    state["n_iter"] = torch::tensor(memory.iterations, at::kLong);
    state["d"] = memory.direction;
    state["prev_flat_grad"] = memory.gradient;
    state["prev_loss"] = torch::tensor(memory.loss, at::kDouble);
    state["t"] = stored(memory.length);
    state["H_diag"] = stored(memory.scale);
    for (const auto& [name, list] :
         {std::pair("old_dirs", &memory.directions), std::pair("old_stps", &memory.lengths),
          std::pair("ro", &memory.weights)})
        state[name] = list->empty() ? at::Tensor() : at::stack(*list);
}

/// From the remembered steps, the approximate inverse Hessian times the gradient.
void Lbfgs::updateDirection(Memory& m, const at::Tensor& gradient) {
    if (m.iterations == 1) {
        m.direction = gradient.neg();
        m.directions.clear(), m.lengths.clear(), m.weights.clear();
        m.scale = 1;
        return;
    }
    const at::Tensor y = gradient.sub(m.gradient);
    const at::Tensor s = m.length.isTensor() ? m.direction.mul(m.length.tensor())
                                             : m.direction.mul(m.length.toDouble());
    const at::Tensor ys = y.dot(s);
    if (PythonNumber(ys) > 1e-10) {
        if (static_cast<std::int64_t>(m.directions.size()) == m_historySize) {
            m.directions.erase(m.directions.begin());
            m.lengths.erase(m.lengths.begin());
            m.weights.erase(m.weights.begin());
        }
        m.directions.push_back(y);
        m.lengths.push_back(s);
        m.weights.push_back(ys.reciprocal() * 1.);
        m.scale = PythonNumber(ys / y.dot(y));
    }
    const std::size_t count = m.directions.size();
    std::vector<at::Tensor> alpha(count);
    const at::Tensor q = gradient.neg();
    for (std::size_t i = count; i-- > 0;) {
        alpha[i] = m.lengths[i].dot(q) * m.weights[i];
        q.add_(m.directions[i], -alpha[i].item<double>());
    }
    m.direction = m.scale.isTensor() ? q.mul(m.scale.tensor()) : q.mul(m.scale.toDouble());
    for (std::size_t i = 0; i < count; ++i) {
        const at::Tensor beta = m.directions[i].dot(m.direction) * m.weights[i];
        m.direction.add_(m.lengths[i], (alpha[i] - beta).item<double>());
    }
}

double Lbfgs::step(const Closure& closure) {
    torch::NoGradGuard guard;
    const auto evaluate = [&] {
        torch::AutoGradMode gradients(true);
        return closure();
    };
    Memory m = recall();
    const double rate = m_rates.front().lr;
    const double first = evaluate();
    double loss = first;
    at::Tensor gradient = flatGradient();
    const auto flat = [&] { return PythonNumber(gradient.abs().max()) <= m_toleranceGradient; };
    bool optimal = flat();
    if (optimal) return first;
    std::int64_t evaluations = 1;
    for (std::int64_t iteration = 1; iteration <= m_mostIterations; ++iteration) {
        ++m.iterations;
        updateDirection(m, gradient);
        m.gradient = gradient.clone();
        m.loss = loss;
        if (m.iterations == 1)
            m.length = PythonNumber::min(1., PythonNumber(gradient.abs().sum().reciprocal() * 1.)) *
                       PythonNumber(rate);
        else
            m.length = rate;
        const PythonNumber slope(gradient.dot(m.direction));
        if (slope > -m_toleranceChange) break;

        std::int64_t searched = 0;
        if (m_lineSearch) {
            std::vector<at::Tensor> start;
            for (const at::Tensor& p : tensors()) start.push_back(p.clone());
            const auto found = backend::strongWolfe(
                [&](const PythonNumber& length) {
                    move(length, m.direction);
                    const double value = evaluate();
                    const at::Tensor there = flatGradient();
                    for (std::size_t i = 0; i < start.size(); ++i) tensors()[i].copy_(start[i]);
                    return std::pair(value, there);
                },
                m.length, m.direction, loss, gradient, slope, m_toleranceChange);
            loss = found.loss;
            gradient = found.gradient;
            m.length = found.step;
            searched = found.evaluations;
            move(m.length, m.direction);
            optimal = flat();
        } else {
            move(m.length, m.direction);
            if (iteration != m_mostIterations) {
                loss = evaluate();
                gradient = flatGradient();
                optimal = flat();
                searched = 1;
            }
        }
        evaluations += searched;
        if (iteration == m_mostIterations || evaluations >= m_mostEvaluations || optimal) break;
        const at::Tensor moved = m.length.isTensor() ? m.direction.mul(m.length.tensor())
                                                     : m.direction.mul(m.length.toDouble());
        if (PythonNumber(moved.abs().max()) <= m_toleranceChange) break;
        if (std::abs(loss - m.loss) < m_toleranceChange) break;
    }
    remember(m);
    return first;
}

}  // namespace

OptimizerKind lbfgs() {
    OptimizerKind kind;
    kind.info = {
        "LBFGS",
        "optimizer",
        "estimates the curvature from its last steps",
        "A quasi-Newton method: it computes each batch's loss several times and finds "
        "a good direction from the gradients it has seen. Made for small networks "
        "and the whole data in one batch. All parameters share its settings.",
        "torch.optim.LBFGS",
        {"quasi-newton", "second order", "bfgs"},
        "weight ← weight − lr · H · g, H made from the last history_size steps and gradients"};
    kind.params = {
        learningRateParam(1.0),
        {.key = "max_iter",
         .type = ParamType::Int,
         .defaultValue = 20,
         .hint = "Most moves for each batch.",
         .minimum = 1},
        {.key = "max_eval",
         .type = ParamType::Int,
         .hint = "Most times the loss is computed for each batch.",
         .optional = true,
         .minimum = 1,
         .noneText = "max_iter · 5/4"},
        optimizerNumber("tolerance_grad", 1e-7, "Stops when no gradient is larger than this."),
        optimizerNumber("tolerance_change", 1e-9,
                        "Stops when loss or weights change less than this."),
        {.key = "history_size",
         .type = ParamType::Int,
         .defaultValue = 100,
         .hint = "How many past steps it remembers; each costs twice the network's "
                 "memory.",
         .minimum = 1},
        {.key = "line_search_fn",
         .type = ParamType::Choice,
         .hint = "How it finds the length of a step: strong_wolfe searches until the "
                 "loss falls enough; without, the length is lr.",
         .optional = true,
         .choices = {"strong_wolfe"},
         .noneText = "none, step by lr"}};
    kind.check = [](const Settings&) { return std::optional<Error>(); };
    kind.stateSize = [](const Settings& s) { return 2 * s.integer("history_size") + 3; };
    kind.takesGroups = false;
    kind.build = [](std::vector<backend::OptimizerGroup> groups) {
        return std::make_shared<Lbfgs>(std::move(groups));
    };
    return kind;
}

}  // namespace loom
