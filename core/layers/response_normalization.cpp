#include "core/backend/building.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

namespace loom {
namespace {

using namespace layers_detail;

std::vector<ParamSpec> responseSpecs() {
    return {{.key = "size",
             .type = ParamType::Int,
             .hint = "How many neighbouring channels are added up.",
             .required = true,
             .minimum = 1,
             .suggestion = 5},
            {.key = "alpha",
             .type = ParamType::Float,
             .defaultValue = 1e-4,
             .hint = "How much the neighbours count."},
            {.key = "beta",
             .type = ParamType::Float,
             .defaultValue = 0.75,
             .hint = "The power of what it divides by."},
            {.key = "k",
             .type = ParamType::Float,
             .defaultValue = 1.0,
             .hint = "Added to what it divides by."}};
}

std::string responseBadge(const Settings& s) {
    return "size " + s.value("size").toText();
}

/// Other than above zero, the base of a broken power could be negative: NaN.
void remarkBase(const LayerContext& c, Inference& inference) {
    if (c.settings.number("alpha") >= 0 && c.settings.number("k") > 0) return;
    inference.remarks.push_back(
        remark(c, Severity::Warning,
               "divides by a power of k + alpha·(sum of squares), which can be zero or negative "
               "with k = " +
                   c.settings.value("k").toText() +
                   " and alpha = " + c.settings.value("alpha").toText() + ".",
               "Take a k above 0 and an alpha of at least 0.",
               {setParamFix(c.node.id, "Set k to 1", "k", std::nullopt)}));
}

LayerKind localResponseNorm() {
    LayerKind kind;
    kind.info = {"LocalResponseNorm",
                 "normalisation",
                 "damps a channel where its neighbours are strong",
                 "Divides each number by a power of what stands at the same place in neighbouring "
                 "channels. AlexNet has it; later networks took BatchNorm instead.",
                 "torch.nn.LocalResponseNorm",
                 {"lrn", "normalization", "alexnet", "inhibition"},
                 "y[c] = x[c] / (k + alpha/size · Σ x[j]²)^beta, over size channels j around c"};
    kind.params = responseSpecs();
    kind.badge = responseBadge;
    kind.infer = [](const LayerContext& c) -> Inference {
        if (c.inputs[0].rank() < 2) {
            return refuse(c,
                          "receives " + describe(c.inputs[0]) +
                              ", but LocalResponseNorm takes channels with at least one side, such "
                              "as a picture, C × H × W.",
                          "Put it before the block that flattens the picture.", {}, 0);
        }
        Inference inference;
        inference.outputs = {c.inputs[0]};
        remarkBase(c, inference);
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        const auto options = torch::nn::functional::LocalResponseNormFuncOptions(s.integer("size"))
                                 .alpha(s.number("alpha"))
                                 .beta(s.number("beta"))
                                 .k(s.number("k"));
        // Turned sides would be viewed as if they were in order, which LibTorch refuses.
        return backend::pure([options](const at::Tensor& x) {
            return torch::nn::functional::local_response_norm(x.contiguous(), options);
        });
    };
    return kind;
}

LayerKind crossMapNorm() {
    LayerKind kind;
    kind.info = {"CrossMapLRN2d",
                 "normalisation",
                 "damps a channel where its neighbours are strong, as Torch 7 did",
                 "An older form of LocalResponseNorm that PyTorch keeps for models from Torch 7. "
                 "Its sums are not quite those of the formula, and so equal PyTorch's; for new "
                 "networks take LocalResponseNorm.",
                 "torch.nn.CrossMapLRN2d",
                 {"lrn", "normalization", "torch7"},
                 "y[c] = x[c] · (k + alpha/size · Σ x[j]²)^−beta, over channels j around c"};
    kind.params = responseSpecs();
    kind.badge = responseBadge;
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requireSides(c, 2)) return *problem;
        Inference inference;
        inference.outputs = {c.inputs[0]};
        remarkBase(c, inference);
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        return backend::moduleLayer(
            torch::nn::CrossMapLRN2d(torch::nn::CrossMapLRN2dOptions(s.integer("size"))
                                         .alpha(s.number("alpha"))
                                         .beta(s.number("beta"))
                                         .k(s.number("k"))));
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> responseNormalizationLayers() {
    return {localResponseNorm(), crossMapNorm()};
}

}  // namespace loom
