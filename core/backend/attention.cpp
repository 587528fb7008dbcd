#include "core/backend/attention.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "core/backend/dot_product_attention.h"
#include "core/backend/torch_version.h"

namespace loom::backend {
namespace {

using torch::nn::MultiheadAttentionImpl;

struct Projected {
    at::Tensor query, key, value;
};

at::Tensor part(const at::Tensor& all, std::int64_t from, std::int64_t to) {
    return all.defined() ? all.slice(0, from, to) : all;
}

/// One product taken apart into as many tensors of `features` numbers a step.
std::vector<at::Tensor> apart(const at::Tensor& product, std::int64_t count,
                              std::int64_t features) {
    if (!torchSince(2, 0)) return product.chunk(count, -1);
    return product.view({product.size(0), product.size(1), count, features})
        .unsqueeze(0)
        .transpose(0, -2)
        .squeeze(-2)
        .contiguous()
        .unbind(0);
}

/// The three projections, in as few products as Python makes of them.
Projected project(MultiheadAttentionImpl& m, const at::Tensor& query, const at::Tensor& key,
                  const at::Tensor& value) {
    const std::int64_t e = m.options.embed_dim();
    const at::Tensor& bias = m.in_proj_bias;
    if (!m._qkv_same_embed_dim)
        return {at::linear(query, m.q_proj_weight, part(bias, 0, e)),
                at::linear(key, m.k_proj_weight, part(bias, e, 2 * e)),
                at::linear(value, m.v_proj_weight, part(bias, 2 * e, 3 * e))};
    const at::Tensor& weight = m.in_proj_weight;
    if (key.is_same(value)) {
        if (query.is_same(key)) {
            const auto all = apart(at::linear(query, weight, bias), 3, e);
            return {all[0], all[1], all[2]};
        }
        const at::Tensor q = at::linear(query, part(weight, 0, e), part(bias, 0, e));
        const auto both =
            apart(at::linear(key, part(weight, e, 3 * e), part(bias, e, 3 * e)), 2, e);
        return {q, both[0], both[1]};
    }
    return {at::linear(query, part(weight, 0, e), part(bias, 0, e)),
            at::linear(key, part(weight, e, 2 * e), part(bias, e, 2 * e)),
            at::linear(value, part(weight, 2 * e, 3 * e), part(bias, 2 * e, 3 * e))};
}

bool isShared(const at::Tensor& mask) {
    return mask.defined() && mask.stride(0) == 0;
}

/// The mask of each head, (batch · heads or 1) × steps × keys.
Masks perHead(Masks masks, std::int64_t heads) {
    if (masks.attention.defined() && !masks.perHead)
        masks.attention = isShared(masks.attention) ? masks.attention.slice(0, 0, 1)
                                                    : masks.attention.repeat_interleave(heads, 0);
    masks.perHead = true;
    return masks;
}

/// The masks as one, (batch · heads or 1) × steps × keys, for `extra` keys that may always be seen.
at::Tensor merged(const Masks& masks, std::int64_t heads, std::int64_t extra) {
    at::Tensor mask = perHead(masks, heads).attention, padding;
    if (mask.defined() && extra > 0) mask = at::constant_pad_nd(mask, {0, extra});
    if (!masks.padding.defined()) return mask;
    padding = extra > 0 ? at::constant_pad_nd(masks.padding, {0, extra}) : masks.padding;
    const std::int64_t batch = padding.size(0), keys = padding.size(1);
    padding = padding.view({batch, 1, 1, keys})
                  .expand({-1, heads, -1, -1})
                  .reshape({batch * heads, 1, keys});
    return mask.defined() ? mask + padding : padding;
}

/// Python's detection: the mask that generate_square_subsequent_mask makes for these steps.
bool isCausal(const at::Tensor& mask, std::int64_t steps) {
    if (!torchSince(2, 0) || !isShared(mask) || mask.size(1) != steps || mask.size(2) != steps)
        return false;
    const at::Tensor causal =
        at::full({steps, steps}, -std::numeric_limits<double>::infinity(), mask.options()).triu(1);
    return mask.select(0, 0).eq(causal).all().item<bool>();
}

at::Tensor feedForward(const TransformerOptions& options, torch::nn::Linear& linear1,
                       torch::nn::Linear& linear2, const at::Tensor& x, bool train) {
    const at::Tensor inner = linear1(x);
    const at::Tensor bent = options.gelu ? at::gelu(inner) : at::relu(inner);
    return at::dropout(linear2(at::dropout(bent, options.dropout, train)), options.dropout, train);
}

torch::nn::MultiheadAttention attentionOf(const TransformerOptions& options) {
    return torch::nn::MultiheadAttention(
        torch::nn::MultiheadAttentionOptions(options.d_model, options.nhead)
            .dropout(options.dropout)
            .bias(options.bias));
}

torch::nn::Linear linearOf(const TransformerOptions& options, std::int64_t in, std::int64_t out) {
    return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(options.bias));
}

std::shared_ptr<LayerNorm> normOf(const TransformerOptions& options) {
    return std::make_shared<LayerNorm>(std::vector<std::int64_t>{options.d_model},
                                       options.layer_norm_eps, true, options.bias);
}

std::int64_t stepsOf(const TransformerOptions& options, const at::Tensor& sequence) {
    return sequence.size(options.batch_first ? 1 : 0);
}

/// Copies of one layer, as deepcopy makes them: they draw no random numbers of their own.
template <class Layer>
std::vector<std::shared_ptr<Layer>> copies(torch::nn::Module& owner,
                                           const TransformerOptions& options, std::int64_t count) {
    std::vector<std::shared_ptr<Layer>> layers = {std::make_shared<Layer>(options)};
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const at::Tensor state = generator.get_state();
    const torch::NoGradGuard guard;
    while (static_cast<std::int64_t>(layers.size()) < count) {
        auto layer = std::make_shared<Layer>(options);
        const auto from = layers.front()->parameters(), to = layer->parameters();
        for (std::size_t i = 0; i < to.size(); ++i) to[i].copy_(from[i]);
        layers.push_back(std::move(layer));
    }
    generator.set_state(state);
    torch::nn::ModuleList list;
    for (const auto& layer : layers) list->push_back(layer);
    owner.register_module("layers", list);
    return layers;
}

/// Queries, keys and values of every head, (batch · heads) × steps × features of a head.
struct Heads {
    at::Tensor query, key, value;
    at::Tensor mask;  ///< undefined: all is seen
};

Heads headsOf(MultiheadAttentionImpl& m, Projected p, const Masks& masks) {
    const std::int64_t batch = p.query.size(1), heads = m.options.num_heads(),
                       width = p.query.size(2) / heads;
    std::int64_t extra = 0;
    if (m.bias_k.defined()) {
        ++extra;
        p.key = at::cat({p.key, m.bias_k.repeat({1, batch, 1})});
        p.value = at::cat({p.value, m.bias_v.repeat({1, batch, 1})});
    }
    const auto byHead = [&](const at::Tensor& t) {
        return t.contiguous().view({t.size(0), batch * heads, width}).transpose(0, 1);
    };
    Heads made{byHead(p.query), byHead(p.key), byHead(p.value), {}};
    if (m.options.add_zero_attn()) {
        ++extra;
        const at::Tensor zeros = at::zeros({batch * heads, 1, width}, made.key.options());
        made.key = at::cat({made.key, zeros}, 1);
        made.value = at::cat({made.value, zeros}, 1);
    }
    made.mask = merged(masks, heads, extra);
    return made;
}

/// Each step's sum of values, steps · batch × features, and the weights where they are needed.
Attended weighed(MultiheadAttentionImpl& m, const Heads& h, std::int64_t batch) {
    const std::int64_t heads = m.options.num_heads(), steps = h.query.size(1),
                       width = h.query.size(2);
    const double root = std::sqrt(static_cast<double>(width));
    const at::Tensor scaled =
        torchSince(2, 0) ? h.query * std::sqrt(1.0 / static_cast<double>(width)) : h.query / root;
    at::Tensor weights = h.mask.defined() ? at::baddbmm(h.mask, scaled, h.key.transpose(-2, -1))
                                          : at::bmm(scaled, h.key.transpose(-2, -1));
    weights = at::softmax(weights, -1);
    if (m.is_training() && m.options.dropout() > 0)
        weights = at::dropout(weights, m.options.dropout(), true);
    const at::Tensor seen =
        at::bmm(weights, h.value).transpose(0, 1).contiguous().view({steps * batch, heads * width});
    const at::Tensor ofHeads = weights.view({batch, heads, steps, h.key.size(1)});
    return {seen, torchSince(2, 0) ? ofHeads.mean(1) : ofHeads.sum(1) / heads};
}

/// The same without weights, by PyTorch 2's own function.
Attended weighedWithout(MultiheadAttentionImpl& m, const Heads& h, std::int64_t batch,
                        bool causal) {
    const std::int64_t heads = m.options.num_heads(), steps = h.query.size(1),
                       width = h.query.size(2), keys = h.key.size(1);
    const auto apart = [&](const at::Tensor& t) {
        return t.view({batch, heads, t.size(1), width});
    };
    at::Tensor mask = h.mask;
    if (mask.defined())
        mask = mask.size(0) == 1 ? mask.unsqueeze(0) : mask.view({batch, heads, -1, keys});
    const double dropout = m.is_training() ? m.options.dropout() : 0.0;
    const at::Tensor made = dotProductAttention(apart(h.query), apart(h.key), apart(h.value), mask,
                                                {.dropout_p = dropout, .is_causal = causal});
    return {made.permute({2, 0, 1, 3}).contiguous().view({steps * batch, heads * width}), {}};
}

/// Steps × batch × features.
Attended attendSteps(MultiheadAttentionImpl& m, const at::Tensor& query, const at::Tensor& key,
                     const at::Tensor& value, const Masks& masks, AttentionWeights weights) {
    const std::int64_t steps = query.size(0), batch = query.size(1), features = query.size(2);
    const bool plain = torchSince(2, 0) && weights == AttentionWeights::NotNeeded;
    // The hint stands for the mask only where nothing else is to be added to it.
    const bool causal = plain && masks.causal && !masks.padding.defined();
    const Heads heads = headsOf(m, project(m, query, key, value), causal ? Masks{} : masks);
    Attended made = plain ? weighedWithout(m, heads, batch, causal) : weighed(m, heads, batch);
    made.output = at::linear(made.output, m.out_proj->weight, m.out_proj->bias)
                      .view({steps, batch, features});
    return made;
}

}  // namespace

