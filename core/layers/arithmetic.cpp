#include <algorithm>
#include <optional>

#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/check/problem_place.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// Two or more inputs that meet number by number, written in Python with an operator.
struct Meeting {
    KindInfo info;
    const char* doing;     ///< "adds": the sentence of a refusal
    const char* sign;      ///< Python's operator
    const char* constant;  ///< the hint of `other`
    bool variadic;
    bool alwaysFloat;  ///< whole numbers become measured ones (Divide)
    std::function<at::Tensor(const at::Tensor&, const at::Tensor&)> function;
    std::function<at::Tensor(const at::Tensor&, const at::Scalar&)> withNumber;
};

/// What arrives at inputs with a wire.
std::vector<Shape> arriving(const LayerContext& c, bool variadic) {
    std::vector<Shape> shapes;
    for (std::size_t port = 0; port < c.inputs.size(); ++port)
        if (variadic || c.connected(static_cast<int>(port))) shapes.push_back(c.inputs[port]);
    return shapes;
}

LayerKind meeting(Meeting m) {
    LayerKind kind;
    kind.info = std::move(m.info);
    kind.inputs = {{"a", "", Elements::Any}, {"b", "", Elements::Any}};
    kind.variadicInputs = m.variadic;
    kind.params = {{.key = "other",
                    .type = ParamType::Float,
                    .hint = m.constant,
                    .optional = true,
                    .noneText = "no number"}};
    kind.optionalInputs = 1;
    kind.badge = [sign = std::string(m.sign)](const Settings& s) {
        return s.isNone("other") ? std::string() : sign + " " + s.value("other").toText();
    };
    kind.infer = [doing = m.doing, variadic = m.variadic,
                  alwaysFloat = m.alwaysFloat](const LayerContext& c) {
        const std::vector<Shape> shapes = arriving(c, variadic);
        // Without a second input there must be a number.
        if (shapes.size() < 2 && c.settings.isNone("other")) {
            Inference waiting =
                refuse(c, "(" + c.node.kind + ") needs 2 wires, but only 1 arrives.",
                       "Connect another block to its free input, or set other, a number.");
            waiting.problem->section = kUnfinished;
            return waiting;
        }
        Joined joined = joinInputs({c.graph, c.node, c.settings, shapes, c.shapeAt}, doing);
        if (joined.problem) return *joined.problem;
        if (alwaysFloat || c.settings.value("other").isFloat())
            joined.shape.type = ElementType::Float;
        return gives(joined.shape);
    };
    kind.build = [function = m.function, withNumber = m.withNumber](const LayerContext& c,
                                                                    const Inference&) {
        const Value& other = c.settings.value("other");
        std::optional<at::Scalar> number;
        if (other.isInt()) number = at::Scalar(other.asInt());
        if (other.isFloat()) number = at::Scalar(other.asFloat());
        return backend::pureOfAll(
            [function, withNumber, number](const std::vector<at::Tensor>& in) {
                at::Tensor result = in[0];
                for (std::size_t i = 1; i < in.size(); ++i)
                    if (in[i].defined()) result = function(result, in[i]);
                return std::vector{number ? withNumber(result, *number) : result};
            });
    };
    std::string separator = " ";
    separator.append(m.sign).append(" ");
    kind.pythonExpression = [separator](const Settings& s, const std::vector<std::string>& in) {
        const std::string inputs = joinedText(in, separator);
        return s.isNone("other") ? inputs : inputs + separator + s.value("other").toPython();
    };
    return kind;
}

LayerKind add() {
    return meeting({{"Add",
                     "arithmetic",
                     "adds what arrives, number by number",
                     "Joins branches of equal size; with it a skip connection is drawn, as in "
                     "ResNet. A side of 1 is repeated. With a number in other, one input is "
                     "enough: x + 1.",
                     "torch.add",
                     {"sum", "residual", "skip", "plus", "constant"},
                     "y = a + b"},
                    "adds",
                    "+",
                    "A number that is added as well, as in x + 1. One input is enough then.",
                    true,
                    false,
                    [](const at::Tensor& a, const at::Tensor& b) { return a + b; },
                    [](const at::Tensor& a, const at::Scalar& number) { return a + number; }});
}

