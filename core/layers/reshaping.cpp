#include <algorithm>
#include <numeric>

#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// A block that rearranges numbers without changing any.
LayerKind rearrangement(KindInfo info, std::vector<ParamSpec> params) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.inputs = {{"input", "", Elements::Any}};
    kind.gives = Gives::WhatArrives;
    kind.params = std::move(params);
    return kind;
}

ParamSpec dimSpec(const std::string& key, const std::string& hint, std::int64_t suggestion) {
    return {.key = key,
            .type = ParamType::Int,
            .hint = hint + " The batch is 0; −1 is the last.",
            .required = true,
            .suggestion = suggestion};
}

Inference inferReshape(const LayerContext& c) {
    const Shape& input = c.inputs[0];
    const std::vector<std::int64_t> asked = c.settings.integers("shape");
    const auto free = std::count(asked.begin(), asked.end(), -1);
    const auto flat = [&] {
        return std::vector<Fix>{
            setParamFix(c.node.id, "Set shape to −1, one row", "shape", Value(-1))};
    };
    if (asked.empty() || free > 1 || std::count(asked.begin(), asked.end(), 0) > 0)
        return refuse(c,
                      "has the shape " + listText(asked) +
                          ", but it takes sides of at least 1, and −1 at most once.",
                      "Write the sides of one sample without the batch, with −1 for the one that "
                      "is to be found.",
                      flat());
    const std::int64_t count = input.count();
    const SidesFound found = fillSides(asked, count);
    if (!found.fits) {
        return refuse(c,
                      "reshapes to " + c.settings.value("shape").toText() + ", but " +
                          groupDigits(count) + " numbers arrive (" + describe(input) + ")" +
                          (free ? ", which cannot be divided evenly."
                                : ", and no number may be lost or added."),
                      "Take sides whose product is " + groupDigits(count) +
                          "; −1 stands for the side that is to be found.",
                      flat(), 0);
    }
    const Shape output{found.sides, input.type};
    Inference inference = gives(output);
    inference.formulas = {{"Numbers", productText(output.dims)}};
    if (asked.size() > 1 && asked[0] == -1) {
        // As in `x.reshape(-1, 1, 28, 28)`: where the others are the whole sample, −1 is the batch.
        if (output.dims[0] == 1) {
            inference.outputs[0].dims.erase(inference.outputs[0].dims.begin());
        } else {
            inference.remarks.push_back(remark(
                c, Severity::Warning,
                "has a shape that begins with −1, which in PyTorch would be the batch and run "
                "samples together; here it is the side that is found, " +
                    groupDigits(output.dims[0]) + ".",
                "Write the side out, so that it cannot be mistaken.",
                {setParamFix(c.node.id, "Set shape to " + listText(output.dims), "shape",
                             listValue(output.dims))}));
        }
    }
    return inference;
}

LayerKind reshape() {
    LayerKind kind = rearrangement(
        {"Reshape",
         "shape operations",
         "gives the numbers of a sample another shape",
         "The numbers stay in their order and are only counted off differently: 784 in a row "
         "become a picture of 1 × 28 × 28. shape is that of one sample; a −1 before a complete "
         "sample stands for the batch, as in x.reshape(-1, 1, 28, 28).",
         "torch.reshape",
         {"view", "resize", "unflatten"},
         "y has the numbers of x in their order, counted off by shape"},
        {{.key = "shape",
          .type = ParamType::Ints,
          .hint = "The sides of one sample, without the batch; −1 once for a side that is found "
                  "from the others.",
          .required = true,
          .arity = 0,
          .minimum = -1,
          .suggestion = -1}});
    kind.badge = [](const Settings& s) { return "to " + s.value("shape").toText(); };
    kind.infer = inferReshape;
    kind.build = [](const LayerContext&, const Inference& inference) {
        std::vector<std::int64_t> sides = {0};
        for (std::int64_t side : inference.outputs[0].dims) sides.push_back(side);
        return backend::pure([sides](const at::Tensor& x) mutable {
            sides[0] = x.size(0);
            return x.reshape(sides);
        });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        std::string sides;
        const std::vector<std::int64_t> shape = s.integers("shape");
        for (std::int64_t side : shape) sides += ", " + std::to_string(side);
        if (shape.size() > 1 && shape[0] == -1)
            return "torch.reshape(" + in[0] + ", (" + sides.substr(2) + "))";
        return "torch.reshape(" + in[0] + ", (" + in[0] + ".shape[0]" + sides + "))";
    };
    return kind;
}

