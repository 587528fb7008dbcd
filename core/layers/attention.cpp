#include "core/layers/attention.h"

#include <algorithm>

#include "core/backend/attention.h"
#include "core/base/saturating.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"
#include "core/layers/recurrent.h"

namespace loom {

namespace layers_detail {

std::optional<Inference> requireSequence(const LayerContext& c, int port) {
    const Shape& input = c.inputs[static_cast<std::size_t>(port)];
    if (input.rank() == 2) return std::nullopt;
    return refuseNoSequence(c, port);
}

std::optional<Inference> checkHeads(const LayerContext& c, const std::string& key,
                                    std::int64_t features) {
    const std::int64_t heads = c.settings.integer(key);
    if (features % heads == 0) return std::nullopt;
    std::int64_t fitting = std::min(heads, features);
    while (features % fitting != 0) --fitting;
    return refuse(c,
                  "shares its " + groupDigits(features) + " features among " + groupDigits(heads) +
                      " heads, but " + groupDigits(features) + " cannot be divided evenly by that.",
                  "Take a " + key + " that divides " + groupDigits(features) + ".",
                  {setParamFix(c.node.id, "Set " + key + " to " + std::to_string(fitting), key,
                               Value(fitting))});
}

std::optional<Inference> checkMasks(const LayerContext& c, const std::vector<MaskPort>& masks) {
    const LayerKind& kind = *layers().find(c.node.kind);
    for (const MaskPort& mask : masks) {
        const Shape& given = c.inputs[static_cast<std::size_t>(mask.port)];
        if (!c.connected(mask.port) || given.dims == mask.sides) continue;
        return refuse(c,
                      "takes as " + kind.inputs[static_cast<std::size_t>(mask.port)].name + " " +
                          Shape{mask.sides}.toSentence() + ", but " + given.toSentence() +
                          " arrives.",
                      mask.sides.size() == 2
                          ? "A mask has a row for each step that looks and a column for each step "
                            "that may be seen."
                          : "This mask has one number for each step that may be seen.",
                      {}, mask.port);
    }
    return std::nullopt;
}

std::optional<Inference> checkBatchFirst(const LayerContext& c, Inference& inference,
                                         const std::vector<std::int64_t>& lengths,
                                         int firstMaskPort) {
    if (c.settings.flag("batch_first")) return std::nullopt;
    const Fix fix = setParamFix(c.node.id, "Set batch_first to True", "batch_first", Value(true));
    const std::string takes =
        "has batch_first False, so PyTorch takes the samples of a batch as the steps of one "
        "sequence";
    const std::string hint =
        "Set batch_first to True: the batch is always the first dimension "
        "here.";
    bool bound = lengths.front() != lengths.back();
    for (std::size_t port = static_cast<std::size_t>(firstMaskPort); port < c.inputs.size(); ++port)
        bound = bound || c.connected(static_cast<int>(port));
    for (const Edge& edge : c.graph.edgesFrom(c.node.id)) bound = bound || edge.from.port > 0;
    if (bound)
        return refuse(c, takes + ", and what is connected to its other ports would not fit.", hint,
                      {fix});
    inference.remarks.push_back(remark(c, Severity::Warning, takes + ".", hint, {fix}));
    return std::nullopt;
}

std::int64_t attentionMacs(std::int64_t length, std::int64_t keys, std::int64_t features,
                           std::int64_t added) {
    return plus(times(2, length, features, features),
                times(2, length, plus(keys, added), features));
}

}  // namespace layers_detail

namespace {

using namespace layers_detail;

Inference inferAttention(const LayerContext& c) {
    for (int port = 0; port < 3; ++port)
        if (auto problem = requireSequence(c, port)) return *problem;
    const Settings& s = c.settings;
    const Shape &query = c.inputs[0], &key = c.inputs[1], &value = c.inputs[2];
    const std::int64_t length = query.dims[0], keys = key.dims[0], e = query.dims[1];
    Inference inference;
    if (auto problem = agree(c, "embed_dim", e, "numbers per step", inference)) return *problem;
    if (auto problem = checkHeads(c, "num_heads", e)) return *problem;
    if (value.dims[0] != keys)
        return refuse(c,
                      "looks up a value for each key, but " + groupDigits(keys) + " keys and " +
                          groupDigits(value.dims[0]) + " values arrive.",
                      "Keys and values need the same number of steps; often both come from the "
                      "same block.",
                      {}, 2);
    const std::pair<const char*, std::int64_t> widths[] = {{"kdim", key.dims[1]},
                                                           {"vdim", value.dims[1]}};
    for (int i = 0; i < 2; ++i) {
        const auto& [name, width] = widths[i];
        if (width == e && !s.value(name).isInt()) continue;
        if (auto problem = agree(c, name, width, "numbers per step", inference, i + 1))
            return *problem;
    }
    if (auto problem = checkBatchFirst(c, inference, {length, keys}, 3)) return *problem;
    if (auto problem = checkMasks(c, {{3, {keys}}, {4, {length, keys}}})) return *problem;
    const bool bias = s.flag("bias"), pair = s.flag("add_bias_kv");
    const std::int64_t added = (pair ? 1 : 0) + (s.flag("add_zero_attn") ? 1 : 0);
    const std::int64_t projections = times(e, plus(times(2, e), key.dims[1], value.dims[1]));
    inference.outputs = {query, Shape{{length, keys + added}}};
    inference.parameters = plus(projections, bias ? times(4, e) : 0, pair ? times(2, e) : 0);
    inference.macs = plus(attentionMacs(length, keys, e, added),
                          times(keys, e, plus(key.dims[1], value.dims[1])));
    inference.formulas = {{"Features of a head", groupDigits(e) + " / " +
                                                     s.value("num_heads").toText() + " = " +
                                                     groupDigits(e / s.integer("num_heads"))}};
    return inference;
}

std::shared_ptr<backend::BuiltLayer> buildAttention(const LayerContext& c,
                                                    const Inference& inference) {
    const Settings& s = c.settings;
    const std::int64_t e = inference.inferred.find("embed_dim")->asInt();
    const auto widthOf = [&](const char* key) {
        const Value* found = inference.inferred.find(key);
        return found ? found->asInt() : e;
    };
    torch::nn::MultiheadAttention module(
        torch::nn::MultiheadAttentionOptions(e, s.integer("num_heads"))
            .dropout(s.number("dropout"))
            .bias(s.flag("bias"))
            .add_bias_kv(s.flag("add_bias_kv"))
            .add_zero_attn(s.flag("add_zero_attn"))
            .kdim(widthOf("kdim"))
            .vdim(widthOf("vdim")));
    auto built = std::make_shared<backend::BuiltLayer>();
    built->module = module.ptr();
    built->forward =
        [module, batchFirst = s.flag("batch_first")](const std::vector<at::Tensor>& in) mutable {
            const auto masks = backend::Masks{in.size() > 4 ? in[4] : at::Tensor(),
                                              in.size() > 3 ? in[3] : at::Tensor()};
            const auto made = backend::attend(*module, in[0], in[1], in[2], masks, batchFirst,
                                              backend::AttentionWeights::Needed);
            return std::vector{made.output, made.weights};
        };
    return built;
}

ParamSpec flagSpec(const char* key, bool preset, const char* hint) {
    return {.key = key, .type = ParamType::Bool, .defaultValue = preset, .hint = hint};
}

LayerKind multiheadAttention() {
    LayerKind kind;
    kind.info = {"MultiheadAttention",
                 "attention",
                 "lets every step look at all others and take what it needs",
                 "Each step of query is compared with each step of key; the better two fit, the "
                 "more of that step's value is taken. Several heads do so side by side, each with "
                 "a part of the features. With the same sequence at all three inputs it is "
                 "self-attention.",
                 "torch.nn.MultiheadAttention",
                 {"self-attention", "transformer", "query", "key", "value", "sequence"},
                 "attention(Q, K, V) = softmax(Q·Kᵀ / √d)·V, for each head"};
    kind.info.changes = {
        {"2.6",
         "By then queries are scaled by a product instead of a quotient, and the heads' weights "
         "are "
         "averaged by one function; the last bits differ from those of 1.13.",
         "Follows the linked LibTorch, so that training equals the same machine's Python."}};
    kind.inputs = {{"query", "The steps that look, steps × features."},
                   {"key", "The steps that are looked at."},
                   {"value", "What is taken from these steps."},
                   {"key_padding_mask",
                    "A number for each key, added to its scores: minus infinity hides it."},
                   {"attn_mask",
                    "Query steps × keys, added to the scores: minus infinity hides a key from a "
                    "step."}};
    kind.outputs = {{"attn_output", "What each step has taken."},
                    {"attn_output_weights",
                     "How much each step took of each key; the mean over "
                     "the heads."}};
    kind.optionalInputs = 2;
    kind.params = {{.key = "embed_dim",
                    .type = ParamType::Int,
                    .hint = "Numbers per step of query. Found from the input when left out.",
                    .inferred = true,
                    .minimum = 1},
                   {.key = "num_heads",
                    .type = ParamType::Int,
                    .hint = "How many heads share the features; it divides embed_dim.",
                    .required = true,
                    .minimum = 1,
                    .suggestion = 4},
                   {.key = "dropout",
                    .type = ParamType::Float,
                    .defaultValue = 0.0,
                    .hint = "Probability that a step does not see a key while training.",
                    .minimum = 0,
                    .maximum = 1},
                   flagSpec("bias", true, "Adds learnable numbers to each projection."),
                   flagSpec("add_bias_kv", false, "Adds a learned key and value to the sequence."),
                   flagSpec("add_zero_attn", false,
                            "Adds a key and value of zeros, so that a step may look at nothing."),
                   {.key = "kdim",
                    .type = ParamType::Int,
                    .hint = "Numbers per step of key, where not embed_dim. Found from the input.",
                    .inferred = true,
                    .minimum = 1},
                   {.key = "vdim",
                    .type = ParamType::Int,
                    .hint = "Numbers per step of value, where not embed_dim. Found from the input.",
                    .inferred = true,
                    .minimum = 1},
                   batchFirstSpec()};
    kind.badge = [](const Settings& s) { return s.value("num_heads").toText() + " heads"; };
    kind.infer = inferAttention;
    kind.build = buildAttention;
    return kind;
}

LayerKind causalMask() {
    LayerKind kind;
    kind.info = {"CausalMask",
                 "attention",
                 "makes the mask that hides what comes later",
                 "For a sequence of L steps an L × L mask, 0 where a step may look and minus "
                 "infinity at all later steps. It goes to attn_mask or src_mask of a block that "
                 "is to predict what comes next.",
                 "torch.nn.Transformer.generate_square_subsequent_mask",
                 {"mask", "future", "autoregressive", "triangle", "subsequent", "decoder"},
                 "y[i, j] = 0 for j ≤ i, else −∞"};
    kind.inputs = {{"input", "The sequence, for its length.", Elements::Any}};
    kind.infer = [](const LayerContext& c) -> Inference {
        if (c.inputs[0].rank() == 0)
            return refuse(c, "receives a single number, but CausalMask takes sequences.",
                          "Give it the sequence that is to be masked, steps × features.", {}, 0);
        return gives(Shape{{c.inputs[0].dims[0], c.inputs[0].dims[0]}});
    };
    kind.build = [](const LayerContext&, const Inference&) {
        auto built = std::make_shared<backend::BuiltLayer>();
        built->forward = [](const std::vector<at::Tensor>& in) {
            const std::int64_t length = in[0].size(1);
            const at::Tensor hidden =
                at::full({length, length}, -std::numeric_limits<float>::infinity(),
                         in[0].options().dtype(at::kFloat));
            // A batch of stride 0 says that it is one mask, also where the batch is one sample.
            return std::vector{
                hidden.triu(1).as_strided({in[0].size(0), length, length}, {0, length, 1})};
        };
        return built;
    };
    kind.pythonExpression = [](const Settings&, const std::vector<std::string>& in) {
        return "nn.Transformer.generate_square_subsequent_mask(" + in[0] +
               ".shape[1], device=" + in[0] + ".device).expand(" + in[0] + ".shape[0], -1, -1)";
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> attentionLayers() {
    return {multiheadAttention(), scaledDotProductAttention(), causalMask()};
}

}  // namespace loom