LayerKind subtract() {
    return meeting({{"Subtract",
                     "arithmetic",
                     "takes the second input from the first, number by number",
                     "Shows how two branches differ. A side of 1 is repeated. With a number in "
                     "other, one input is enough: x − 1.",
                     "torch.sub",
                     {"minus", "difference", "constant"},
                     "y = a − b"},
                    "subtracts",
                    "-",
                    "A number that is taken away as well, as in x - 1. One input is enough then.",
                    false,
                    false,
                    [](const at::Tensor& a, const at::Tensor& b) { return a - b; },
                    [](const at::Tensor& a, const at::Scalar& number) { return a - number; }});
}

LayerKind multiply() {
    return meeting({{"Multiply",
                     "arithmetic",
                     "multiplies what arrives, number by number",
                     "Lets one branch open and close another, as a gate does in "
                     "squeeze-and-excitation networks. A side of 1 is repeated: 64×1×1 scales the "
                     "64 channels of a picture. With a number in other, one input is enough: 2x.",
                     "torch.mul",
                     {"times", "product", "gate", "scale", "excitation", "constant"},
                     "y = a · b"},
                    "multiplies",
                    "*",
                    "A number by which is multiplied as well, as in 2 * x. One input is enough "
                    "then.",
                    true,
                    false,
                    [](const at::Tensor& a, const at::Tensor& b) { return a * b; },
                    [](const at::Tensor& a, const at::Scalar& number) { return a * number; }});
}

LayerKind divide() {
    return meeting({{"Divide",
                     "arithmetic",
                     "divides the first input by the second, number by number",
                     "Brings one branch to the scale of another. A division by zero gives "
                     "infinity. A side of 1 is repeated. With a number in other, one input is "
                     "enough: x / 255.",
                     "torch.div",
                     {"quotient", "ratio", "normalise", "constant"},
                     "y = a / b"},
                    "divides",
                    "/",
                    "A number by which is divided as well, as in x / 255. One input is enough "
                    "then.",
                    false,
                    true,
                    [](const at::Tensor& a, const at::Tensor& b) { return a / b; },
                    [](const at::Tensor& a, const at::Scalar& number) { return a / number; }});
}

/// Sides of a sample as those of matrices, brought to `rank`; a row counts as a matrix of one row,
/// or of one column where it comes second.
std::vector<std::int64_t> asMatrices(const Shape& shape, bool second, std::size_t rank) {
    std::vector<std::int64_t> sides = shape.dims;
    if (sides.size() == 1) sides.insert(second ? sides.end() : sides.begin(), 1);
    sides.insert(sides.begin(), rank - sides.size(), 1);
    return sides;
}

Inference inferMatMul(const LayerContext& c) {
    const Shape &a = c.inputs[0], &b = c.inputs[1];
    for (int port = 0; port < 2; ++port)
        if ((port ? b : a).rank() == 0)
            return refuse(c,
                          "multiplies matrices and rows, but a single number arrives at input " +
                              std::to_string(port) + ".",
                          "Multiply number by number with Multiply.", {}, port);
    const std::size_t rank = std::max({a.rank(), b.rank(), std::size_t(2)});
    const std::vector<std::int64_t> left = asMatrices(a, false, rank),
                                    right = asMatrices(b, true, rank);
    const std::int64_t rows = left[rank - 2], inner = left[rank - 1], columns = right[rank - 1];
    if (right[rank - 2] != inner) {
        std::vector<Fix> fixes;
        if (columns == inner && b.rank() > 1)
            fixes.push_back(insertBeforeFix(c.node.id, "Insert Transpose", "Transpose",
                                            {{"dim0", Value(-2)}, {"dim1", Value(-1)}}, 1));
        return refuse(c,
                      "multiplies the rows of input 0, " + groupDigits(inner) +
                          " numbers long, with the columns of input 1, " +
                          groupDigits(right[rank - 2]) + " numbers long (" + a.toSentence() +
                          " and " + b.toSentence() + ").",
                      "The last side of input 0 must equal the last but one of input 1; "
                      "Transpose swaps the sides of one.",
                      std::move(fixes), 1);
    }
    const auto leading =
        broadcast({left.begin(), left.end() - 2}, {right.begin(), right.end() - 2});
    if (!leading)
        return refuse(c,
                      "multiplies matrix by matrix, but " + b.toSentence() +
                          " arrives at input 1 and " + a.toSentence() +
                          " at input 0: the sides before the last two differ.",
                      "They must be equal, or 1 where a matrix is to be used again.", {}, 1);
    Shape product{*leading};
    if (a.rank() > 1) product.dims.push_back(rows);
    if (b.rank() > 1) product.dims.push_back(columns);
    Inference inference = gives(product);
    inference.macs = times(product.count(), inner);
    inference.formulas = {{"Size", "(" + groupDigits(rows) + " × " + groupDigits(inner) + ") · (" +
                                       groupDigits(inner) + " × " + groupDigits(columns) +
                                       ") = " + groupDigits(rows) + " × " + groupDigits(columns)}};
    return inference;
}