Inference inferPermute(const LayerContext& c) {
    const Shape& input = c.inputs[0];
    const std::int64_t rank = rankWithBatch(input);
    std::vector<std::int64_t> order = c.settings.integers("dims");
    const std::string given = listText(order);
    std::vector<std::int64_t> swapped(static_cast<std::size_t>(rank));
    std::iota(swapped.begin(), swapped.end(), 0);
    std::vector<std::int64_t> sorted = order;
    for (std::int64_t& dim : sorted)
        if (dim < 0) dim += rank;
    order = sorted;
    std::sort(sorted.begin(), sorted.end());
    const bool complete = sorted == swapped;
    if (rank > 2) std::rotate(swapped.begin() + 1, swapped.begin() + 2, swapped.end());
    std::vector<Fix> fixes = {
        setParamFix(c.node.id, "Set dims to " + listText(swapped), "dims", listValue(swapped))};
    if (!complete)
        return refuse(c,
                      "has the dims " + given + ", but what arrives has, with the batch, the " +
                          "dimensions 0 to " + std::to_string(rank - 1) + " (" + describe(input) +
                          ").",
                      "Name each of them once, in the order they are to have; the batch, 0, comes "
                      "first.",
                      std::move(fixes), 0);
    if (order[0] != 0)
        return refuse(c,
                      "moves dimension 0, the batch, to another place, and so would mix the "
                      "samples of a batch with each other.",
                      "The batch, 0, comes first.", std::move(fixes));
    Shape output{{}, input.type};
    for (std::size_t i = 1; i < order.size(); ++i)
        output.dims.push_back(input.dims[static_cast<std::size_t>(order[i]) - 1]);
    return gives(output);
}

LayerKind permute() {
    LayerKind kind = rearrangement(
        {"Permute",
         "shape operations",
         "puts the sides into another order",
         "A picture of channels × height × width becomes height × width × channels with "
         "[0, 2, 3, 1], where 0 is the batch. No number changes.",
         "torch.permute",
         {"transpose", "swap axes", "channels last", "order"},
         "side i of y is side dims[i] of x"},
        {{.key = "dims",
          .type = ParamType::Ints,
          .hint = "The dimensions in their new order; the batch is 0 and stays first.",
          .required = true,
          .arity = 0,
          .suggestion = List{0, 2, 3, 1}}});
    kind.badge = [](const Settings& s) {
        return "to " + joinedText([&] {
                   std::vector<std::string> dims;
                   for (std::int64_t dim : s.integers("dims")) dims.push_back(std::to_string(dim));
                   return dims;
               }());
    };
    kind.infer = inferPermute;
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure(
            [dims = c.settings.integers("dims")](const at::Tensor& x) { return x.permute(dims); });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.permute(" + in[0] + ", " + listText(s.integers("dims")) + ")";
    };
    return kind;
}

