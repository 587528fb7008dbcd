#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

namespace loom {
namespace {

using namespace layers_detail;

/// The dimension that Softmax, LogSoftmax and Softmin pick when none is given, the batch counted as
/// 0. Source: torch.nn.functional.
std::int64_t implicitDim(std::int64_t rankWithBatch) {
    return rankWithBatch == 0 || rankWithBatch == 1 || rankWithBatch == 3 ? 0 : 1;
}

Inference inferSoftmax(const LayerContext& c) {
    const std::int64_t rank = rankWithBatch(c.inputs[0]);
    const bool given = !c.settings.isNone("dim");
    const std::int64_t dim = given ? c.settings.integer("dim") : implicitDim(rank);
    const Fix fix = setParamFix(c.node.id, "Set dim to 1", "dim", Value(1));
    if (dim < -rank || dim >= rank) {
        return refuse(c,
                      "works along dim " + std::to_string(dim) +
                          ", but what arrives has, with the batch, the dimensions 0 to " +
                          std::to_string(rank - 1) + " (" + describe(c.inputs[0]) + ").",
                      rank == 1 ? "Give it rows of numbers; one number per sample has no dimension "
                                  "to work along."
                                : "Take a dim from 1 to " + std::to_string(rank - 1) +
                                      "; classes are usually dim 1.",
                      rank == 1 ? std::vector<Fix>() : std::vector{fix}, 0);
    }
    Inference inference = gives(c.inputs[0]);
    if (dim == 0 || dim == -rank) {
        inference.remarks.push_back(
            remark(c, Severity::Warning,
                   "works along dim 0, the batch: it mixes the samples of a batch with each other.",
                   rank == 1 ? "Give it rows of numbers." : "Classes are dim 1.",
                   rank == 1 ? std::vector<Fix>() : std::vector{fix}));
    }
    return inference;
}

using AlongDim = at::Tensor (*)(const at::Tensor&, std::int64_t dim);

LayerKind alongDim(KindInfo info, Gives gives, AlongDim function) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.gives = gives;
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
    kind.infer = inferSoftmax;
    kind.build = [function](const LayerContext& c, const Inference&) {
        const bool given = !c.settings.isNone("dim");
        return backend::pure(
            [function, given, dim = c.settings.integer("dim")](const at::Tensor& x) {
                return function(x, given ? dim : implicitDim(x.dim()));
            });
    };
    return kind;
}

LayerKind softmax() {
    return alongDim(
        {"Softmax",
         "activation",
         "turns numbers into probabilities that sum to 1",
         "exp(x) divided by the sum of all exp(x) along dim. CrossEntropyLoss does this itself, so "
         "a classifier trained with it has no Softmax at its end.",
         "torch.nn.Softmax",
         {"probability", "classes"},
         "yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)"},
        Gives::Probabilities,
        [](const at::Tensor& x, std::int64_t dim) { return at::softmax(x, dim); });
}

LayerKind logSoftmax() {
    return alongDim(
        {"LogSoftmax",
         "activation",
         "turns numbers into logarithms of probabilities",
         "The logarithm of Softmax, computed in one step. It stands at the end of a classifier "
         "that is trained with NLLLoss.",
         "torch.nn.LogSoftmax",
         {"probability", "classes", "nll"},
         "yᵢ = xᵢ − ln Σⱼ exp(xⱼ)"},
        Gives::LogProbabilities,
        [](const at::Tensor& x, std::int64_t dim) { return at::log_softmax(x, dim); });
}

LayerKind softmin() {
    return alongDim({"Softmin",
                     "activation",
                     "turns numbers into probabilities, the smallest the likeliest",
                     "Softmax of −x: for distances, where the nearest is the likeliest.",
                     "torch.nn.Softmin",
                     {"probability", "distance"},
                     "yᵢ = exp(−xᵢ) / Σⱼ exp(−xⱼ)"},
                    Gives::Probabilities,
                    [](const at::Tensor& x, std::int64_t dim) { return at::softmax(-x, dim); });
}

LayerKind softmax2d() {
    LayerKind kind;
    kind.info = {"Softmax2d",
                 "activation",
                 "turns the channels of every pixel into probabilities",
                 "Softmax over the channels at each place of a picture, for networks that give a "
                 "class to every pixel.",
                 "torch.nn.Softmax2d",
                 {"probability", "segmentation", "pixel"},
                 "y[c] = exp(x[c]) / Σₖ exp(x[k]), at every place"};
    kind.gives = Gives::Probabilities;
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requireSides(c, 2)) return *problem;
        return gives(c.inputs[0]);
    };
    kind.build = [](const LayerContext&, const Inference&) {
        return backend::pure([](const at::Tensor& x) { return at::softmax(x, -3); });
    };
    return kind;
}

