#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/attention.h"
#include "core/catalogue/layer_kind.h"

/// What the five kinds of transformers share.
namespace loom::layers_detail {

inline constexpr const char* kMaskHint =
    "Steps × steps, added to the scores: minus infinity hides a step. CausalMask makes one.";
inline constexpr const char* kPaddingHint =
    "A number per step, added to its scores: minus infinity hides it.";

/// The settings of one layer, in Python's order.
std::vector<ParamSpec> transformerLayerSpecs();
/// A count of layers or numbers; without a preset it must be set.
ParamSpec countSpec(const char* key, const char* hint, std::optional<int> preset);
/// How PyTorch 2 computes attention whose weights nobody asks for.
VersionChange attentionChange();

/// One layer's learnable numbers and its multiply-accumulates.
struct TransformerCost {
    std::int64_t parameters, macs;
};

/// A layer's width, the width between its Linear layers, and whether it has biases.
struct TransformerWidths {
    std::int64_t e, f;
    bool bias;
};

TransformerWidths widthsOf(const LayerContext& context);
/// The weights of a layer normalisation.
std::int64_t normWeights(const TransformerWidths& widths);
TransformerCost encoderCost(std::int64_t length, const TransformerWidths& widths);
TransformerCost decoderCost(std::int64_t length, std::int64_t keys,
                            const TransformerWidths& widths);

/// What all five kinds check: sequences of equal width, heads, the order of dimensions.
std::optional<Inference> checkSequences(const LayerContext& context, int sequences,
                                        Inference& inference);

backend::TransformerOptions transformerOptions(const Settings& settings, std::int64_t features);

/// `function` is handed all ports, those without a wire undefined.
std::shared_ptr<backend::BuiltLayer> transformerLayer(
    std::shared_ptr<torch::nn::Module> module, std::size_t ports,
    std::function<at::Tensor(const std::vector<at::Tensor>&)> function);

/// "2 layers, 4 heads"
std::string transformerBadge(const Settings& settings);

}  // namespace loom::layers_detail