LayerKind transpose() {
    LayerKind kind = rearrangement(
        {"Transpose",
         "shape operations",
         "swaps two sides",
         "Rows become columns and columns rows. Transformers take sequence × features; a "
         "convolution gives channels × length: this block turns one into the other.",
         "torch.transpose",
         {"swap axes", "permute"},
         "y[…, j, …, i, …] = x[…, i, …, j, …]"},
        {dimSpec("dim0", "One of the two dimensions.", 1),
         dimSpec("dim1", "The other dimension.", 2)});
    kind.badge = [](const Settings& s) {
        return s.value("dim0").toText() + " with " + s.value("dim1").toText();
    };
    kind.infer = [](const LayerContext& c) -> Inference {
        const SampleDim a = sampleDim(c, "dim0", "names as dim0",
                                      "would mix the samples of a batch with each other");
        if (a.problem) return *a.problem;
        const SampleDim b = sampleDim(c, "dim1", "names as dim1",
                                      "would mix the samples of a batch with each other");
        if (b.problem) return *b.problem;
        Shape output = c.inputs[0];
        std::swap(output.dims[a.axis], output.dims[b.axis]);
        return gives(output);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([a = c.settings.integer("dim0"), b = c.settings.integer("dim1")](
                                 const at::Tensor& x) { return x.transpose(a, b); });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.transpose(" + in[0] + ", " + s.value("dim0").toPython() + ", " +
               s.value("dim1").toPython() + ")";
    };
    return kind;
}

LayerKind squeeze() {
    LayerKind kind = rearrangement(
        {"Squeeze",
         "shape operations",
         "takes away a side of length 1",
         "64 × 1 becomes 64. A side that is longer stays as it is. No number changes.",
         "torch.squeeze",
         {"remove dimension", "flatten"},
         "y = x without the side of 1"},
        {dimSpec("dim", "The dimension to take away.", -1)});
    kind.badge = [](const Settings& s) { return "dim " + s.value("dim").toText(); };
    kind.infer = [](const LayerContext& c) -> Inference {
        const SampleDim at =
            sampleDim(c, "dim", "takes away", "would lose the batch whenever it holds one sample");
        if (at.problem) return *at.problem;
        Shape output = c.inputs[0];
        const std::int64_t side = output.dims[at.axis];
        if (side == 1)
            output.dims.erase(output.dims.begin() + static_cast<std::ptrdiff_t>(at.axis));
        Inference inference = gives(output);
        if (side != 1)
            inference.remarks.push_back(remark(c, Severity::Warning,
                                               "changes nothing: dim " + std::to_string(at.dim) +
                                                   " is " + groupDigits(side) +
                                                   " long, and only a side of 1 can be taken away.",
                                               "Choose a side of length 1, or remove the block."));
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure(
            [dim = c.settings.integer("dim")](const at::Tensor& x) { return x.squeeze(dim); });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.squeeze(" + in[0] + ", " + s.value("dim").toPython() + ")";
    };
    return kind;
}

LayerKind unsqueeze() {
    LayerKind kind = rearrangement(
        {"Unsqueeze",
         "shape operations",
         "adds a side of length 1",
         "64 becomes 1 × 64 at dim 1 and 64 × 1 at dim 2: a row, or a column. No number changes.",
         "torch.unsqueeze",
         {"add dimension", "expand dims"},
         "y = x with a new side of 1"},
        {dimSpec("dim", "Where the new side stands among the dimensions.", 1)});
    kind.badge = [](const Settings& s) { return "dim " + s.value("dim").toText(); };
    kind.infer = [](const LayerContext& c) -> Inference {
        const SampleDim at = sampleDim(c, "dim", c.settings.integer("dim"), "adds a side at",
                                       "would make one sample of the whole batch", 1);
        if (at.problem) return *at.problem;
        Shape output = c.inputs[0];
        output.dims.insert(output.dims.begin() + static_cast<std::ptrdiff_t>(at.axis), 1);
        return gives(output);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure(
            [dim = c.settings.integer("dim")](const at::Tensor& x) { return x.unsqueeze(dim); });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.unsqueeze(" + in[0] + ", " + s.value("dim").toPython() + ")";
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> reshapingLayers() {
    return {reshape(), permute(), transpose(), squeeze(), unsqueeze()};
}

}  // namespace loom
