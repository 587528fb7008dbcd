#include "core/backend/attention.h"
#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/attention.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"
#include "core/layers/recurrent.h"

namespace loom {
namespace {

using namespace layers_detail;

std::vector<ParamSpec> layerSpecs() {
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
                     "the Vision Transformer does; deep ones train more easily so."}};
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

ParamSpec normSpec() {
    return {.key = "norm",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "Ends with a LayerNorm; Python is given one as norm."};
}

/// One layer's learnable numbers and its multiply-accumulates.
struct Cost {
    std::int64_t parameters, macs;
};

Cost encoderCost(std::int64_t length, std::int64_t e, std::int64_t f) {
    return {plus(times(4, e, e), times(4, e), times(2, e, f), f, e, times(4, e)),
            plus(attentionMacs(length, length, e), times(2, length, e, e), times(2, length, e, f))};
}

Cost decoderCost(std::int64_t length, std::int64_t keys, std::int64_t e, std::int64_t f) {
    const Cost own = encoderCost(length, e, f);
    return {plus(own.parameters, times(4, e, e), times(6, e)),
            plus(own.macs, attentionMacs(length, keys, e), times(2, keys, e, e))};
}

/// What all five kinds check: sequences of equal width, heads, the order of dimensions.
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

backend::TransformerOptions optionsOf(const Settings& s, std::int64_t features) {
    return {features,
            s.integer("nhead"),
            s.integer("dim_feedforward"),
            s.number("dropout"),
            s.number("layer_norm_eps"),
            s.text("activation") == "gelu",
            s.flag("batch_first"),
            s.flag("norm_first")};
}

/// `function` is handed all ports, those without a wire undefined.
std::shared_ptr<backend::BuiltLayer> built(
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

std::string layerBadge(const Settings& s) {
    std::string text = s.value("nhead").toText() + " heads";
    if (!s.isNone("num_layers")) text = s.value("num_layers").toText() + " layers, " + text;
    return text;
}

/// The settings of one layer, for Python's `TransformerEncoder(TransformerEncoderLayer(...), n)`.
std::string stackPython(const std::string& stack, const Settings& s, const Params& inferred) {
    const std::string layer = pythonCall(stack + "Layer", layerSpecs(), s.params(), inferred);
    const Value* width = s.params().find("d_model");
    if (!width) width = inferred.find("d_model");
    return stack + "(" + layer + ", " + s.value("num_layers").toPython() +
           (s.flag("norm") && width ? ", norm=nn.LayerNorm(" + width->toPython() +
                                          ", eps=" + s.value("layer_norm_eps").toPython() + ")"
                                    : std::string()) +
           ")";
}

const char* const kMaskHint =
    "Steps × steps, added to the scores: minus infinity hides a step. CausalMask makes one.";
const char* const kPaddingHint = "A number per step, added to its scores: minus infinity hides it.";

Inference inferEncoder(const LayerContext& c, std::int64_t layers, bool norm) {
    Inference inference;
    if (auto problem = checkSequences(c, 1, inference)) return *problem;
    const std::int64_t length = c.inputs[0].dims[0], e = c.inputs[0].dims[1];
    if (auto problem = checkMasks(c, {{1, {length, length}}, {2, {length}}})) return *problem;
    const Cost cost = encoderCost(length, e, c.settings.integer("dim_feedforward"));
    inference.outputs = {c.inputs[0]};
    inference.parameters = plus(times(layers, cost.parameters), norm ? times(2, e) : 0);
    inference.macs = times(layers, cost.macs);
    inference.formulas = {{"Weights", productText({layers, cost.parameters})}};
    return inference;
}

LayerKind encoderKind(KindInfo info, std::vector<ParamSpec> specs) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.inputs = {{"src", "The sequence, steps × features."},
                   {"src_mask", kMaskHint},
                   {"src_key_padding_mask", kPaddingHint}};
    kind.optionalInputs = 2;
    kind.params = std::move(specs);
    kind.badge = layerBadge;
    return kind;
}

LayerKind encoderLayer() {
    LayerKind kind = encoderKind(
        {"TransformerEncoderLayer",
         "attention",
         "lets all steps of a sequence look at each other, then thinks about each",
         "Self-attention, then two Linear layers for each step, each with a skip connection and a "
         "layer normalisation around it: one floor of BERT or of the Vision Transformer.",
         "torch.nn.TransformerEncoderLayer",
         {"transformer", "self-attention", "bert", "vit", "sequence"},
         "x = norm1(x + attention(x))\ny = norm2(x + linear2(activation(linear1(x))))"},
        layerSpecs());
    kind.infer = [](const LayerContext& c) { return inferEncoder(c, 1, false); };
    kind.build = [](const LayerContext& c, const Inference&) {
        auto module =
            std::make_shared<backend::EncoderLayer>(optionsOf(c.settings, c.inputs[0].dims[1]));
        return built(module, c.inputs.size(), [module](const auto& in) {
            return module->forward(in[0], {in[1], in[2]});
        });
    };
    return kind;
}

LayerKind encoder() {
    std::vector<ParamSpec> specs = layerSpecs();
    specs.push_back(countSpec("num_layers", "How many layers stand on top of each other.", {}));
    specs.push_back(normSpec());
    LayerKind kind = encoderKind(
        {"TransformerEncoder",
         "attention",
         "reads a sequence with several layers of self-attention",
         "num_layers TransformerEncoderLayers on top of each other. As in Python they are copies "
         "of one, so all begin with the same weights.",
         "torch.nn.TransformerEncoder",
         {"transformer", "self-attention", "bert", "vit", "sequence", "stack"},
         "y = layer(layer(… layer(x))), num_layers times"},
        specs);
    kind.infer = [](const LayerContext& c) {
        return inferEncoder(c, c.settings.integer("num_layers"), c.settings.flag("norm"));
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        auto module = std::make_shared<backend::Encoder>(optionsOf(c.settings, c.inputs[0].dims[1]),
                                                         c.settings.integer("num_layers"),
                                                         c.settings.flag("norm"));
        return built(module, c.inputs.size(), [module](const auto& in) {
            return module->forward(in[0], {in[1], in[2]});
        });
    };
    kind.pythonModule = [](const Settings& s, const Params& inferred) {
        return stackPython("nn.TransformerEncoder", s, inferred);
    };
    return kind;
}

Inference inferDecoder(const LayerContext& c, std::int64_t layers, bool norm) {
    Inference inference;
    if (auto problem = checkSequences(c, 2, inference)) return *problem;
    const std::int64_t length = c.inputs[0].dims[0], keys = c.inputs[1].dims[0],
                       e = c.inputs[0].dims[1];
    if (auto problem =
            checkMasks(c, {{2, {length, length}}, {3, {length, keys}}, {4, {length}}, {5, {keys}}}))
        return *problem;
    const Cost cost = decoderCost(length, keys, e, c.settings.integer("dim_feedforward"));
    inference.outputs = {c.inputs[0]};
    inference.parameters = plus(times(layers, cost.parameters), norm ? times(2, e) : 0);
    inference.macs = times(layers, cost.macs);
    inference.formulas = {{"Weights", productText({layers, cost.parameters})}};
    return inference;
}

LayerKind decoderKind(KindInfo info, std::vector<ParamSpec> specs) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.inputs = {{"tgt", "The sequence that is being made, steps × features."},
                   {"memory", "What the encoder gives."},
                   {"tgt_mask", kMaskHint},
                   {"memory_mask", "Steps of tgt × steps of memory, added to the scores."},
                   {"tgt_key_padding_mask", kPaddingHint},
                   {"memory_key_padding_mask", kPaddingHint}};
    kind.optionalInputs = 4;
    kind.params = std::move(specs);
    kind.badge = layerBadge;
    return kind;
}