Inference inferGlu(const LayerContext& c) {
    const SampleDim at =
        sampleDim(c, "dim", "halves", "would gate samples of the batch with each other");
    if (at.problem) return *at.problem;
    Shape output = c.inputs[0];
    const std::int64_t side = output.dims[at.axis];
    if (side % 2 != 0)
        return refuse(c,
                      "needs two halves of dim " + std::to_string(at.dim) + ", but it is " +
                          groupDigits(side) + " long (" + describe(c.inputs[0]) + ").",
                      "Take an even number of channels or features before it, or another dim.", {},
                      0);
    output.dims[at.axis] = side / 2;
    return gives(output);
}

LayerKind glu() {
    LayerKind kind;
    kind.info = {"GLU",
                 "activation",
                 "lets one half of the numbers open and close the other",
                 "Cuts what arrives in two along dim and multiplies the first half by the sigmoid "
                 "of the second: a gated linear unit.",
                 "torch.nn.GLU",
                 {"gate", "gated linear unit"},
                 "y = a · sigmoid(b), a and b the halves of x"};
    kind.params = {{.key = "dim",
                    .type = ParamType::Int,
                    .defaultValue = -1,
                    .hint = "The dimension that is cut in two; the batch is 0, −1 is the last."}};
    kind.badge = [](const Settings& s) { return "dim " + s.value("dim").toText(); };
    kind.infer = inferGlu;
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure(
            [dim = c.settings.integer("dim")](const at::Tensor& x) { return at::glu(x, dim); });
    };
    return kind;
}

LayerKind prelu() {
    LayerKind kind;
    kind.info = {"PReLU",
                 "activation",
                 "learns what part of negative numbers to keep",
                 "A LeakyReLU whose slope is a weight: one for all, or one for each channel.",
                 "torch.nn.PReLU",
                 {"rectifier", "parametric", "learnable"},
                 "y = x for x > 0, else weight · x"};
    kind.params = {{.key = "num_parameters",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "1 for one slope, or the number of channels for one slope each.",
                    .minimum = 1},
                   {.key = "init",
                    .type = ParamType::Float,
                    .defaultValue = 0.25,
                    .hint = "The slope it begins with."}};
    kind.badge = [](const Settings& s) {
        const std::int64_t count = s.integer("num_parameters");
        return count == 1 ? std::string() : std::to_string(count) + " slopes";
    };
    kind.infer = [](const LayerContext& c) -> Inference {
        const std::int64_t count = c.settings.integer("num_parameters");
        const Shape& input = c.inputs[0];
        const std::int64_t channels = input.rank() == 0 ? 1 : input.dims[0];
        if (count != 1 && count != channels) {
            std::vector<Fix> fixes = {
                setParamFix(c.node.id, "Set num_parameters to 1", "num_parameters", std::nullopt)};
            if (channels > 1)
                fixes.push_back(setParamFix(c.node.id,
                                            "Set num_parameters to " + std::to_string(channels),
                                            "num_parameters", Value(channels)));
            return refuse(c,
                          "has " + groupDigits(count) + " slopes, but " + groupDigits(channels) +
                              (channels == 1 ? " channel arrives (" : " channels arrive (") +
                              describe(input) + ").",
                          "Take one slope for all, or one per channel.", std::move(fixes), 0);
        }
        Inference inference = gives(input);
        inference.parameters = count;
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::moduleLayer(
            torch::nn::PReLU(torch::nn::PReLUOptions()
                                 .num_parameters(c.settings.integer("num_parameters"))
                                 .init(c.settings.number("init"))));
    };
    return kind;
}

LayerKind rrelu() {
    LayerKind kind;
    kind.info = {"RReLU",
                 "activation",
                 "keeps a random small part of negative numbers while training",
                 "While training every negative number is multiplied by a slope drawn between "
                 "lower and upper; for testing by their mean.",
                 "torch.nn.RReLU",
                 {"rectifier", "random", "leaky"},
                 "y = x for x > 0, else a · x, a between lower and upper"};
    kind.params = {{.key = "lower",
                    .type = ParamType::Float,
                    .defaultValue = 1.0 / 8,
                    .hint = "The smallest slope."},
                   {.key = "upper",
                    .type = ParamType::Float,
                    .defaultValue = 1.0 / 3,
                    .hint = "The largest slope."},
                   inplaceSpec()};
    kind.infer = [](const LayerContext& c) -> Inference {
        if (c.settings.number("lower") > c.settings.number("upper"))
            return refuse(
                c,
                "draws slopes from " + c.settings.value("lower").toText() + " to " +
                    c.settings.value("upper").toText() + ", which is an empty range.",
                "Take an upper that is not below lower.",
                {resetFix(c.node.id, "Take the range from 1/8 to 1/3", {"lower", "upper"})});
        return gives(c.inputs[0]);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::moduleLayer(torch::nn::RReLU(torch::nn::RReLUOptions()
                                                         .lower(c.settings.number("lower"))
                                                         .upper(c.settings.number("upper"))));
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> softmaxLayers() {
    return {prelu(), rrelu(), glu(), softmax(), logSoftmax(), softmin(), softmax2d()};
}

}  // namespace loom
