#include "core/layers/transformer_parts.h"

#include <utility>

#include "core/base/saturating.h"
#include "core/layers/attention.h"
#include "core/layers/dims.h"
#include "core/layers/recurrent.h"

namespace loom::layers_detail {

std::vector<ParamSpec> transformerLayerSpecs() {
    return {{.key = "d_model",
             .type = ParamType::Int,
             .hint = "Numbers per step. Found from the input when left out.",
             .inferred = true,
             .minimum = 1},
            {.key = "nhead",
             .type = ParamType::Int,
             .hint = "How many heads of attention share the numbers of a step; it divides d_model.",
             .required = true,
             .minimum = 1,
             .suggestion = 4},
            {.key = "dim_feedforward",
             .type = ParamType::Int,
             .defaultValue = 2048,
             .hint = "Width of the two Linear layers that follow the attention.",
             .minimum = 1},
            {.key = "dropout",
             .type = ParamType::Float,
             .defaultValue = 0.1,
             .hint = "Probability that a number is set to zero while training.",
             .minimum = 0,
             .maximum = 1},
            {.key = "activation",
             .type = ParamType::Choice,
             .defaultValue = "relu",
             .hint = "The activation between the two Linear layers.",
             .choices = {"relu", "gelu"}},
            {.key = "layer_norm_eps",
             .type = ParamType::Float,
             .defaultValue = 1e-5,
             .hint = "Added to the variance in the layer normalisations.",
             .minimum = 0},
            batchFirstSpec(),
            {.key = "norm_first",
             .type = ParamType::Bool,
             .defaultValue = false,
             .hint = "Normalises before attention and Linear layers instead of behind them, as "
                     "the Vision Transformer does; deep ones train more easily so."},
            {.key = "bias",
             .type = ParamType::Bool,
             .defaultValue = true,
             .hint = "Adds learnable numbers in attention, Linear layers and normalisations.",
             .since = "2.1"}};
}

VersionChange attentionChange() {
    return {"2.0",
            "Attention is computed by scaled_dot_product_attention, and a mask that hides all "
            "later steps is recognised; the last bits differ from those of 1.13.",
            "Follows the linked LibTorch, so that training equals the same machine's Python."};
}

ParamSpec countSpec(const char* key, const char* hint, std::optional<int> preset) {
    ParamSpec spec{.key = key, .type = ParamType::Int, .hint = hint, .minimum = 1};
    spec.required = !preset;
    if (preset)
        spec.defaultValue = *preset;
    else
        spec.suggestion = 2;
    return spec;
}

TransformerWidths widthsOf(const LayerContext& c) {
    return {c.inputs[0].dims[1], c.settings.integer("dim_feedforward"), c.settings.flag("bias")};
}

std::int64_t normWeights(const TransformerWidths& w) {
    return times(w.bias ? 2 : 1, w.e);
}

TransformerCost encoderCost(std::int64_t length, const TransformerWidths& w) {
    const std::int64_t weights = plus(times(4, w.e, w.e), times(2, w.e, w.f)),
                       biases = w.bias ? plus(times(5, w.e), w.f) : 0;
    return {plus(weights, biases, times(2, normWeights(w))),
            plus(attentionMacs(length, length, w.e), times(2, length, w.e, w.e),
                 times(2, length, w.e, w.f))};
}

TransformerCost decoderCost(std::int64_t length, std::int64_t keys, const TransformerWidths& w) {
    const TransformerCost own = encoderCost(length, w);
    return {plus(own.parameters, times(4, w.e, w.e), w.bias ? times(4, w.e) : 0, normWeights(w)),
            plus(own.macs, attentionMacs(length, keys, w.e), times(2, keys, w.e, w.e))};
}

std::optional<Inference> checkSequences(const LayerContext& c, int sequences,
                                        Inference& inference) {
    for (int port = 0; port < sequences; ++port)
        if (auto problem = requireSequence(c, port)) return problem;
    const std::int64_t e = c.inputs[0].dims[1];
    // The whole Transformer's d_model has a default, which must fit; that of its layers is found.
    if (findSpec(c.settings.specs(), "d_model")->inferred) {
        if (auto problem = agree(c, "d_model", e, "numbers per step", inference)) return problem;
    } else if (c.settings.integer("d_model") != e) {
        return refuse(
            c,
            "has d_model = " + groupDigits(c.settings.integer("d_model")) + ", but " +
                groupDigits(e) + " numbers per step arrive (" + describe(c.inputs[0]) + ").",
            "Set d_model to " + groupDigits(e) + ", or bring the steps to its width.",
            {setParamFix(c.node.id, "Set d_model to " + std::to_string(e), "d_model", Value(e))},
            0);
    }
    if (sequences == 2 && c.inputs[1].dims[1] != e)
        return refuse(c,
                      "needs steps of the same width at both inputs, but " + describe(c.inputs[0]) +
                          " arrive at " + layers().find(c.node.kind)->inputs[0].name + " and " +
                          describe(c.inputs[1]) + " at " +
                          layers().find(c.node.kind)->inputs[1].name + ".",
                      "Bring both to the same number of features with a Linear.", {}, 1);
    if (auto problem = checkHeads(c, "nhead", e)) return problem;
    return checkBatchFirst(
        c, inference,
        {c.inputs[0].dims[0], c.inputs[static_cast<std::size_t>(sequences) - 1].dims[0]},
        sequences);
}

backend::TransformerOptions transformerOptions(const Settings& s, std::int64_t features) {
    return {features,
            s.integer("nhead"),
            s.integer("dim_feedforward"),
            s.number("dropout"),
            s.number("layer_norm_eps"),
            s.text("activation") == "gelu",
            s.flag("batch_first"),
            s.flag("norm_first"),
            s.flag("bias")};
}

std::shared_ptr<backend::BuiltLayer> transformerLayer(
    std::shared_ptr<torch::nn::Module> module, std::size_t ports,
    std::function<at::Tensor(const std::vector<at::Tensor>&)> function) {
    auto layer = std::make_shared<backend::BuiltLayer>();
    layer->module = std::move(module);
    layer->forward = [=](const std::vector<at::Tensor>& arriving) {
        std::vector<at::Tensor> in = arriving;
        in.resize(ports);
        return std::vector{function(in)};
    };
    return layer;
}

std::string transformerBadge(const Settings& s) {
    std::string text = s.value("nhead").toText() + " heads";
    if (!s.isNone("num_layers")) text = s.value("num_layers").toText() + " layers, " + text;
    return text;
}

}  // namespace loom::layers_detail