at::Tensor decoded(auto& module, const std::vector<at::Tensor>& in) {
    return module.forward(in[0], in[1], {in[2], in[4]}, {in[3], in[5]});
}

LayerKind decoderLayer() {
    LayerKind kind = decoderKind(
        {"TransformerDecoderLayer",
         "attention",
         "continues a sequence with a look at what an encoder has read",
         "Self-attention, then attention to memory, then two Linear layers for each step, each "
         "with a skip connection and a layer normalisation around it.",
         "torch.nn.TransformerDecoderLayer",
         {"transformer", "attention", "translation", "gpt", "sequence"},
         "x = norm1(x + attention(x))\n"
         "x = norm2(x + attention(x, memory))\n"
         "y = norm3(x + linear2(activation(linear1(x))))"},
        layerSpecs());
    kind.infer = [](const LayerContext& c) { return inferDecoder(c, 1, false); };
    kind.build = [](const LayerContext& c, const Inference&) {
        auto module =
            std::make_shared<backend::DecoderLayer>(optionsOf(c.settings, c.inputs[0].dims[1]));
        return built(module, c.inputs.size(),
                     [module](const auto& in) { return decoded(*module, in); });
    };
    return kind;
}

LayerKind decoder() {
    std::vector<ParamSpec> specs = layerSpecs();
    specs.push_back(countSpec("num_layers", "How many layers stand on top of each other.", {}));
    specs.push_back(normSpec());
    LayerKind kind = decoderKind(
        {"TransformerDecoder",
         "attention",
         "continues a sequence with several layers that look at what was read",
         "num_layers TransformerDecoderLayers on top of each other. As in Python they are copies "
         "of one, so all begin with the same weights.",
         "torch.nn.TransformerDecoder",
         {"transformer", "attention", "translation", "gpt", "sequence", "stack"},
         "y = layer(layer(… layer(x, memory), memory), memory), num_layers times"},
        specs);
    kind.infer = [](const LayerContext& c) {
        return inferDecoder(c, c.settings.integer("num_layers"), c.settings.flag("norm"));
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        auto module = std::make_shared<backend::Decoder>(optionsOf(c.settings, c.inputs[0].dims[1]),
                                                         c.settings.integer("num_layers"),
                                                         c.settings.flag("norm"));
        return built(module, c.inputs.size(),
                     [module](const auto& in) { return decoded(*module, in); });
    };
    kind.pythonModule = [](const Settings& s, const Params& inferred) {
        return stackPython("nn.TransformerDecoder", s, inferred);
    };
    return kind;
}

