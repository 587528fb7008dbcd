#include "core/backend/layer.h"
#include "core/layers/families.h"
#include "core/layers/inference.h"

namespace loom {
namespace {

using namespace layers_detail;

ParamSpec inplaceSpec() {
    return {.key = "inplace",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint =
                "Python may overwrite its input to save memory. The numbers are the same; "
                "Torchloom never overwrites."};
}

Inference sameShape(const LayerContext& c) {
    Inference inference;
    inference.outputs = {c.inputs[0]};
    return inference;
}

/// A function of one tensor without parameters to learn.
std::shared_ptr<backend::BuiltLayer> pure(std::function<at::Tensor(const at::Tensor&)> function) {
    auto built = std::make_shared<backend::BuiltLayer>();
    built->forward = [function = std::move(function)](const std::vector<at::Tensor>& in) {
        return std::vector{function(in[0])};
    };
    return built;
}

LayerKind relu() {
    LayerKind kind;
    kind.info = {
        "ReLU",
        "activation",
        "sets negative numbers to zero",
        "max(0, x). The bend between layers that lets a network learn more than straight lines.",
        "torch.nn.ReLU",
        {"rectifier"}};
    kind.params = {inplaceSpec()};
    kind.infer = sameShape;
    kind.build = [](const LayerContext&, const Inference&) {
        return pure([](const at::Tensor& x) { return at::relu(x); });
    };
    return kind;
}

LayerKind relu6() {
    LayerKind kind;
    kind.info = {
        "ReLU6",
        "activation",
        "sets negative numbers to zero and those above 6 to 6",
        "A ReLU with an upper end, so that numbers of low precision suffice, as in MobileNet.",
        "torch.nn.ReLU6",
        {"rectifier", "clip", "mobilenet"},
        "y = min(max(0, x), 6)"};
    kind.params = {inplaceSpec()};
    kind.infer = sameShape;
    kind.build = [](const LayerContext&, const Inference&) {
        return pure([](const at::Tensor& x) { return at::hardtanh(x, 0, 6); });
    };
    return kind;
}

LayerKind leakyRelu() {
    LayerKind kind;
    kind.info = {"LeakyReLU",
                 "activation",
                 "keeps a small part of negative numbers",
                 "x where it is positive, negative_slope · x where it is not, so that a unit never "
                 "stops learning.",
                 "torch.nn.LeakyReLU",
                 {"rectifier"}};
    kind.params = {{.key = "negative_slope",
                    .type = ParamType::Float,
                    .defaultValue = 0.01,
                    .hint = "What negative numbers are multiplied by."},
                   inplaceSpec()};
    kind.badge = [](const Settings& s) { return "slope " + s.value("negative_slope").toText(); };
    kind.infer = sameShape;
    kind.build = [](const LayerContext& c, const Inference&) {
        return pure([slope = c.settings.number("negative_slope")](const at::Tensor& x) {
            return at::leaky_relu(x, slope);
        });
    };
    return kind;
}

LayerKind sigmoid() {
    LayerKind kind;
    kind.info = {"Sigmoid",
                 "activation",
                 "squeezes numbers between 0 and 1",
                 "1 / (1 + exp(−x)).",
                 "torch.nn.Sigmoid",
                 {"logistic", "squash"}};
    kind.infer = sameShape;
    kind.build = [](const LayerContext&, const Inference&) {
        return pure([](const at::Tensor& x) { return at::sigmoid(x); });
    };
    return kind;
}

LayerKind tanh() {
    LayerKind kind;
    kind.info = {"Tanh",
                 "activation",
                 "squeezes numbers between −1 and 1",
                 "The hyperbolic tangent, as in LeNet.",
                 "torch.nn.Tanh",
                 {"squash"}};
    kind.infer = sameShape;
    kind.build = [](const LayerContext&, const Inference&) {
        return pure([](const at::Tensor& x) { return at::tanh(x); });
    };
    return kind;
}

/// The dimension nn.Softmax picks when none is given, the batch counted as 0. Source:
/// torch.nn.functional.
std::int64_t implicitSoftmaxDim(std::int64_t rankWithBatch) {
    return rankWithBatch == 0 || rankWithBatch == 1 || rankWithBatch == 3 ? 0 : 1;
}

LayerKind softmax() {
    LayerKind kind;
    kind.info = {"Softmax",
                 "activation",
                 "turns numbers into probabilities that sum to 1",
                 "exp(x) divided by the sum of all exp(x) along dim. CrossEntropyLoss does this "
                 "itself, so a classifier trained with it has no "
                 "Softmax at its end.",
                 "torch.nn.Softmax",
                 {"probability", "classes"}};
    kind.params = {
        {.key = "dim",
         .type = ParamType::Int,
         .hint =
             "The dimension along which the numbers sum to 1; the batch is 0, so classes are 1.",
         .optional = true,
         .noneText = "chosen by PyTorch",
         .suggestion = 1}};
    kind.badge = [](const Settings& s) {
        return s.isNone("dim") ? std::string() : "dim " + s.value("dim").toText();
    };
    kind.infer = [](const LayerContext& c) -> Inference {
        const std::int64_t rank = static_cast<std::int64_t>(c.inputs[0].rank()) + 1;
        const bool given = !c.settings.isNone("dim");
        const std::int64_t dim = given ? c.settings.integer("dim") : implicitSoftmaxDim(rank);
        if (dim < -rank || dim >= rank) {
            return refuse(
                c,
                "works along dim " + std::to_string(dim) +
                    ", but what arrives has, with the batch, the dimensions 0 to " +
                    std::to_string(rank - 1) + " (" + describe(c.inputs[0]) + ").",
                "Take a dim from 1 to " + std::to_string(rank - 1) + "; classes are usually dim 1.",
                {setParamFix(c.node.id, "Set dim to 1", "dim", Value(1))}, 0);
        }
        Inference inference = sameShape(c);
        if (dim == 0 || dim == -rank) {
            inference.remarks.push_back(remark(
                c, Severity::Warning,
                "works along dim 0, the batch: it mixes the samples of a batch with each other.",
                "Classes are dim 1.", {setParamFix(c.node.id, "Set dim to 1", "dim", Value(1))}));
        }
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const bool given = !c.settings.isNone("dim");
        return pure([given, dim = c.settings.integer("dim")](const at::Tensor& x) {
            return at::softmax(x, given ? dim : implicitSoftmaxDim(x.dim()));
        });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> activationLayers() {
    return {relu(), relu6(), leakyRelu(), sigmoid(), tanh(), softmax()};
}

}  // namespace loom