/// The matrix that is the same for every sample of a batch, as a Parameter's is; undefined where
/// each has its own. Not through `expand`, whose gradient would be as large as the batch.
at::Tensor sharedMatrix(const at::Tensor& b) {
    if (b.dim() > 3 || (b.size(0) > 1 && b.stride(0) != 0)) return {};
    if (b.is_view())
        if (const at::Tensor base(b._base()); base.dim() == b.dim() && base.size(0) == 1 &&
                                              base.sizes().slice(1) == b.sizes().slice(1) &&
                                              base.data_ptr() == b.data_ptr())
            return base.select(0, 0);
    return b.select(0, 0);
}

/// torch.matmul of each sample with its own partner: rows and matrices, and stacks of matrices
/// whose sides before the last two are repeated.
at::Tensor multiplied(const at::Tensor& a, const at::Tensor& b) {
    if (a.dim() == b.dim() && a.dim() > 2) return at::matmul(a, b);
    // `x @ w` in Python: the whole batch at once, with the same bits.
    if (const at::Tensor w = sharedMatrix(b); w.defined()) return at::matmul(a, w);
    at::Tensor left = a.dim() == 2 ? a.unsqueeze(-2) : a;
    at::Tensor right = b.dim() == 2 ? b.unsqueeze(-1) : b;
    while (left.dim() < right.dim()) left = left.unsqueeze(1);
    while (right.dim() < left.dim()) right = right.unsqueeze(1);
    at::Tensor product = at::matmul(left, right);
    if (b.dim() == 2) product = product.squeeze(-1);
    return a.dim() == 2 ? product.squeeze(b.dim() == 2 ? -1 : -2) : product;
}

LayerKind matMul() {
    LayerKind kind;
    kind.info = {"MatMul",
                 "arithmetic",
                 "multiplies matrices and rows",
                 "Each row of the first input meets each column of the second; their products are "
                 "summed. Attention is made of it: queries times keys, then weights times values. "
                 "With a Parameter of n × m as second input it is x @ w, a linear layer written "
                 "out. Sides before the last two count matrices.",
                 "torch.matmul",
                 {"matrix product", "dot product", "bmm", "mm", "attention"},
                 "y[i, j] = Σₖ a[i, k] · b[k, j]"};
    kind.inputs = {{"a"}, {"b"}};
    kind.infer = inferMatMul;
    kind.build = [](const LayerContext&, const Inference&) {
        return backend::pureOfAll([](const std::vector<at::Tensor>& in) {
            return std::vector{multiplied(in[0], in[1])};
        });
    };
    kind.pythonExpression = [](const Settings&, const std::vector<std::string>& in) {
        return "torch.matmul(" + joinedText(in) + ")";
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> arithmeticLayers() {
    return {add(), subtract(), multiply(), divide(), matMul()};
}

}  // namespace loom
