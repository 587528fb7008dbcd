#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/backend/layer.h"
#include "core/backend/norms.h"

/// Attention by Python's formulas, which LibTorch's own modules follow only in part: they lack
/// batch_first, norm_first and masks of real numbers.
namespace loom::backend {

struct Attended {
    at::Tensor output;  ///< of the form of the query
    at::Tensor
        weights;  ///< batch × steps × keys, the mean over the heads; undefined: not asked for
};

/// What may be looked at: numbers added to the scores, 0 where a step may be seen and minus
/// infinity where not. Either may be undefined.
struct Masks {
    /// Batch × steps × keys. One that is the same for every sample, its batch of stride 0, is the
    /// mask of two dimensions that a script would pass.
    at::Tensor attention;
    at::Tensor padding;   ///< batch × keys
    bool causal = false;  ///< Python's hint that `attention` is the causal mask
    /// `attention` is repeated for the heads already: once for a stack of layers, as a script does
    /// it, so that gradients add in the same order.
    bool perHead = false;
};

/// Whether weights are wanted. PyTorch 2 computes in another way where they are not.
enum class AttentionWeights { Needed, NotNeeded };

/// Tensors are batch × steps × features with `batchFirst`, else steps × batch × features. The
/// module holds weights and settings only. Source: MultiheadAttention.forward and
/// torch.nn.functional.multi_head_attention_forward of 1.13, or of 2.6 where LibTorch is of 2.
Attended attend(torch::nn::MultiheadAttentionImpl& module, const at::Tensor& query,
                const at::Tensor& key, const at::Tensor& value, const Masks& masks, bool batchFirst,
                AttentionWeights weights);

/// Settings of a transformer's layer, by Python's names.
struct TransformerOptions {
    std::int64_t d_model, nhead, dim_feedforward;
    double dropout, layer_norm_eps;
    bool gelu, batch_first, norm_first, bias;
};

/// nn.TransformerEncoderLayer
struct EncoderLayer : torch::nn::Module {
    explicit EncoderLayer(const TransformerOptions& options);
    at::Tensor forward(const at::Tensor& source, const Masks& masks);
    TransformerOptions options;
    torch::nn::MultiheadAttention attention = nullptr;
    torch::nn::Linear linear1 = nullptr, linear2 = nullptr;
    std::shared_ptr<LayerNorm> norm1, norm2;
};

/// nn.TransformerDecoderLayer
struct DecoderLayer : torch::nn::Module {
    explicit DecoderLayer(const TransformerOptions& options);
    at::Tensor forward(const at::Tensor& target, const at::Tensor& memory, const Masks& own,
                       const Masks& across);
    TransformerOptions options;
    torch::nn::MultiheadAttention attention = nullptr, across = nullptr;
    torch::nn::Linear linear1 = nullptr, linear2 = nullptr;
    std::shared_ptr<LayerNorm> norm1, norm2, norm3;
};

/// nn.TransformerEncoder: copies of one layer, so that all begin with the same weights.
struct Encoder : torch::nn::Module {
    Encoder(const TransformerOptions& options, std::int64_t layers, bool norm);
    at::Tensor forward(const at::Tensor& source, const Masks& masks);
    std::vector<std::shared_ptr<EncoderLayer>> layers;
    std::shared_ptr<LayerNorm> norm;  ///< null: none
};

/// nn.TransformerDecoder
struct Decoder : torch::nn::Module {
    Decoder(const TransformerOptions& options, std::int64_t layers, bool norm);
    at::Tensor forward(const at::Tensor& target, const at::Tensor& memory, const Masks& own,
                       const Masks& across);
    std::vector<std::shared_ptr<DecoderLayer>> layers;
    std::shared_ptr<LayerNorm> norm;  ///< null: none
};

/// nn.Transformer, its weights drawn anew by Xavier's rule as in Python.
struct WholeTransformer : torch::nn::Module {
    WholeTransformer(const TransformerOptions& options, std::int64_t encoderLayers,
                     std::int64_t decoderLayers);
    std::shared_ptr<Encoder> encoder;
    std::shared_ptr<Decoder> decoder;
};

}  // namespace loom::backend
