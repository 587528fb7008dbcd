#include <algorithm>
#include <cmath>

#include "core/backend/initialization.h"
#include "core/catalogue/init_kind.h"

// The formulas are those of PyTorch 1.13's torch/nn/init.py, in their order of operations.
namespace loom {
namespace {

using Sizes = std::vector<std::int64_t>;
using Apply = void (*)(const Settings&, at::Tensor&);

std::string sentence(const std::string& name, const Sizes& sizes) {
    return name + (sizes.size() == 1 ? " is a row of " + groupDigits(sizes[0]) + " numbers"
                                     : " is " + Shape{sizes}.toSentence());
}

std::optional<Error> anySize(const Settings&, const std::string&, const Sizes&) {
    return std::nullopt;
}

/// For what looks at fans or makes matrices of the weights.
std::optional<Error> atLeastTwo(const Settings&, const std::string& name, const Sizes& sizes) {
    if (sizes.size() >= 2) return std::nullopt;
    return Error{sentence(name, sizes) + ", and at least two dimensions are needed",
                 "Begin it with zeros_, constant_ or uniform_, or as PyTorch does."};
}

std::optional<Error> exactlyTwo(const Settings&, const std::string& name, const Sizes& sizes) {
    if (sizes.size() == 2) return std::nullopt;
    return Error{sentence(name, sizes) + ", and only a matrix, of two dimensions, can begin so",
                 "Take orthogonal_ or a xavier_ one, which take any size from two dimensions on."};
}

std::optional<Error> filters(const Settings& s, const std::string& name, const Sizes& sizes) {
    if (sizes.size() < 3 || sizes.size() > 5)
        return Error{
            sentence(name, sizes) +
                ", and only filters of convolutions, of three to five dimensions, can begin so",
            "Take eye_ for the matrix of a Linear."};
    if (sizes[0] % s.integer("groups") != 0)
        return Error{sentence(name, sizes) + ", and its " + groupDigits(sizes[0]) +
                         " filters cannot be divided into " + s.value("groups").toText() +
                         " groups",
                     "Set groups to the convolution's own."};
    return std::nullopt;
}

std::pair<double, double> fans(const at::Tensor& tensor) {
    std::int64_t field = 1;
    for (std::int64_t i = 2; i < tensor.dim(); ++i) field *= tensor.size(i);
    return {static_cast<double>(tensor.size(1) * field),
            static_cast<double>(tensor.size(0) * field)};
}

double xavierDeviation(const Settings& s, const at::Tensor& tensor) {
    const auto [in, out] = fans(tensor);
    return s.number("gain") * std::sqrt(2.0 / (in + out));
}

double kaimingDeviation(const Settings& s, const at::Tensor& tensor) {
    const auto [in, out] = fans(tensor);
    const double slope = s.number("a");
    // torch.nn.init.calculate_gain; what is not named has the gain 1.
    const std::vector<std::pair<std::string, double>> gains = {
        {"tanh", 5.0 / 3},
        {"relu", std::sqrt(2.0)},
        {"leaky_relu", std::sqrt(2.0 / (1 + slope * slope))},
        {"selu", 3.0 / 4}};
    double gain = 1;
    for (const auto& [name, value] : gains)
        if (name == s.text("nonlinearity")) gain = value;
    return gain / std::sqrt(s.text("mode") == "fan_in" ? in : out);
}

double normalBelow(double x) {
    return (1. + std::erf(x / std::sqrt(2.))) / 2.;
}

void truncatedNormal(const Settings& s, at::Tensor& t) {
    const double mean = s.number("mean"), deviation = s.number("std"), low = s.number("a"),
                 high = s.number("b");
    const double l = normalBelow((low - mean) / deviation),
                 u = normalBelow((high - mean) / deviation);
    t.uniform_(2 * l - 1, 2 * u - 1);
    t.erfinv_();
    t.mul_(deviation * std::sqrt(2.));
    t.add_(mean);
    t.clamp_(low, high);
}

void dirac(const Settings& s, at::Tensor& t) {
    const std::int64_t groups = s.integer("groups"), each = t.size(0) / groups;
    t.zero_();
    for (std::int64_t g = 0; g < groups; ++g)
        for (std::int64_t d = 0; d < std::min(each, t.size(1)); ++d) {
            at::Tensor filter = t.select(0, g * each + d).select(0, d);
            while (filter.dim() > 0) filter = filter.select(0, filter.size(0) / 2);
            filter.fill_(1);
        }
}

void orthogonal(const Settings& s, at::Tensor& t) {
    const std::int64_t rows = t.size(0), columns = t.numel() / rows;
    at::Tensor flat = at::empty({rows, columns}, t.options().requires_grad(false)).normal_(0, 1);
    if (rows < columns) flat.t_();
    auto [q, r] = at::linalg_qr(flat);
    q.mul_(at::diag(r, 0).sign());
    if (rows < columns) q.t_();
    t.view_as(q).copy_(q);
    t.mul_(s.number("gain"));
}

void sparse(const Settings& s, at::Tensor& t) {
    const std::int64_t rows = t.size(0);
    const auto zeros =
        static_cast<std::int64_t>(std::ceil(s.number("sparsity") * static_cast<double>(rows)));
    t.normal_(0, s.number("std"));
    for (std::int64_t column = 0; column < t.size(1); ++column)
        t.select(1, column).index_fill_(
            0, at::randperm(rows, at::TensorOptions(at::kLong)).slice(0, 0, zeros), 0);
}

ParamSpec number(const std::string& key, Value defaultValue, const std::string& hint,
                 std::optional<double> minimum = {}) {
    ParamSpec spec{.key = key,
                   .type = ParamType::Float,
                   .defaultValue = defaultValue,
                   .hint = hint,
                   .required = defaultValue.isNone(),
                   .minimum = minimum};
    if (spec.required) spec.suggestion = 0.0;
    return spec;
}

ParamSpec gain(Value defaultValue) {
    return number("gain", std::move(defaultValue),
                  "Multiplies all weights; √2 makes up for what ReLU cuts off.");
}

std::vector<ParamSpec> kaimingParams() {
    return {
        number("a", 0, "The slope of LeakyReLU below zero."),
        {.key = "mode",
         .type = ParamType::Choice,
         .defaultValue = "fan_in",
         .hint = "Whether the numbers keep their size on the way forward (fan_in) or the "
                 "gradients theirs on the way back (fan_out).",
         .choices = {"fan_in", "fan_out"}},
        {.key = "nonlinearity",
         .type = ParamType::Choice,
         .defaultValue = "leaky_relu",
         .hint = "The activation that follows.",
         .choices = {"relu", "leaky_relu", "tanh", "selu", "sigmoid", "linear", "conv1d", "conv2d",
                     "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}}};
}

InitKind kind(const std::string& id, const std::string& summary, std::vector<ParamSpec> params,
              decltype(InitKind::check) check, Apply apply) {
    InitKind made;
    made.info = {id, "initialisation", summary, "", "torch.nn.init." + id, {}};
    made.params = std::move(params);
    made.check = std::move(check);
    made.apply = [apply](const Settings& s, backend::InitTarget& target) {
        torch::NoGradGuard guard;
        apply(s, target.tensor);
    };
    return made;
}

}  // namespace

const Catalogue<InitKind>& initializations() {
    using S = const Settings&;
    using T = at::Tensor&;
    ParamSpec groups{.key = "groups",
                     .type = ParamType::Int,
                     .defaultValue = 1,
                     .hint = "The convolution's groups, each of which gets its own identity.",
                     .minimum = 1};
    ParamSpec sparsity = number("sparsity", {}, "The part of each column that is zero.", 0);
    sparsity.maximum = 1;
    sparsity.suggestion = 0.9;
    const std::string deviation = "The standard deviation.";
    static const Catalogue<InitKind> catalogue(
        {kind("xavier_uniform_", "draws evenly, as wide as keeps signals and gradients alike",
              {gain(1.0)}, atLeastTwo,
              [](S s, T t) {
                  const double bound = std::sqrt(3.0) * xavierDeviation(s, t);
                  t.uniform_(-bound, bound);
              }),
         kind("xavier_normal_", "draws from a bell curve that keeps signals and gradients alike",
              {gain(1.0)}, atLeastTwo, [](S s, T t) { t.normal_(0., xavierDeviation(s, t)); }),
         kind("kaiming_uniform_", "draws evenly, as wide as suits ReLU and its kin",
              kaimingParams(), atLeastTwo,
              [](S s, T t) {
                  const double bound = std::sqrt(3.0) * kaimingDeviation(s, t);
                  t.uniform_(-bound, bound);
              }),
         kind("kaiming_normal_", "draws from a bell curve that suits ReLU and its kin",
              kaimingParams(), atLeastTwo, [](S s, T t) { t.normal_(0, kaimingDeviation(s, t)); }),
         kind("orthogonal_", "makes a matrix that turns vectors and keeps their length", {gain(1)},
              atLeastTwo, orthogonal),
         kind("uniform_", "draws evenly between two bounds",
              {number("a", 0.0, "The lower bound."), number("b", 1.0, "The upper bound.")}, anySize,
              [](S s, T t) { t.uniform_(s.number("a"), s.number("b")); }),
         kind("normal_", "draws from a bell curve",
              {number("mean", 0.0, "The middle of the curve."), number("std", 1.0, deviation, 0)},
              anySize, [](S s, T t) { t.normal_(s.number("mean"), s.number("std")); }),
         kind("trunc_normal_", "draws from a bell curve between two bounds",
              {number("mean", 0.0, "The middle of the curve."), number("std", 1.0, deviation, 0),
               number("a", -2.0, "The lower bound."), number("b", 2.0, "The upper bound.")},
              anySize, truncatedNormal),
         kind("zeros_", "sets all to 0", {}, anySize, [](S, T t) { t.zero_(); }),
         kind("ones_", "sets all to 1", {}, anySize, [](S, T t) { t.fill_(1.); }),
         kind("constant_", "sets all to one number", {number("val", {}, "The number.")}, anySize,
              [](S s, T t) { t.fill_(s.number("val")); }),
         kind("eye_", "makes the identity, which hands on what it receives", {}, exactlyTwo,
              [](S, T t) { at::eye_out(t, t.size(0), t.size(1)); }),
         kind("dirac_", "makes a convolution that hands on what it receives", {groups}, filters,
              dirac),
         kind("sparse_", "draws from a bell curve and sets most to 0",
              {sparsity, number("std", 0.01, deviation, 0)}, exactlyTwo, sparse)});
    return catalogue;
}

const Dict::Entry* initializationOf(const Dict& initialization, const std::string& parameter) {
    const Dict::Entry* part = nullptr;
    for (const Dict::Entry& entry : initialization) {
        if (entry.first == parameter) return &entry;
        if (!part && !entry.first.empty() && parameter.find(entry.first) != std::string::npos)
            part = &entry;
    }
    return part;
}

}  // namespace loom