Inference inferTransformer(const LayerContext& c) {
    Inference inference;
    if (auto problem = checkSequences(c, 2, inference)) return *problem;
    const Settings& s = c.settings;
    const std::int64_t source = c.inputs[0].dims[0], target = c.inputs[1].dims[0],
                       e = c.inputs[0].dims[1], f = s.integer("dim_feedforward");
    if (auto problem = checkMasks(c, {{2, {source, source}},
                                      {3, {target, target}},
                                      {4, {target, source}},
                                      {5, {source}},
                                      {6, {target}},
                                      {7, {source}}}))
        return *problem;
    const Cost encoder = encoderCost(source, e, f), decoder = decoderCost(target, source, e, f);
    const std::int64_t below = s.integer("num_encoder_layers"),
                       above = s.integer("num_decoder_layers");
    inference.outputs = {c.inputs[1]};
    inference.parameters =
        plus(times(below, encoder.parameters), times(above, decoder.parameters), times(4, e));
    inference.macs = plus(times(below, encoder.macs), times(above, decoder.macs));
    inference.formulas = {{"Weights of the encoder", productText({below, encoder.parameters})},
                          {"Weights of the decoder", productText({above, decoder.parameters})}};
    return inference;
}

LayerKind transformer() {
    LayerKind kind;
    kind.info = {"Transformer",
                 "attention",
                 "reads one sequence and makes another of it",
                 "A TransformerEncoder reads src, a TransformerDecoder continues tgt with a look "
                 "at it: the network of “Attention is all you need”, for example for translation. "
                 "Each ends with a layer normalisation.",
                 "torch.nn.Transformer",
                 {"attention", "translation", "encoder", "decoder", "sequence", "seq2seq"},
                 "memory = encoder(src)\ny = decoder(tgt, memory)"};
    kind.inputs = {{"src", "The sequence that is read, steps × features."},
                   {"tgt", "The sequence that is being made."},
                   {"src_mask", kMaskHint},
                   {"tgt_mask", kMaskHint},
                   {"memory_mask", "Steps of tgt × steps of src, added to the scores."},
                   {"src_key_padding_mask", kPaddingHint},
                   {"tgt_key_padding_mask", kPaddingHint},
                   {"memory_key_padding_mask", kPaddingHint}};
    kind.optionalInputs = 6;
    std::vector<ParamSpec> specs = layerSpecs();
    specs[0] = countSpec("d_model", "Numbers per step, as they arrive.", 512);
    specs[1].required = false;
    specs[1].defaultValue = 8;
    specs[1].suggestion = {};
    specs.insert(specs.begin() + 2, {countSpec("num_encoder_layers", "Layers that read src.", 6),
                                     countSpec("num_decoder_layers", "Layers that make tgt.", 6)});
    kind.params = std::move(specs);
    kind.badge = [](const Settings& s) {
        return s.value("num_encoder_layers").toText() + " + " +
               s.value("num_decoder_layers").toText() + " layers, " + s.value("nhead").toText() +
               " heads";
    };
    kind.infer = inferTransformer;
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        auto module = std::make_shared<backend::WholeTransformer>(optionsOf(s, c.inputs[0].dims[1]),
                                                                  s.integer("num_encoder_layers"),
                                                                  s.integer("num_decoder_layers"));
        return built(module, c.inputs.size(), [module](const auto& in) {
            const at::Tensor memory = module->encoder->forward(in[0], {in[2], in[5]});
            return module->decoder->forward(in[1], memory, {in[3], in[6]}, {in[4], in[7]});
        });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> transformerLayers() {
    return {encoderLayer(), encoder(), decoderLayer(), decoder(), transformer()};
}

}  // namespace loom
