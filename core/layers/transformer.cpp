#include "core/backend/attention.h"
#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/attention.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"
#include "core/layers/transformer_parts.h"

namespace loom {
namespace {

using namespace layers_detail;

ParamSpec normSpec() {
    return {.key = "norm",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint = "Ends with a LayerNorm; Python is given one as norm."};
}

/// The settings of one layer, for Python's `TransformerEncoder(TransformerEncoderLayer(...), n)`.
std::string stackPython(const std::string& stack, const Settings& s, const Params& inferred) {
    const std::string layer =
        pythonCall(stack + "Layer", transformerLayerSpecs(), s.params(), inferred);
    const Value* width = s.params().find("d_model");
    if (!width) width = inferred.find("d_model");
    return stack + "(" + layer + ", " + s.value("num_layers").toPython() +
           (s.flag("norm") && width ? ", norm=nn.LayerNorm(" + width->toPython() +
                                          ", eps=" + s.value("layer_norm_eps").toPython() +
                                          (s.flag("bias") ? ")" : ", bias=False)")
                                    : std::string()) +
           ")";
}

Inference inferEncoder(const LayerContext& c, std::int64_t layers, bool norm) {
    Inference inference;
    if (auto problem = checkSequences(c, 1, inference)) return *problem;
    const std::int64_t length = c.inputs[0].dims[0];
    if (auto problem = checkMasks(c, {{1, {length, length}}, {2, {length}}})) return *problem;
    const TransformerWidths widths = widthsOf(c);
    const TransformerCost cost = encoderCost(length, widths);
    inference.outputs = {c.inputs[0]};
    inference.parameters = plus(times(layers, cost.parameters), norm ? normWeights(widths) : 0);
    inference.macs = times(layers, cost.macs);
    inference.formulas = {{"Weights", productText({layers, cost.parameters})}};
    return inference;
}

LayerKind encoderKind(KindInfo info, std::vector<ParamSpec> specs) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.info.changes = {attentionChange()};
    kind.inputs = {{"src", "The sequence, steps × features."},
                   {"src_mask", kMaskHint},
                   {"src_key_padding_mask", kPaddingHint}};
    kind.optionalInputs = 2;
    kind.params = std::move(specs);
    kind.badge = transformerBadge;
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
        transformerLayerSpecs());
    kind.infer = [](const LayerContext& c) { return inferEncoder(c, 1, false); };
    kind.build = [](const LayerContext& c, const Inference&) {
        auto module = std::make_shared<backend::EncoderLayer>(
            transformerOptions(c.settings, c.inputs[0].dims[1]));
        return transformerLayer(module, c.inputs.size(), [module](const auto& in) {
            return module->forward(in[0], {in[1], in[2]});
        });
    };
    return kind;
}

LayerKind encoder() {
    std::vector<ParamSpec> specs = transformerLayerSpecs();
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
        auto module = std::make_shared<backend::Encoder>(
            transformerOptions(c.settings, c.inputs[0].dims[1]), c.settings.integer("num_layers"),
            c.settings.flag("norm"));
        return transformerLayer(module, c.inputs.size(), [module](const auto& in) {
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
    const std::int64_t length = c.inputs[0].dims[0], keys = c.inputs[1].dims[0];
    if (auto problem =
            checkMasks(c, {{2, {length, length}}, {3, {length, keys}}, {4, {length}}, {5, {keys}}}))
        return *problem;
    const TransformerWidths widths = widthsOf(c);
    const TransformerCost cost = decoderCost(length, keys, widths);
    inference.outputs = {c.inputs[0]};
    inference.parameters = plus(times(layers, cost.parameters), norm ? normWeights(widths) : 0);
    inference.macs = times(layers, cost.macs);
    inference.formulas = {{"Weights", productText({layers, cost.parameters})}};
    return inference;
}

LayerKind decoderKind(KindInfo info, std::vector<ParamSpec> specs) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.info.changes = {attentionChange()};
    kind.inputs = {{"tgt", "The sequence that is being made, steps × features."},
                   {"memory", "What the encoder gives."},
                   {"tgt_mask", kMaskHint},
                   {"memory_mask", "Steps of tgt × steps of memory, added to the scores."},
                   {"tgt_key_padding_mask", kPaddingHint},
                   {"memory_key_padding_mask", kPaddingHint}};
    kind.optionalInputs = 4;
    kind.params = std::move(specs);
    kind.badge = transformerBadge;
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
        transformerLayerSpecs());
    kind.infer = [](const LayerContext& c) { return inferDecoder(c, 1, false); };
    kind.build = [](const LayerContext& c, const Inference&) {
        auto module = std::make_shared<backend::DecoderLayer>(
            transformerOptions(c.settings, c.inputs[0].dims[1]));
        return transformerLayer(module, c.inputs.size(),
                                [module](const auto& in) { return decoded(*module, in); });
    };
    return kind;
}

LayerKind decoder() {
    std::vector<ParamSpec> specs = transformerLayerSpecs();
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
        auto module = std::make_shared<backend::Decoder>(
            transformerOptions(c.settings, c.inputs[0].dims[1]), c.settings.integer("num_layers"),
            c.settings.flag("norm"));
        return transformerLayer(module, c.inputs.size(),
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
    const std::int64_t source = c.inputs[0].dims[0], target = c.inputs[1].dims[0];
    if (auto problem = checkMasks(c, {{2, {source, source}},
                                      {3, {target, target}},
                                      {4, {target, source}},
                                      {5, {source}},
                                      {6, {target}},
                                      {7, {source}}}))
        return *problem;
    const TransformerWidths widths = widthsOf(c);
    const TransformerCost encoder = encoderCost(source, widths),
                          decoder = decoderCost(target, source, widths);
    const std::int64_t below = s.integer("num_encoder_layers"),
                       above = s.integer("num_decoder_layers");
    inference.outputs = {c.inputs[1]};
    inference.parameters = plus(times(below, encoder.parameters), times(above, decoder.parameters),
                                times(2, normWeights(widths)));
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
    kind.info.changes = {attentionChange()};
    kind.inputs = {{"src", "The sequence that is read, steps × features."},
                   {"tgt", "The sequence that is being made."},
                   {"src_mask", kMaskHint},
                   {"tgt_mask", kMaskHint},
                   {"memory_mask", "Steps of tgt × steps of src, added to the scores."},
                   {"src_key_padding_mask", kPaddingHint},
                   {"tgt_key_padding_mask", kPaddingHint},
                   {"memory_key_padding_mask", kPaddingHint}};
    kind.optionalInputs = 6;
    std::vector<ParamSpec> specs = transformerLayerSpecs();
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
        auto module = std::make_shared<backend::WholeTransformer>(
            transformerOptions(s, c.inputs[0].dims[1]), s.integer("num_encoder_layers"),
            s.integer("num_decoder_layers"));
        return transformerLayer(module, c.inputs.size(), [module](const auto& in) {
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
