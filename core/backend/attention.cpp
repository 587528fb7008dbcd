#include "core/backend/attention.h"

#include <cmath>
#include <cstdint>
#include <utility>

namespace loom::backend {
namespace {

using torch::nn::MultiheadAttentionImpl;

struct Projected {
    at::Tensor query, key, value;
};

at::Tensor part(const at::Tensor& all, std::int64_t from, std::int64_t to) {
    return all.defined() ? all.slice(0, from, to) : all;
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
            const auto all = at::linear(query, weight, bias).chunk(3, -1);
            return {all[0], all[1], all[2]};
        }
        const at::Tensor q = at::linear(query, part(weight, 0, e), part(bias, 0, e));
        const auto both =
            at::linear(key, part(weight, e, 3 * e), part(bias, e, 3 * e)).chunk(2, -1);
        return {q, both[0], both[1]};
    }
    return {at::linear(query, part(weight, 0, e), part(bias, 0, e)),
            at::linear(key, part(weight, e, 2 * e), part(bias, e, 2 * e)),
            at::linear(value, part(weight, 2 * e, 3 * e), part(bias, 2 * e, 3 * e))};
}

/// The masks as one, (batch · heads) × steps × keys, for `extra` keys that may always be seen.
at::Tensor merged(const Masks& masks, std::int64_t heads, std::int64_t extra) {
    at::Tensor mask;
    if (masks.attention.defined()) mask = masks.attention.repeat_interleave(heads, 0);
    if (masks.padding.defined()) {
        const at::Tensor padding = masks.padding.repeat_interleave(heads, 0).unsqueeze(1);
        mask = mask.defined() ? mask + padding : padding;
    }
    return mask.defined() && extra > 0 ? at::constant_pad_nd(mask, {0, extra}) : mask;
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
            .dropout(options.dropout));
}

torch::nn::LayerNorm normOf(const TransformerOptions& options) {
    return torch::nn::LayerNorm(
        torch::nn::LayerNormOptions({options.d_model}).eps(options.layer_norm_eps));
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

/// Steps × batch × features.
Attended attendSteps(MultiheadAttentionImpl& m, const at::Tensor& query, const at::Tensor& key,
                     const at::Tensor& value, const Masks& masks) {
    const std::int64_t steps = query.size(0), batch = query.size(1), features = query.size(2);
    const std::int64_t heads = m.options.num_heads(), width = features / heads;
    Projected p = project(m, query, key, value);
    std::int64_t extra = 0;
    if (m.bias_k.defined()) {
        ++extra;
        p.key = at::cat({p.key, m.bias_k.repeat({1, batch, 1})});
        p.value = at::cat({p.value, m.bias_v.repeat({1, batch, 1})});
    }
    const auto byHead = [&](const at::Tensor& t) {
        return t.contiguous().view({t.size(0), batch * heads, width}).transpose(0, 1);
    };
    const at::Tensor q = byHead(p.query);
    at::Tensor k = byHead(p.key), v = byHead(p.value);
    if (m.options.add_zero_attn()) {
        ++extra;
        const at::Tensor zeros = at::zeros({batch * heads, 1, width}, k.options());
        k = at::cat({k, zeros}, 1);
        v = at::cat({v, zeros}, 1);
    }
    const at::Tensor scaled = q / std::sqrt(static_cast<double>(width));
    const at::Tensor mask = merged(masks, heads, extra);
    at::Tensor weights = mask.defined() ? at::baddbmm(mask, scaled, k.transpose(-2, -1))
                                        : at::bmm(scaled, k.transpose(-2, -1));
    weights = at::softmax(weights, -1);
    if (m.is_training() && m.options.dropout() > 0)
        weights = at::dropout(weights, m.options.dropout(), true);
    const at::Tensor seen =
        at::bmm(weights, v).transpose(0, 1).contiguous().view({steps * batch, features});
    const at::Tensor output = at::linear(seen, m.out_proj->weight, m.out_proj->bias);
    return {output.view({steps, batch, features}),
            weights.view({batch, heads, steps, k.size(1)}).sum(1) / heads};
}

}  // namespace

Attended attend(MultiheadAttentionImpl& m, const at::Tensor& query, const at::Tensor& key,
                const at::Tensor& value, const Masks& masks, bool batchFirst) {
    if (!batchFirst) return attendSteps(m, query, key, value, masks);
    // What is one tensor stays one, so that its projections stay one product.
    const at::Tensor v = value.transpose(0, 1);
    const at::Tensor k = key.is_same(value) ? v : key.transpose(0, 1);
    const at::Tensor q = query.is_same(key) ? k : query.transpose(0, 1);
    const Attended made = attendSteps(m, q, k, v, masks);
    return {made.output.transpose(0, 1), made.weights};
}

