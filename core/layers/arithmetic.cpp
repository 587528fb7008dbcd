#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// Two or more inputs that meet number by number, written in Python with an operator.
struct Meeting {
    KindInfo info;
    const char* doing;  ///< "adds": the sentence of a refusal
    const char* sign;   ///< Python's operator
    bool variadic;
    bool alwaysFloat;  ///< whole numbers become measured ones (Divide)
    std::function<at::Tensor(const at::Tensor&, const at::Tensor&)> function;
};

LayerKind meeting(Meeting m) {
    LayerKind kind;
    kind.info = std::move(m.info);
    kind.inputs = {{"a", "", Elements::Any}, {"b", "", Elements::Any}};
    kind.variadicInputs = m.variadic;
    kind.infer = [doing = m.doing, alwaysFloat = m.alwaysFloat](const LayerContext& c) {
        Joined joined = joinInputs(c, doing);
        if (joined.problem) return *joined.problem;
        if (alwaysFloat) joined.shape.type = ElementType::Float;
        return gives(joined.shape);
    };
    kind.build = [function = m.function](const LayerContext&, const Inference&) {
        return backend::pureOfAll([function](const std::vector<at::Tensor>& in) {
            at::Tensor result = in[0];
            for (std::size_t i = 1; i < in.size(); ++i) result = function(result, in[i]);
            return std::vector{result};
        });
    };
    std::string separator = " ";
    separator.append(m.sign).append(" ");
    kind.pythonExpression = [separator](const Settings&, const std::vector<std::string>& in) {
        return joinedText(in, separator);
    };
    return kind;
}

LayerKind add() {
    return meeting({{"Add",
                     "arithmetic",
                     "adds what arrives, number by number",
                     "Joins branches of equal size; with it a skip connection is drawn, as in "
                     "ResNet. A side of 1 is repeated.",
                     "torch.add",
                     {"sum", "residual", "skip", "plus"},
                     "y = a + b"},
                    "adds",
                    "+",
                    true,
                    false,
                    [](const at::Tensor& a, const at::Tensor& b) { return a + b; }});
}

LayerKind subtract() {
    return meeting({{"Subtract",
                     "arithmetic",
                     "takes the second input from the first, number by number",
                     "Shows how two branches differ. A side of 1 is repeated.",
                     "torch.sub",
                     {"minus", "difference"},
                     "y = a − b"},
                    "subtracts",
                    "-",
                    false,
                    false,
                    [](const at::Tensor& a, const at::Tensor& b) { return a - b; }});
}

LayerKind multiply() {
    return meeting({{"Multiply",
                     "arithmetic",
                     "multiplies what arrives, number by number",
                     "Lets one branch open and close another, as a gate does in "
                     "squeeze-and-excitation networks. A side of 1 is repeated: 64×1×1 scales the "
                     "64 channels of a picture.",
                     "torch.mul",
                     {"times", "product", "gate", "scale", "excitation"},
                     "y = a · b"},
                    "multiplies",
                    "*",
                    true,
                    false,
                    [](const at::Tensor& a, const at::Tensor& b) { return a * b; }});
}

LayerKind divide() {
    return meeting({{"Divide",
                     "arithmetic",
                     "divides the first input by the second, number by number",
                     "Brings one branch to the scale of another. A division by zero gives "
                     "infinity. A side of 1 is repeated.",
                     "torch.div",
                     {"quotient", "ratio", "normalise"},
                     "y = a / b"},
                    "divides",
                    "/",
                    false,
                    true,
                    [](const at::Tensor& a, const at::Tensor& b) { return a / b; }});
}

Inference inferMatMul(const LayerContext& c) {
    const Shape &a = c.inputs[0], &b = c.inputs[1];
    for (int port = 0; port < 2; ++port) {
        const Shape& input = port ? b : a;
        if (input.rank() >= 2) continue;
        std::vector<Fix> fixes;
        if (input.rank() == 1)
            fixes.push_back(insertBeforeFix(c.node.id,
                                            port ? "Insert Unsqueeze, a matrix of one column"
                                                 : "Insert Unsqueeze, a matrix of one row",
                                            "Unsqueeze", {{"dim", Value(port ? 2 : 1)}}, port));
        return refuse(c,
                      "multiplies matrices, but " + describe(input) + " arrives at input " +
                          std::to_string(port) + ".",
                      "Make it a matrix of one row or one column with Unsqueeze, or multiply "
                      "number by number with Multiply.",
                      std::move(fixes), port);
    }
    const std::size_t rank = a.rank();
    if (b.rank() != rank)
        return refuse(c,
                      "multiplies matrices, but " + b.toSentence() + " arrives at input 1 and " +
                          a.toSentence() + " at input 0.",
                      "Give both the same number of sides, for example with Unsqueeze.", {}, 1);
    const std::int64_t rows = a.dims[rank - 2], inner = a.dims[rank - 1],
                       columns = b.dims[rank - 1];
    if (b.dims[rank - 2] != inner) {
        std::vector<Fix> fixes;
        if (columns == inner)
            fixes.push_back(insertBeforeFix(c.node.id, "Insert Transpose", "Transpose",
                                            {{"dim0", Value(-2)}, {"dim1", Value(-1)}}, 1));
        return refuse(c,
                      "multiplies the rows of input 0, " + groupDigits(inner) +
                          " numbers long, with the columns of input 1, " +
                          groupDigits(b.dims[rank - 2]) + " numbers long (" + a.toSentence() +
                          " and " + b.toSentence() + ").",
                      "The last side of input 0 must equal the last but one of input 1; "
                      "Transpose swaps the sides of one.",
                      std::move(fixes), 1);
    }
    const auto leading =
        broadcast({a.dims.begin(), a.dims.end() - 2}, {b.dims.begin(), b.dims.end() - 2});
    if (!leading)
        return refuse(c,
                      "multiplies matrix by matrix, but " + b.toSentence() +
                          " arrives at input 1 and " + a.toSentence() +
                          " at input 0: the sides before the last two differ.",
                      "They must be equal, or 1 where a matrix is to be used again.", {}, 1);
    Shape product{*leading};
    product.dims.push_back(rows);
    product.dims.push_back(columns);
    Inference inference = gives(product);
    inference.macs = product.count() * inner;
    inference.formulas = {{"Size", "(" + groupDigits(rows) + " × " + groupDigits(inner) + ") · (" +
                                       groupDigits(inner) + " × " + groupDigits(columns) +
                                       ") = " + groupDigits(rows) + " × " + groupDigits(columns)}};
    return inference;
}

LayerKind matMul() {
    LayerKind kind;
    kind.info = {"MatMul",
                 "arithmetic",
                 "multiplies matrices",
                 "Each row of the first input meets each column of the second; their products are "
                 "summed. Attention is made of it: queries times keys, then weights times values. "
                 "Sides before the last two count matrices.",
                 "torch.matmul",
                 {"matrix product", "dot product", "bmm", "mm", "attention"},
                 "y[i, j] = Σₖ a[i, k] · b[k, j]"};
    kind.inputs = {{"a"}, {"b"}};
    kind.infer = inferMatMul;
    kind.build = [](const LayerContext&, const Inference&) {
        return backend::pureOfAll([](const std::vector<at::Tensor>& in) {
            return std::vector{at::matmul(in[0], in[1])};
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
