#pragma once

#include <string>
#include <vector>

#include "core/catalogue/layer_kind.h"

/// What MultiheadAttention and the transformers' `infer` functions share.
namespace loom::layers_detail {

/// Refuses what is no sequence, steps × features.
std::optional<Inference> requireSequence(const LayerContext& context, int port);

/// Refuses a number of heads that does not divide the features.
std::optional<Inference> checkHeads(const LayerContext& context, const std::string& key,
                                    std::int64_t features);

/// A mask that may arrive at `port`, and the sides that it must have.
struct MaskPort {
    int port;
    std::vector<std::int64_t> sides;
};
std::optional<Inference> checkMasks(const LayerContext& context,
                                    const std::vector<MaskPort>& masks);

/// Without batch_first PyTorch attends from sample to sample: a warning, or a refusal where
/// a connected port or two lengths would no longer fit.
std::optional<Inference> checkBatchFirst(const LayerContext& context, Inference& inference,
                                         const std::vector<std::int64_t>& lengths,
                                         int firstMaskPort);

/// Multiply-accumulates of one attention without its projections of keys and values: `length` steps
/// look at `keys` and `added` further keys.
std::int64_t attentionMacs(std::int64_t length, std::int64_t keys, std::int64_t features,
                           std::int64_t added = 0);

/// torch.nn.functional.scaled_dot_product_attention as a block.
LayerKind scaledDotProductAttention();

}  // namespace loom::layers_detail