Attended attend(MultiheadAttentionImpl& m, const at::Tensor& query, const at::Tensor& key,
                const at::Tensor& value, const Masks& masks, bool batchFirst,
                AttentionWeights weights) {
    if (!batchFirst) return attendSteps(m, query, key, value, masks, weights);
    // What is one tensor stays one, so that its projections stay one product.
    const at::Tensor v = value.transpose(0, 1);
    const at::Tensor k = key.is_same(value) ? v : key.transpose(0, 1);
    const at::Tensor q = query.is_same(key) ? k : query.transpose(0, 1);
    const Attended made = attendSteps(m, q, k, v, masks, weights);
    return {made.output.transpose(0, 1), made.weights};
}

EncoderLayer::EncoderLayer(const TransformerOptions& given) : options(given) {
    attention = register_module("self_attn", attentionOf(options));
    linear1 =
        register_module("linear1", linearOf(options, options.d_model, options.dim_feedforward));
    linear2 =
        register_module("linear2", linearOf(options, options.dim_feedforward, options.d_model));
    norm1 = register_module("norm1", normOf(options));
    norm2 = register_module("norm2", normOf(options));
}

at::Tensor EncoderLayer::forward(const at::Tensor& source, const Masks& masks) {
    const auto own = [&](const at::Tensor& x) {
        return at::dropout(
            attend(*attention, x, x, x, masks, options.batch_first, AttentionWeights::NotNeeded)
                .output,
            options.dropout, is_training());
    };
    const auto further = [&](const at::Tensor& x) {
        return feedForward(options, linear1, linear2, x, is_training());
    };
    at::Tensor x = source;
    if (options.norm_first) {
        x = x + own(norm1->forward(x));
        return x + further(norm2->forward(x));
    }
    x = norm1->forward(x + own(x));
    return norm2->forward(x + further(x));
}

