#include "core/backend/layer.h"
#include "core/layers/families.h"
#include "core/layers/inference.h"

#include "core/graph/edit.h"

namespace loom {
namespace {

using namespace layers_detail;

/// `64·13·13 = 10,816`
std::string product(const Shape& shape) {
    std::string text;
    for (std::int64_t side : shape.dims) text += (text.empty() ? "" : "·") + std::to_string(side);
    return text + " = " + groupDigits(shape.count());
}

Fix averageFirst(const LayerContext& c) {
    const NodeId id = c.node.id;
    return {"Average to " + std::to_string(c.inputs[0].dims[0]) + " × 1 × 1",
            [id](const Graph& graph) -> Result<Graph> {
                auto flat = insertBeforeFix(id, "", "Flatten").apply(graph);
                if (!flat) return flat;
                return insertBeforeFix(flat->nodes.back().id, "", "AdaptiveAvgPool2d",
                                       {{"output_size", Value(1)}})
                    .apply(*flat);
            }};
}

Inference inferLinear(const LayerContext& c) {
    const Shape& input = c.inputs[0];
    const Value& given = c.settings.value("in_features");
    // PyTorch would act on the last side alone. That is wanted for sequences; for a picture only
    // when in_features says so.
    const bool meant = input.rank() > 0 && given.isInt() && given.asInt() == input.dims.back();
    if (input.rank() == 0)
        return refuse(c, "receives a single number, but Linear takes rows of numbers.",
                      "Reshape it to one row first.", {}, 0);
    if (input.rank() >= 3 && !meant) {
        std::vector<Fix> fixes = {insertBeforeFix(c.node.id, "Insert Flatten", "Flatten")};
        if (input.rank() == 3) fixes.push_back(averageFirst(c));
        return refuse(c, "receives " + describe(input) + ", but Linear takes rows of numbers.",
                      "As it stands, Linear would act on the last side only (" +
                          std::to_string(input.dims.back()) + " numbers). To use all " +
                          product(input) + " numbers, flatten first.",
                      std::move(fixes), 0);
    }
    Inference inference;
    if (auto problem = agree(c, "in_features", input.dims.back(), "numbers", inference))
        return *problem;
    Shape output = input;
    output.dims.back() = c.settings.integer("out_features");
    inference.outputs = {output};
    const std::int64_t in = input.dims.back(), out = output.dims.back();
    inference.parameters = in * out + (c.settings.flag("bias") ? out : 0);
    inference.macs = output.count() * in;
    inference.formulas = {
        {"Weights", groupDigits(in) + " · " + groupDigits(out) + " = " + groupDigits(in * out)}};
    return inference;
}

LayerKind linear() {
    LayerKind kind;
    kind.info = {"Linear",
                 "linear",
                 "connects every number that arrives with every one that leaves",
                 "y = x·Wᵀ + b: each of the out_features outputs is a weighted sum of all inputs. "
                 "As the last layer of a classifier it has one "
                 "output per class.",
                 "torch.nn.Linear",
                 {"dense", "fully connected", "fc"}};
    kind.params = {{.key = "in_features",
                    .type = ParamType::Int,
                    .hint = "How many numbers arrive. Found from the input when left out.",
                    .inferred = true,
                    .minimum = 1},
                   {.key = "out_features",
                    .type = ParamType::Int,
                    .hint = "How many numbers leave; at the end, one per class.",
                    .required = true,
                    .minimum = 1,
                    .suggestion = 10},
                   {.key = "bias",
                    .type = ParamType::Bool,
                    .defaultValue = true,
                    .hint = "Adds a learnable number to each output."}};
    kind.badge = [](const Settings& s) {
        return std::to_string(s.integer("out_features")) + " features";
    };
    kind.infer = inferLinear;
    kind.build = [](const LayerContext& c, const Inference& inference) {
        torch::nn::Linear module(
            torch::nn::LinearOptions(inference.inferred.find("in_features")->asInt(),
                                     c.settings.integer("out_features"))
                .bias(c.settings.flag("bias")));
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module.ptr();
        built->forward = [module](const std::vector<at::Tensor>& in) mutable {
            return std::vector{module(in[0])};
        };
        return built;
    };
    return kind;
}

Inference inferFlatten(const LayerContext& c) {
    const Shape& input = c.inputs[0];
    const std::int64_t rank = static_cast<std::int64_t>(input.rank()) + 1;
    std::int64_t first = c.settings.integer("start_dim"), last = c.settings.integer("end_dim");
    if (first < 0) first += rank;
    if (last < 0) last += rank;
    if (first >= rank || last >= rank || first < 0 || last < 0 || first > last) {
        return refuse(c,
                      "flattens the dimensions " + c.settings.value("start_dim").toText() + " to " +
                          c.settings.value("end_dim").toText() +
                          ", but what arrives has, with the batch, the dimensions 0 to " +
                          std::to_string(rank - 1) + ".",
                      "start_dim 1 and end_dim −1 flatten everything but the batch.",
                      {setParamFix(c.node.id, "Set start_dim to 1", "start_dim", std::nullopt),
                       setParamFix(c.node.id, "Set end_dim to −1", "end_dim", std::nullopt)});
    }
    if (first == 0) {
        return refuse(c, "begins at dimension 0, the batch, and so would run all samples together.",
                      "Begin at 1 to flatten each sample by itself.",
                      {setParamFix(c.node.id, "Set start_dim to 1", "start_dim", std::nullopt)});
    }
    Shape output;
    std::int64_t merged = 1;
    for (std::int64_t d = 1; d < rank; ++d) {
        const std::int64_t side = input.dims[static_cast<std::size_t>(d) - 1];
        if (d < first || d > last) {
            output.dims.push_back(side);
            continue;
        }
        merged *= side;
        if (d == last) output.dims.push_back(merged);
    }
    output.type = input.type;
    Inference inference;
    inference.outputs = {output};
    if (input.rank() > 1 && output.rank() == 1)
        inference.formulas = {{"Numbers in a row", product(input)}};
    return inference;
}

LayerKind flatten() {
    LayerKind kind;
    kind.info = {"Flatten",
                 "linear",
                 "lays a picture out as one row of numbers",
                 "Needed between layers that see pictures (Conv2d, pools) and layers that see rows "
                 "(Linear). No number changes.",
                 "torch.nn.Flatten",
                 {"reshape", "view", "vector"}};
    kind.params = {{.key = "start_dim",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "First dimension to merge; the batch is 0."},
                   {.key = "end_dim",
                    .type = ParamType::Int,
                    .defaultValue = -1,
                    .hint = "Last dimension to merge; −1 is the last there is."}};
    kind.inputs = {{"input", {}, Elements::Any}};
    kind.infer = inferFlatten;
    kind.build = [](const LayerContext& c, const Inference&) {
        auto built = std::make_shared<backend::BuiltLayer>();
        built->forward = [first = c.settings.integer("start_dim"),
                          last = c.settings.integer("end_dim")](const std::vector<at::Tensor>& in) {
            return std::vector{at::flatten(in[0], first, last)};
        };
        return built;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> linearLayers() {
    return {linear(), flatten()};
}

}  // namespace loom