EncoderLayer::EncoderLayer(const TransformerOptions& given) : options(given) {
    attention = register_module("self_attn", attentionOf(options));
    linear1 =
        register_module("linear1", torch::nn::Linear(options.d_model, options.dim_feedforward));
    linear2 =
        register_module("linear2", torch::nn::Linear(options.dim_feedforward, options.d_model));
    norm1 = register_module("norm1", normOf(options));
    norm2 = register_module("norm2", normOf(options));
}

at::Tensor EncoderLayer::forward(const at::Tensor& source, const Masks& masks) {
    const auto own = [&](const at::Tensor& x) {
        return at::dropout(attend(*attention, x, x, x, masks, options.batch_first).output,
                           options.dropout, is_training());
    };
    const auto further = [&](const at::Tensor& x) {
        return feedForward(options, linear1, linear2, x, is_training());
    };
    at::Tensor x = source;
    if (options.norm_first) {
        x = x + own(norm1(x));
        return x + further(norm2(x));
    }
    x = norm1(x + own(x));
    return norm2(x + further(x));
}

DecoderLayer::DecoderLayer(const TransformerOptions& given) : options(given) {
    attention = register_module("self_attn", attentionOf(options));
    across = register_module("multihead_attn", attentionOf(options));
    linear1 =
        register_module("linear1", torch::nn::Linear(options.d_model, options.dim_feedforward));
    linear2 =
        register_module("linear2", torch::nn::Linear(options.dim_feedforward, options.d_model));
    norm1 = register_module("norm1", normOf(options));
    norm2 = register_module("norm2", normOf(options));
    norm3 = register_module("norm3", normOf(options));
}

at::Tensor DecoderLayer::forward(const at::Tensor& target, const at::Tensor& memory,
                                 const Masks& ownMasks, const Masks& acrossMasks) {
    const auto own = [&](const at::Tensor& x) {
        return at::dropout(attend(*attention, x, x, x, ownMasks, options.batch_first).output,
                           options.dropout, is_training());
    };
    const auto remembered = [&](const at::Tensor& x) {
        return at::dropout(
            attend(*across, x, memory, memory, acrossMasks, options.batch_first).output,
            options.dropout, is_training());
    };
    const auto further = [&](const at::Tensor& x) {
        return feedForward(options, linear1, linear2, x, is_training());
    };
    at::Tensor x = target;
    if (options.norm_first) {
        x = x + own(norm1(x));
        x = x + remembered(norm2(x));
        return x + further(norm3(x));
    }
    x = norm1(x + own(x));
    x = norm2(x + remembered(x));
    return norm3(x + further(x));
}

Encoder::Encoder(const TransformerOptions& options, std::int64_t count, bool withNorm) {
    layers = copies<EncoderLayer>(*this, options, count);
    if (withNorm) norm = register_module("norm", normOf(options));
}

at::Tensor Encoder::forward(const at::Tensor& source, const Masks& masks) {
    at::Tensor x = source;
    for (const auto& layer : layers) x = layer->forward(x, masks);
    return norm.is_empty() ? x : norm(x);
}

Decoder::Decoder(const TransformerOptions& options, std::int64_t count, bool withNorm) {
    layers = copies<DecoderLayer>(*this, options, count);
    if (withNorm) norm = register_module("norm", normOf(options));
}

at::Tensor Decoder::forward(const at::Tensor& target, const at::Tensor& memory, const Masks& own,
                            const Masks& across) {
    at::Tensor x = target;
    for (const auto& layer : layers) x = layer->forward(x, memory, own, across);
    return norm.is_empty() ? x : norm(x);
}

WholeTransformer::WholeTransformer(const TransformerOptions& options, std::int64_t encoderLayers,
                                   std::int64_t decoderLayers) {
    encoder = register_module("encoder", std::make_shared<Encoder>(options, encoderLayers, true));
    decoder = register_module("decoder", std::make_shared<Decoder>(options, decoderLayers, true));
    for (const at::Tensor& parameter : parameters())
        if (parameter.dim() > 1) torch::nn::init::xavier_uniform_(parameter);
}

}  // namespace loom::backend
