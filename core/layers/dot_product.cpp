#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/dot_product_attention.h"
#include "core/backend/layer.h"
#include "core/base/saturating.h"
#include "core/base/sentence.h"
#include "core/layers/attention.h"
#include "core/layers/dims.h"

namespace loom::layers_detail {
namespace {

using Sides = std::vector<std::int64_t>;

const char* const kPorts[] = {"query", "key", "value"};

/// The sides before steps and features, such as heads.
Sides leading(const Shape& shape) {
    return {shape.dims.begin(), shape.dims.end() - 2};
}

std::int64_t steps(const Shape& shape) {
    return shape.dims[shape.rank() - 2];
}

std::int64_t features(const Shape& shape) {
    return shape.dims.back();
}

/// The side before steps and features.
std::int64_t heads(const Shape& shape) {
    return shape.dims[shape.rank() - 3];
}

Fix ungroupFix(const LayerContext& c) {
    return setParamFix(c.node.id, "Set enable_gqa to False", "enable_gqa", std::nullopt);
}

/// Key and value must have the heads of query, or with `enable_gqa` a number that divides them.
std::optional<Inference> checkLeading(const LayerContext& c) {
    const Shape& query = c.inputs[0];
    const bool grouped = c.settings.flag("enable_gqa");
    if (grouped && query.rank() < 3)
        return refuse(c,
                      sentence("has enable_gqa, which shares heads of key and value, but {what} "
                               "without heads arrive at query.",
                               {{"what", describe(query)}}),
                      "Set enable_gqa to False, or give it heads × steps × features.",
                      {ungroupFix(c)}, 0);
    for (int port = 1; port < 3; ++port) {
        const Shape& shape = c.inputs[static_cast<std::size_t>(port)];
        const Sides own = leading(shape), wanted = leading(query);
        bool alike = own == wanted;
        if (grouped && own.size() == wanted.size()) {
            const std::int64_t mine = heads(shape), ofKey = heads(c.inputs[1]), all = heads(query);
            if (all % mine != 0)
                return refuse(
                    c,
                    sentence("shares the heads of key and value among those of query, but {all} of "
                             "query cannot be divided evenly among {own} of {port}.",
                             {{"all", counted(all, "head", "heads")},
                              {"own", counted(mine, "head", "heads")},
                              {"port", kPorts[port]}}),
                    "Take a number of heads for key and value that divides those of query.", {},
                    port);
            if (mine != ofKey)
                return refuse(c,
                              sentence("needs as many heads of key as of value, but {keys} and "
                                       "{values} arrive.",
                                       {{"keys", counted(ofKey, "head", "heads")},
                                        {"values", counted(mine, "head", "heads")}}),
                              "Give both the same number of heads.", {}, port);
            alike = std::equal(shape.dims.begin(), shape.dims.end() - 3, query.dims.begin());
        }
        if (alike) continue;
        return refuse(c,
                      sentence("compares query with key step by step, but {shape} arrives at "
                               "{port} and {query} at query: the sides before the last two differ.",
                               {{"shape", shape.toSentence()},
                                {"port", kPorts[port]},
                                {"query", query.toSentence()}}),
                      grouped ? "Only the number of heads may differ with enable_gqa."
                              : "They must be equal; with enable_gqa several heads of query share "
                                "one of key and value.",
                      {}, port);
    }
    return std::nullopt;
}

/// The mask has a side for every one of the scores, or 1 where it is the same along that side.
std::optional<Inference> checkMask(const LayerContext& c) {
    if (!c.connected(3)) return std::nullopt;
    if (c.settings.flag("is_causal"))
        return refuse(c,
                      "is told to hide all later steps by is_causal and receives a mask as well, "
                      "but PyTorch takes one of the two.",
                      "Set is_causal to False, or take the mask away.",
                      {setParamFix(c.node.id, "Set is_causal to False", "is_causal", std::nullopt)},
                      3);
    const Sides& mask = c.inputs[3].dims;
    Sides scores = leading(c.inputs[0]);
    scores.push_back(steps(c.inputs[0]));
    scores.push_back(steps(c.inputs[1]));
    bool fits = mask.size() == scores.size();
    for (std::size_t i = 0; fits && i < mask.size(); ++i)
        fits = mask[i] == scores[i] || mask[i] == 1;
    if (fits) return std::nullopt;
    const bool lacksOne = mask.size() + 1 == scores.size() &&
                          std::equal(mask.begin(), mask.end(), scores.begin() + 1);
    return refuse(
        c,
        sentence("takes as attn_mask {scores}, but {mask} arrives.",
                 {{"scores", Shape{scores}.toSentence()}, {"mask", c.inputs[3].toSentence()}}),
        lacksOne ? "A mask for all heads has 1 in their place; Unsqueeze puts it there."
                 : "A mask has a row for each step that looks and a column for each step that may "
                   "be seen, behind the sides of query before those; a side may be 1.",
        lacksOne ? std::vector<Fix>{insertBeforeFix(c.node.id, "Insert Unsqueeze", "Unsqueeze",
                                                    {{"dim", Value(1)}}, 3)}
                 : std::vector<Fix>(),
        3);
}

Inference inferDotProduct(const LayerContext& c) {
    for (int port = 0; port < 3; ++port)
        if (const Shape& shape = c.inputs[static_cast<std::size_t>(port)]; shape.rank() < 2)
            return refuse(
                c,
                sentence("receives {what} at {port}, but it takes steps × features there.",
                         {{"what", describe(shape)}, {"port", kPorts[port]}}),
                "Give it a sequence, for example with Unsqueeze.", {}, port);
    const Shape &query = c.inputs[0], &key = c.inputs[1], &value = c.inputs[2];
    if (features(key) != features(query))
        return refuse(
            c,
            sentence("compares each step of query with each of key, but they have {query} "
                     "and {key}.",
                     {{"query", counted(features(query), "feature", "features")},
                      {"key", counted(features(key), "feature", "features")}}),
            "Bring both to the same number of features with a Linear.", {}, 1);
    if (steps(key) != steps(value))
        return refuse(c,
                      sentence("looks up a value for each key, but {keys} and {values} arrive.",
                               {{"keys", counted(steps(key), "key", "keys")},
                                {"values", counted(steps(value), "value", "values")}}),
                      "Keys and values need the same number of steps; often both come from the "
                      "same block.",
                      {}, 2);
    if (auto problem = checkLeading(c)) return *problem;
    if (auto problem = checkMask(c)) return *problem;
    Shape output{query.dims};
    output.dims.back() = features(value);
    Inference inference = gives(output);
    std::int64_t stacks = 1;
    for (const std::int64_t side : leading(query)) stacks = times(stacks, side);
    inference.macs =
        times(times(stacks, steps(query), steps(key)), plus(features(query), features(value)));
    inference.formulas = {{"Scores", productText({stacks, steps(query), steps(key)})}};
    return inference;
}

/// Knows only whether the network is training, for dropout.
struct Mode : torch::nn::Module {};

backend::DotProductOptions optionsOf(const Settings& s) {
    backend::DotProductOptions options{.dropout_p = s.number("dropout_p"),
                                       .is_causal = s.flag("is_causal"),
                                       .enable_gqa = s.flag("enable_gqa")};
    if (!s.isNone("scale")) options.scale = s.number("scale");
    return options;
}

std::string expression(const Settings& s, const std::vector<std::string>& in) {
    std::string text = "nn.functional.scaled_dot_product_attention(" + in[0] + ", " + in[1] + ", " + in[2];
    if (in.size() > 3) text += ", attn_mask=" + in[3];
    if (s.number("dropout_p") > 0)
        text += ", dropout_p=" + s.value("dropout_p").toPython() + " if self.training else 0.0";
    for (const char* key : {"is_causal", "scale", "enable_gqa"})
        if (s.isSet(key) && s.value(key) != findSpec(s.specs(), key)->defaultValue)
            text += std::string(", ") + key + "=" + s.value(key).toPython();
    return text + ")";
}

std::vector<ParamSpec> specs() {
    return {{.key = "dropout_p",
             .type = ParamType::Float,
             .defaultValue = 0.0,
             .hint = "Probability that a step does not see a key while training.",
             .minimum = 0,
             .maximum = 1},
            {.key = "is_causal",
             .type = ParamType::Bool,
             .defaultValue = false,
             .hint = "Hides from each step all that come later; then there is no attn_mask."},
            {.key = "scale",
             .type = ParamType::Float,
             .hint = "What scores are multiplied by before the softmax.",
             .optional = true,
             .noneText = "1/√(features of a key)",
             .since = "2.1"},
            {.key = "enable_gqa",
             .type = ParamType::Bool,
             .defaultValue = false,
             .hint = "Several heads of query share one of key and value (grouped-query attention).",
             .since = "2.5"}};
}

}  // namespace

LayerKind scaledDotProductAttention() {
    LayerKind kind;
    kind.info = {.id = "ScaledDotProductAttention",
                 .family = "attention",
                 .summary = "lets each step of query take of the values whose keys fit it",
                 .details =
                     "What is inside of attention, without anything to learn: the better a step of "
                     "query fits a key, the more of that key's value it takes. For several heads "
                     "side by side give it heads × steps × features.",
                 .python = "torch.nn.functional.scaled_dot_product_attention",
                 .keywords = {"self-attention", "transformer", "query", "key", "value", "sdpa",
                              "flash attention", "grouped query"},
                 .formula = "y = softmax(Q·Kᵀ · scale + attn_mask)·V",
                 .since = "2.0"};
    kind.inputs = {{"query", "The steps that look, steps × features."},
                   {"key", "The steps that are looked at."},
                   {"value", "What is taken from these steps."},
                   {"attn_mask",
                    "Query steps × keys, added to the scores: minus infinity hides a key from a "
                    "step."}};
    kind.optionalInputs = 1;
    kind.params = specs();
    kind.badge = [](const Settings& s) {
        return s.flag("is_causal") ? std::string("causal") : std::string();
    };
    kind.infer = inferDotProduct;
    kind.build = [](const LayerContext& c, const Inference&) {
        auto mode = std::make_shared<Mode>();
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = mode;
        built->forward =
            [mode, options = optionsOf(c.settings)](const std::vector<at::Tensor>& in) mutable {
                backend::DotProductOptions now = options;
                if (!mode->is_training()) now.dropout_p = 0;
                return std::vector{backend::dotProductAttention(
                    in[0], in[1], in[2], in.size() > 3 ? in[3] : at::Tensor(), now)};
            };
        return built;
    };
    kind.pythonExpression = expression;
    return kind;
}

}  // namespace loom::layers_detail