DecoderLayer::DecoderLayer(const TransformerOptions& given) : options(given) {
    attention = register_module("self_attn", attentionOf(options));
    across = register_module("multihead_attn", attentionOf(options));
    linear1 =
        register_module("linear1", linearOf(options, options.d_model, options.dim_feedforward));
    linear2 =
        register_module("linear2", linearOf(options, options.dim_feedforward, options.d_model));
    norm1 = register_module("norm1", normOf(options));
    norm2 = register_module("norm2", normOf(options));
    norm3 = register_module("norm3", normOf(options));
}

at::Tensor DecoderLayer::forward(const at::Tensor& target, const at::Tensor& memory,
                                 const Masks& ownMasks, const Masks& acrossMasks) {
    const auto own = [&](const at::Tensor& x) {
        return at::dropout(
            attend(*attention, x, x, x, ownMasks, options.batch_first, AttentionWeights::NotNeeded)
                .output,
            options.dropout, is_training());
    };
    const auto remembered = [&](const at::Tensor& x) {
        return at::dropout(attend(*across, x, memory, memory, acrossMasks, options.batch_first,
                                  AttentionWeights::NotNeeded)
                               .output,
                           options.dropout, is_training());
    };
    const auto further = [&](const at::Tensor& x) {
        return feedForward(options, linear1, linear2, x, is_training());
    };
    at::Tensor x = target;
    if (options.norm_first) {
        x = x + own(norm1->forward(x));
        x = x + remembered(norm2->forward(x));
        return x + further(norm3->forward(x));
    }
    x = norm1->forward(x + own(x));
    x = norm2->forward(x + remembered(x));
    return norm3->forward(x + further(x));
}

