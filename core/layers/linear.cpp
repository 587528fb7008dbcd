#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

#include "core/base/sentence.h"
#include "core/graph/edit.h"

namespace loom {
namespace {

using namespace layers_detail;

Fix averageFirst(const LayerContext& c) {
    const NodeId id = c.node.id;
    return {"Average to " + std::to_string(c.inputs[0].dims[0]) + " × 1 × 1",
            [id](const Graph& graph) -> Result<Graph> {
                auto flat = insertBeforeFix(id, "", "Flatten").apply(graph);
                if (!flat) return flat;
                return insertBeforeFix(flat->nodes.back().id, "", "AdaptiveAvgPool2d",
                                       {{"output_size", Value(1)}})
                    .apply(*flat);
            }};
}

Inference inferLinear(const LayerContext& c) {
    const Shape& input = c.inputs[0];
    const Value& given = c.settings.value("in_features");
    // PyTorch would act on the last side alone. That is wanted for sequences; for a picture only
    // when in_features says so.
    const bool meant = input.rank() > 0 && given.isInt() && given.asInt() == input.dims.back();
    if (input.rank() == 0)
        return refuse(c, "receives a single number, but Linear takes rows of numbers.",
                      "Reshape it to one row first.", {}, 0);
    if (input.rank() >= 3 && !meant) {
        std::vector<Fix> fixes = {insertBeforeFix(c.node.id, "Insert Flatten", "Flatten")};
        if (input.rank() == 3) fixes.push_back(averageFirst(c));
        return refuse(c, "receives " + describe(input) + ", but Linear takes rows of numbers.",
                      "As it stands, Linear would act on the last side only (" +
                          std::to_string(input.dims.back()) + " numbers). To use all " +
                          productText(input.dims) + " numbers, flatten first.",
                      std::move(fixes), 0);
    }
    Inference inference;
    if (auto problem = agree(c, "in_features", input.dims.back(), "numbers", inference))
        return *problem;
    Shape output = input;
    output.dims.back() = c.settings.integer("out_features");
    inference.outputs = {output};
    const std::int64_t in = input.dims.back(), out = output.dims.back();
    inference.parameters = plus(times(in, out), c.settings.flag("bias") ? out : 0);
    inference.macs = times(output.count(), in);
    inference.formulas = {{"Weights", groupDigits(in) + " · " + groupDigits(out) + " = " +
                                          groupDigits(times(in, out))}};
    return inference;
}

/// A number of features that is found from what arrives.
ParamSpec featuresFound(const std::string& key, const std::string& arriving) {
    return {.key = key,
            .type = ParamType::Int,
            .hint = "How many numbers arrive" + arriving + ". Found from the input when left out.",
            .inferred = true,
            .minimum = 1};
}

/// What Linear and Bilinear say of what leaves them, after the numbers that arrive.
void addLeaving(LayerKind& kind, const std::string& hint) {
    kind.params.push_back({.key = "out_features",
                           .type = ParamType::Int,
                           .hint = hint,
                           .required = true,
                           .minimum = 1,
                           .suggestion = 10});
    kind.params.push_back({.key = "bias",
                           .type = ParamType::Bool,
                           .defaultValue = true,
                           .hint = "Adds a learnable number to each output."});
    kind.badge = [](const Settings& s) {
        return counted(s.integer("out_features"), "feature", "features");
    };
}

LayerKind linear() {
    LayerKind kind;
    kind.info = {"Linear",
                 "linear",
                 "connects every number that arrives with every one that leaves",
                 "y = x·Wᵀ + b: each of the out_features outputs is a weighted sum of all inputs. "
                 "As the last layer of a classifier it has one "
                 "output per class.",
                 "torch.nn.Linear",
                 {"dense", "fully connected", "fc"},
                 "y = x·Wᵀ + b"};
    kind.params = {featuresFound("in_features", "")};
    addLeaving(kind, "How many numbers leave; at the end, one per class.");
    kind.infer = inferLinear;
    kind.build = [](const LayerContext& c, const Inference& inference) {
        torch::nn::Linear module(
            torch::nn::LinearOptions(inference.inferred.find("in_features")->asInt(),
                                     c.settings.integer("out_features"))
                .bias(c.settings.flag("bias")));
        return backend::moduleLayer(module);
    };
    return kind;
}

Inference inferBilinear(const LayerContext& c) {
    const Shape &a = c.inputs[0], &b = c.inputs[1];
    bool fits = a.rank() == b.rank() && a.rank() > 0;
    for (std::size_t i = 0; fits && i + 1 < a.rank(); ++i) fits = a.dims[i] == b.dims[i];
    if (!fits)
        return refuse(c,
                      "pairs rows of numbers, but " + describe(a) + " arrives at input 0 and " +
                          describe(b) + " at input 1.",
                      "Both need the same sides but for the last.", {}, 1);
    Inference inference;
    if (auto problem = agree(c, "in1_features", a.dims.back(), "numbers", inference))
        return *problem;
    if (auto problem = agree(c, "in2_features", b.dims.back(), "numbers", inference, 1))
        return *problem;
    Shape output = a;
    const std::int64_t out = c.settings.integer("out_features");
    output.dims.back() = out;
    inference.outputs = {output};
    const std::int64_t weights = times(out, a.dims.back(), b.dims.back());
    inference.parameters = plus(weights, c.settings.flag("bias") ? out : 0);
    inference.macs = times(output.count() / out, weights);
    inference.formulas = {{"Weights", productText({out, a.dims.back(), b.dims.back()})}};
    return inference;
}

LayerKind bilinear() {
    LayerKind kind;
    kind.info = {
        "Bilinear",
        "linear",
        "weighs every product of a number of one input with one of the other",
        "Each output is a weighted sum of all products of a number of the first input with "
        "one of the second, so that two branches can act on each other.",
        "torch.nn.Bilinear",
        {"product", "interaction", "two inputs"},
        "y = x₁ᵀ·W·x₂ + b"};
    kind.inputs = {{"input1"}, {"input2"}};
    kind.params = {featuresFound("in1_features", " first"),
                   featuresFound("in2_features", " second")};
    addLeaving(kind, "How many numbers leave.");
    kind.infer = inferBilinear;
    kind.build = [](const LayerContext& c, const Inference& inference) {
        torch::nn::Bilinear module(
            torch::nn::BilinearOptions(inference.inferred.find("in1_features")->asInt(),
                                       inference.inferred.find("in2_features")->asInt(),
                                       c.settings.integer("out_features"))
                .bias(c.settings.flag("bias")));
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module.ptr();
        built->forward = [module](const std::vector<at::Tensor>& in) mutable {
            return std::vector{module(in[0], in[1])};
        };
        return built;
    };
    return kind;
}

LayerKind identity() {
    LayerKind kind;
    kind.info = {"Identity",
                 "linear",
                 "hands on what arrives, unchanged",
                 "A place holder: it takes the place of a block that is left out, or gives a point "
                 "of the network a name.",
                 "torch.nn.Identity",
                 {"nothing", "pass", "placeholder", "skip"},
                 "y = x"};
    kind.inputs = {{"input", "", Elements::Any}};
    kind.gives = Gives::WhatArrives;
    kind.infer = [](const LayerContext& c) { return gives(c.inputs[0]); };
    kind.build = [](const LayerContext&, const Inference&) {
        return backend::pure([](const at::Tensor& x) { return x; });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> linearLayers() {
    return {linear(), bilinear(), identity()};
}

}  // namespace loom
