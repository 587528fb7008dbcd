#include "core/backend/building.h"
#include "core/backend/norms.h"
#include "core/base/sentence.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>

namespace loom {
namespace {

using namespace layers_detail;
using Sides = std::vector<std::int64_t>;

ParamSpec epsilon() {
    return {.key = "eps",
            .type = ParamType::Float,
            .defaultValue = 1e-5,
            .hint = "Added to the variance so that nothing is divided by zero.",
            .minimum = 0};
}

/// LayerNorm and RMSNorm. `learned`: how many numbers are learned for each that arrives.
Inference inferShapeNorm(const LayerContext& c, std::int64_t learned) {
    const Shape& input = c.inputs[0];
    const Settings& s = c.settings;
    if (input.rank() == 0)
        return refuse(c,
                      sentence("receives a single number, but {kind} takes rows of numbers.",
                               {{"kind", c.node.kind}}),
                      "Normalise before the numbers become one.", {}, 0);
    const bool given = !s.isNone("normalized_shape");
    const Sides shape = given ? s.integers("normalized_shape") : Sides{input.dims.back()};
    const bool fits = !shape.empty() && shape.size() <= input.rank() &&
                      std::equal(shape.rbegin(), shape.rend(), input.dims.rbegin());
    if (!fits) {
        std::vector<Fix> fixes = {
            setParamFix(c.node.id, "Take the last side, " + groupDigits(input.dims.back()),
                        "normalized_shape", std::nullopt)};
        if (input.rank() > 1)
            fixes.push_back(setParamFix(
                c.node.id, "Take all sides, " + sizeText(input.dims), "normalized_shape",
                sidesValue(input.dims).isInt() ? Value(List(input.rank(), Value(input.dims[0])))
                                               : sidesValue(input.dims)));
        return refuse(
            c,
            "normalises over a normalized_shape of " +
                (shape.empty() ? std::string("no side") : sizeText(shape)) +
                ", but the last sides of what arrives are " +
                sizeText(shape.size() >= input.rank() || shape.empty()
                             ? input.dims
                             : Sides(input.dims.end() - static_cast<std::ptrdiff_t>(shape.size()),
                                     input.dims.end())) +
                " (" + describe(input) + ").",
            "It must name the last sides of what arrives, or be left out for the very "
            "last.",
            std::move(fixes), 0);
    }
    Inference inference;
    inference.outputs = {input};
    inference.inferred.set("normalized_shape",
                           given ? s.value("normalized_shape") : Value(input.dims.back()));
    if (learned > 0) {
        Sides weights = shape;
        if (learned > 1) weights.insert(weights.begin(), learned);
        inference.parameters = product(weights);
        inference.formulas = {{"Weights", productText(weights)}};
    }
    return inference;
}

Sides normalizedShape(const Inference& inference) {
    const Value& shape = *inference.inferred.find("normalized_shape");
    Sides sides;
    if (shape.isInt()) sides = {shape.asInt()};
    if (shape.isList())
        for (const Value& side : shape.asList()) sides.push_back(side.asInt());
    return sides;
}

ParamSpec normalizedShapeSpec(const char* hint) {
    return {.key = "normalized_shape",
            .type = ParamType::Ints,
            .hint = hint,
            .inferred = true,
            .arity = 0,
            .minimum = 1};
}

std::string normalizedShapeBadge(const Settings& s) {
    return s.isNone("normalized_shape") ? std::string() : s.value("normalized_shape").toText();
}

/// A module of ours that maps one tensor to one.
template <class Module>
std::shared_ptr<backend::BuiltLayer> normLayer(std::shared_ptr<Module> module) {
    auto built = std::make_shared<backend::BuiltLayer>();
    built->module = module;
    built->forward = [module](const std::vector<at::Tensor>& in) {
        return std::vector{module->forward(in[0])};
    };
    return built;
}

LayerKind layerNorm() {
    LayerKind kind;
    kind.info = {"LayerNorm",
                 "normalisation",
                 "brings each sample to mean 0 and deviation 1 over its last sides",
                 "Each word of a text, or each row, is normalised for itself; no batch is needed, "
                 "and training and testing do the same. Then every number is scaled by a learnable "
                 "weight and shifted by a learnable bias. Transformers use it throughout.",
                 "torch.nn.LayerNorm",
                 {"layer norm", "normalization", "ln", "transformer"},
                 "y = (x − mean)/√(variance + eps) · weight + bias, over normalized_shape"};
    kind.params = {normalizedShapeSpec("The last sides, over which mean and variance are taken, "
                                       "with their lengths. Left out: the very last."),
                   epsilon(),
                   {.key = "elementwise_affine",
                    .type = ParamType::Bool,
                    .defaultValue = true,
                    .hint = "Gives each number a learnable weight and bias."},
                   {.key = "bias",
                    .type = ParamType::Bool,
                    .defaultValue = true,
                    .hint = "Adds the learnable bias; without it there is the weight alone.",
                    .visibleWhenKey = "elementwise_affine",
                    .visibleWhenValue = true,
                    .since = "2.1"}};
    kind.badge = normalizedShapeBadge;
    kind.infer = [](const LayerContext& c) {
        const bool affine = c.settings.flag("elementwise_affine"), bias = c.settings.flag("bias");
        return inferShapeNorm(c, affine ? (bias ? 2 : 1) : 0);
    };
    kind.build = [](const LayerContext& c, const Inference& inference) {
        const Settings& s = c.settings;
        return normLayer(
            std::make_shared<backend::LayerNorm>(normalizedShape(inference), s.number("eps"),
                                                 s.flag("elementwise_affine"), s.flag("bias")));
    };
    return kind;
}

LayerKind rmsNorm() {
    LayerKind kind;
    kind.info = {
        .id = "RMSNorm",
        .family = "normalisation",
        .summary = "divides each sample by the size of its numbers over its last sides",
        .details =
            "LayerNorm without taking the mean away and without a bias: the root of the "
            "mean square becomes 1, then every number is scaled by a learnable weight. It "
            "is cheaper and does as well; Llama and other large language models use it.",
        .python = "torch.nn.RMSNorm",
        .keywords = {"rms norm", "root mean square", "normalization", "transformer", "llama"},
        .formula = "y = x/√(mean(x²) + eps) · weight, over normalized_shape",
        .since = "2.4"};
    kind.params = {normalizedShapeSpec("The last sides, over which the mean of the squares is "
                                       "taken, with their lengths. Left out: the very last."),
                   {.key = "eps",
                    .type = ParamType::Float,
                    .hint = "Added to the mean so that nothing is divided by zero.",
                    .optional = true,
                    .minimum = 0,
                    .noneText = "the smallest step of float32, 1.19e-07"},
                   {.key = "elementwise_affine",
                    .type = ParamType::Bool,
                    .defaultValue = true,
                    .hint = "Gives each number a learnable weight."}};
    kind.badge = normalizedShapeBadge;
    kind.infer = [](const LayerContext& c) {
        return inferShapeNorm(c, c.settings.flag("elementwise_affine") ? 1 : 0);
    };
    kind.build = [](const LayerContext& c, const Inference& inference) {
        const Settings& s = c.settings;
        std::optional<double> eps;
        if (!s.isNone("eps")) eps = s.number("eps");
        return normLayer(std::make_shared<backend::RmsNorm>(normalizedShape(inference), eps,
                                                            s.flag("elementwise_affine")));
    };
    return kind;
}

Inference inferGroupNorm(const LayerContext& c) {
    const Shape& input = c.inputs[0];
    if (input.rank() == 0)
        return refuse(c, "receives a single number, but GroupNorm takes channels.",
                      "Normalise before the numbers become one.", {}, 0);
    Inference inference;
    const std::int64_t channels = input.dims[0], groups = c.settings.integer("num_groups");
    if (auto problem =
            agree(c, "num_channels", channels, channels == 1 ? "channel" : "channels", inference))
        return *problem;
    if (channels % groups != 0) {
        const std::int64_t fits = std::gcd(channels, groups);
        return refuse(c,
                      "forms " + std::to_string(groups) + " groups, but " + groupDigits(channels) +
                          (channels == 1 ? " channel" : " channels") +
                          " cannot be divided evenly by " + std::to_string(groups) + ".",
                      "Take a num_groups that divides " + groupDigits(channels) + ".",
                      {setParamFix(c.node.id, "Set num_groups to " + std::to_string(fits),
                                   "num_groups", Value(fits))});
    }
    if (input.count() == groups) {
        return refuse(c,
                      "makes every group a single number, and the mean of one number is itself: "
                      "nothing would be left.",
                      "Take fewer groups.",
                      groups > 1 ? std::vector<Fix>{setParamFix(c.node.id, "Set num_groups to 1",
                                                                "num_groups", Value(1))}
                                 : std::vector<Fix>());
    }
    inference.outputs = {input};
    inference.parameters = c.settings.flag("affine") ? 2 * channels : 0;
    inference.formulas = {{"Channels in a group", groupDigits(channels) + "/" +
                                                      std::to_string(groups) + " = " +
                                                      groupDigits(channels / groups)}};
    return inference;
}

LayerKind groupNorm() {
    LayerKind kind;
    kind.info = {"GroupNorm",
                 "normalisation",
                 "brings groups of channels to mean 0 and deviation 1",
                 "Between LayerNorm (num_groups 1) and InstanceNorm (one channel a group): each "
                 "sample for itself, so that it works with batches of any size. Then each channel "
                 "is scaled by a learnable weight and shifted by a learnable bias.",
                 "torch.nn.GroupNorm",
                 {"group norm", "normalization", "gn"},
                 "y = (x − mean)/√(variance + eps) · weight + bias, over a group of channels of "
                 "one sample"};
    kind.params = {{.key = "num_groups",
                    .type = ParamType::Int,
                    .hint = "Into how many groups the channels are divided.",
                    .required = true,
                    .minimum = 1,
                    .suggestion = 1},
                   {.key = "num_channels",
                    .type = ParamType::Int,
                    .hint = "Channels that arrive. Found from the input when left out.",
                    .inferred = true,
                    .minimum = 1},
                   epsilon(),
                   {.key = "affine",
                    .type = ParamType::Bool,
                    .defaultValue = true,
                    .hint = "Gives each channel a learnable weight and bias."}};
    kind.badge = [](const Settings& s) {
        return std::to_string(s.integer("num_groups")) +
               (s.integer("num_groups") == 1 ? " group" : " groups");
    };
    kind.infer = inferGroupNorm;
    kind.build = [](const LayerContext& c, const Inference& inference) {
        return backend::moduleLayer(torch::nn::GroupNorm(
            torch::nn::GroupNormOptions(c.settings.integer("num_groups"),
                                        inference.inferred.find("num_channels")->asInt())
                .eps(c.settings.number("eps"))
                .affine(c.settings.flag("affine"))));
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> groupNormalizationLayers() {
    return {layerNorm(), rmsNorm(), groupNorm()};
}

}  // namespace loom