Encoder::Encoder(const TransformerOptions& options, std::int64_t count, bool withNorm) {
    layers = copies<EncoderLayer>(*this, options, count);
    if (withNorm) norm = register_module("norm", normOf(options));
}

at::Tensor Encoder::forward(const at::Tensor& source, const Masks& given) {
    at::Tensor x = source;
    // Python looks at the mask here, once for all layers, and not in a layer by itself.
    Masks masks = perHead(given, layers.front()->options.nhead);
    masks.causal = isCausal(given.attention, stepsOf(layers.front()->options, source));
    for (const auto& layer : layers) x = layer->forward(x, masks);
    return norm ? norm->forward(x) : x;
}

Decoder::Decoder(const TransformerOptions& options, std::int64_t count, bool withNorm) {
    layers = copies<DecoderLayer>(*this, options, count);
    if (withNorm) norm = register_module("norm", normOf(options));
}

at::Tensor Decoder::forward(const at::Tensor& target, const at::Tensor& memory, const Masks& given,
                            const Masks& givenAcross) {
    at::Tensor x = target;
    const std::int64_t heads = layers.front()->options.nhead;
    const Masks across = perHead(givenAcross, heads);
    Masks own = perHead(given, heads);
    own.causal = isCausal(given.attention, stepsOf(layers.front()->options, target));
    for (const auto& layer : layers) x = layer->forward(x, memory, own, across);
    return norm ? norm->forward(x) : x;
}

WholeTransformer::WholeTransformer(const TransformerOptions& options, std::int64_t encoderLayers,
                                   std::int64_t decoderLayers) {
    encoder = register_module("encoder", std::make_shared<Encoder>(options, encoderLayers, true));
    decoder = register_module("decoder", std::make_shared<Decoder>(options, decoderLayers, true));
    for (const at::Tensor& parameter : parameters())
        if (parameter.dim() > 1) torch::nn::init::xavier_uniform_(parameter);
}

}  // namespace loom::backend
