#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/backend/optimizer_parts.h"

// Follows `_single_tensor_adafactor` of PyTorch 2.6's torch/optim in its order of operations. All
// of it exists in LibTorch 1.13, so the same lines serve there, where Python has no Adafactor.
namespace loom {
namespace {

using backend::OptimizerState;
using backend::UpdateRule;

class Adafactor : public UpdateRule {
public:
    explicit Adafactor(const Settings& s)
        : m_decay(s.number("beta2_decay")),
          m_largest(s.number("d")),
          m_weightDecay(s.number("weight_decay")) {
        const List& eps = s.value("eps").asList();
        if (!eps.at(0).isNone()) m_eps1 = eps.at(0).asFloat();
        m_eps2 = eps.at(1).asFloat();
    }

    void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                const GroupRates& rates) override {
        if (state.empty()) begin(state, gradient);
        const double step = countStep(state);
        const double eps1 = m_eps1.value_or(parameter.scalar_type() == at::kDouble
                                                ? std::numeric_limits<double>::epsilon()
                                                : std::numeric_limits<float>::epsilon());
        const double weight = std::pow(step, m_decay);
        const double rate = std::min(rates.lr, 1 / std::pow(step, 0.5));
        const double alpha = std::max(m_eps2, rootMeanSquare(parameter)) * rate;
        if (m_weightDecay != 0) parameter.mul_(1 - rates.lr * m_weightDecay);
        const at::Tensor move =
            estimate(state, gradient, weight, eps1).clamp_(eps1 * eps1).rsqrt_().mul_(gradient);
        const double size = norm(move) / (rootOfCount(move) * m_largest);
        parameter.add_(move, -alpha / std::max(1.0, size));
    }

private:
    double m_decay, m_largest, m_weightDecay;
    std::optional<double> m_eps1;  ///< none: the type's machine epsilon
    double m_eps2 = 0;

    static double rootOfCount(const at::Tensor& t) {
        return std::pow(static_cast<double>(t.numel()), 0.5);
    }
    static double norm(const at::Tensor& t) { return at::linalg_vector_norm(t, 2).item<double>(); }
    static double rootMeanSquare(const at::Tensor& t) { return norm(t) / rootOfCount(t); }

    static at::Tensor factor(const at::Tensor& gradient, std::int64_t dim) {
        auto sizes = gradient.sizes().vec();
        sizes[static_cast<std::size_t>(gradient.dim() + dim)] = 1;
        return at::zeros(sizes, gradient.options());
    }
    static void begin(OptimizerState& state, const at::Tensor& gradient) {
        state["step"] = at::zeros({}, at::kFloat);
        if (gradient.dim() > 1) {
            state["row_var"] = factor(gradient, -1);
            state["col_var"] = factor(gradient, -2);
        } else {
            state["variance"] = zerosLike(gradient);
        }
    }
    /// Takes the squares' means along one dimension into their average.
    static void average(const at::Tensor& factor, const at::Tensor& gradient, std::int64_t dim,
                        double weight) {
        const at::Tensor mean =
            at::linalg_vector_norm(gradient, 2, dim, true).square_().div_(gradient.size(dim));
        factor.lerp_(mean, weight);
    }
    /// The averaged square of the gradient: of a matrix the product of its rows' and columns' own.
    static at::Tensor estimate(OptimizerState& state, const at::Tensor& gradient, double weight,
                               double eps1) {
        if (gradient.dim() <= 1) {
            const at::Tensor variance = state["variance"];
            variance.lerp_(gradient * gradient, weight);
            return variance.clone();
        }
        const at::Tensor rows = state["row_var"], columns = state["col_var"];
        average(rows, gradient, -1, weight);
        average(columns, gradient, -2, weight);
        return rows.matmul(columns).div_(rows.mean(-2, true).clamp_(eps1));
    }
};

}  // namespace

OptimizerKind adafactor() {
    ParamSpec decay = optimizerNumber(
        "beta2_decay", -0.8, "How fast the average of the squares becomes slow; at most 0.", {});
    decay.maximum = 0;
    OptimizerKind kind = ruleKind<Adafactor>(
        {.id = "Adafactor",
         .family = "optimizer",
         .summary = "adapts its steps with hardly any memory",
         .details = "Keeps only the averages of rows and columns of the squared gradient, and "
                    "takes steps in proportion to the weights. For networks whose Adam would not "
                    "fit in memory.",
         .keywords = {"adaptive", "memory", "factored"},
         .formula =
             "ρₜ = min(lr, 1/√t),   αₜ = max(eps₂, RMS(weight)) · ρₜ,   β = 1 − t^beta2_decay"
             "\nR ← β R + (1 − β) · mean of g² along rows,   C likewise along columns,   v = "
             "R C / mean(R)\nu = g / √v,   weight ← weight − αₜ · u / max(1, RMS(u) / d)",
         .since = "2.5"},
        {learningRateParam(0.01),
         std::move(decay),
         {.key = "eps",
          .type = ParamType::Floats,
          .defaultValue = List{Value(), 1e-3},
          .hint = "Floors: of the squared gradient (None: what the numbers' type resolves), and of "
                  "the weights' size.",
          .optional = true,
          .arity = 2,
          .minimum = 0},
         optimizerNumber("d", 1.0,
                         "A step larger than this, in its root mean square, is made smaller.", 1),
         weightDecayParam(),
         maximizeParam()},
        0);
    kind.check = [pairs = kind.check](const Settings& s) -> std::optional<Error> {
        if (s.isNone("eps") || (s.value("eps").isList() && s.value("eps").asList().at(1).isNone()))
            return Error{"Adafactor: eps is " + s.value("eps").toPython() +
                             ", but only its first number may be None.",
                         "Write None, 0.001."};
        return pairs(s);
    };
    return kind;
}

}  // namespace loom
