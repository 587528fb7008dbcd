#include <algorithm>

#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

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
                      rank > 1 ? "start_dim 1 and end_dim −1 flatten everything but the batch."
                               : "A single number per sample is flat already; remove the block.",
                      rank > 1 ? std::vector{resetFix(c.node.id, "Flatten all but the batch",
                                                      {"start_dim", "end_dim"})}
                               : std::vector<Fix>());
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
        inference.formulas = {{"Numbers in a row", productText(input.dims)}};
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
                 {"reshape", "view", "vector"},
                 "y[n, i] = x[n, c, h, w] with i = (c·H + h)·W + w"};
    kind.params = {{.key = "start_dim",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "First dimension to merge; the batch is 0."},
                   {.key = "end_dim",
                    .type = ParamType::Int,
                    .defaultValue = -1,
                    .hint = "Last dimension to merge; −1 is the last there is."}};
    kind.inputs = {{"input", {}, Elements::Any}};
    kind.gives = Gives::WhatArrives;
    kind.infer = inferFlatten;
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([first = c.settings.integer("start_dim"),
                              last = c.settings.integer("end_dim")](const at::Tensor& x) {
            return at::flatten(x, first, last);
        });
    };
    return kind;
}

Inference inferUnflatten(const LayerContext& c) {
    const SampleDim at = sampleDim(c, "dim", "unfolds", "would make several samples of one");
    if (at.problem) return *at.problem;
    const Value& given = c.settings.value("unflattened_size");
    const std::vector<std::int64_t> asked = c.settings.integers("unflattened_size");
    const std::int64_t side = c.inputs[0].dims[at.axis];
    const auto free = std::count(asked.begin(), asked.end(), -1);
    if (!given.isList() || asked.empty() || free > 1 ||
        std::count(asked.begin(), asked.end(), 0) > 0)
        return refuse(c,
                      "has the unflattened_size " + given.toPython() +
                          ", but it takes a list of sides of at least 1, with −1 at most once.",
                      "List the sides that dim " + std::to_string(at.dim) +
                          " unfolds to, such as " + "1, " + std::to_string(side) + ".",
                      {setParamFix(c.node.id, "Set unflattened_size to 1×" + std::to_string(side),
                                   "unflattened_size", List{1, side})});
    const SidesFound found = fillSides(asked, side);
    if (!found.fits)
        return refuse(c,
                      "unfolds dim " + std::to_string(at.dim) + " to " + given.toText() +
                          ", but it is " + groupDigits(side) + " long (" + describe(c.inputs[0]) +
                          ")" +
                          (free ? ", which cannot be divided evenly."
                                : ", and no number may be lost or added."),
                      "Take sides whose product is " + groupDigits(side) +
                          "; −1 stands for the side that is to be found.",
                      {setParamFix(c.node.id, "Set unflattened_size to 1×" + std::to_string(side),
                                   "unflattened_size", List{1, side})},
                      0);
    Shape output = c.inputs[0];
    const auto place = output.dims.begin() + static_cast<std::ptrdiff_t>(at.axis);
    output.dims.insert(output.dims.erase(place), found.sides.begin(), found.sides.end());
    Inference inference = gives(output);
    inference.formulas = {{"Sides", productText(found.sides)}};
    return inference;
}

LayerKind unflatten() {
    LayerKind kind;
    kind.info = {"Unflatten",
                 "linear",
                 "unfolds one side into several",
                 "The opposite of Flatten: a row of 784 becomes 1 × 28 × 28, as a decoder or a "
                 "generator needs after its Linear layer. No number changes.",
                 "torch.nn.Unflatten",
                 {"reshape", "view", "decoder"},
                 "y[…, i, j, …] = x[…, i·J + j, …], sides I × J in place of dim"};
    kind.inputs = {{"input", "", Elements::Any}};
    kind.params = {{.key = "dim",
                    .type = ParamType::Int,
                    .hint = "The dimension to unfold; the batch is 0.",
                    .required = true,
                    .suggestion = 1},
                   {.key = "unflattened_size",
                    .type = ParamType::Ints,
                    .hint = "The sides it becomes; −1 once for a side that is found from the "
                            "others.",
                    .required = true,
                    .arity = 0,
                    .minimum = -1,
                    .suggestion = List{1, -1}}};
    kind.badge = [](const Settings& s) {
        return "dim " + s.value("dim").toText() + " to " + s.value("unflattened_size").toText();
    };
    kind.gives = Gives::WhatArrives;
    kind.infer = inferUnflatten;
    kind.build = [](const LayerContext&, const Inference& inference) {
        std::vector<std::int64_t> sides = {0};
        for (std::int64_t side : inference.outputs[0].dims) sides.push_back(side);
        return backend::pure([sides](const at::Tensor& x) mutable {
            sides[0] = x.size(0);
            return x.reshape(sides);
        });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> flattenLayers() {
    return {flatten(), unflatten()};
}

}  // namespace loom
