#include <algorithm>

#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// How many parts a block can hand out; its ports are drawn one under the other.
constexpr std::int64_t kMostParts = 16;

ParamSpec dimSpec(const std::string& hint, std::optional<std::int64_t> preset) {
    ParamSpec spec{
        .key = "dim", .type = ParamType::Int, .hint = hint + " The batch is 0; −1 is the last."};
    spec.required = !preset;
    if (preset)
        spec.defaultValue = *preset;
    else
        spec.suggestion = 1;
    return spec;
}

const char* const kDropsSamples = "would leave out samples of the batch";

LayerKind select() {
    LayerKind kind;
    kind.gives = Gives::WhatArrives;
    kind.inputs = {{"input", "", Elements::Any}};
    kind.info = {"Select",
                 "shape operations",
                 "takes one slice and drops the side",
                 "The last step of a sequence, the class token of a Vision Transformer or one "
                 "channel of a picture: index says which, counted from 0; −1 is the last.",
                 "torch.select",
                 {"index", "pick", "last step", "class token"},
                 "y = x[…, index, …], index along dim"};
    kind.params = {dimSpec("The dimension to choose from.", std::nullopt),
                   {.key = "index",
                    .type = ParamType::Int,
                    .hint = "Which one, counted from 0; −1 is the last.",
                    .required = true,
                    .suggestion = 0}};
    kind.badge = [](const Settings& s) {
        return "dim " + s.value("dim").toText() + ", index " + s.value("index").toText();
    };
    kind.infer = [](const LayerContext& c) -> Inference {
        const SampleDim at = sampleDim(c, "dim", "selects from", kDropsSamples);
        if (at.problem) return *at.problem;
        const std::int64_t length = c.inputs[0].dims[at.axis], index = c.settings.integer("index");
        if (index < -length || index >= length)
            return refuse(c,
                          "selects number " + std::to_string(index) + " of dim " +
                              std::to_string(at.dim) + ", which is only " + groupDigits(length) +
                              " long (" + describe(c.inputs[0]) + ").",
                          "Take an index from 0 to " + std::to_string(length - 1) +
                              ", or from the end, −1 to −" + std::to_string(length) + ".",
                          {setParamFix(c.node.id, "Set index to −1, the last", "index", Value(-1)),
                           setParamFix(c.node.id, "Set index to 0", "index", Value(0))},
                          0);
        Shape output = c.inputs[0];
        output.dims.erase(output.dims.begin() + static_cast<std::ptrdiff_t>(at.axis));
        return gives(output);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure([dim = c.settings.integer("dim"), index = c.settings.integer("index")](
                                 const at::Tensor& x) { return x.select(dim, index); });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.select(" + in[0] + ", " + s.value("dim").toPython() + ", " +
               s.value("index").toPython() + ")";
    };
    return kind;
}

/// Python's `x[start:stop:step]` of a side `length` long.
struct Range {
    std::int64_t start, stop, step;
    std::int64_t count() const { return stop <= start ? 0 : (stop - start - 1) / step + 1; }
};

Range rangeOf(const Settings& s, std::int64_t length) {
    const auto place = [&](std::int64_t at) {
        return std::clamp(at < 0 ? at + length : at, std::int64_t{0}, length);
    };
    return {place(s.integer("start")), s.isNone("stop") ? length : place(s.integer("stop")),
            s.integer("step")};
}

std::string rangeText(const Settings& s) {
    std::string text = s.value("start").toPython() + ":";
    if (!s.isNone("stop")) text += s.value("stop").toPython();
    if (s.integer("step") != 1) text += ":" + s.value("step").toPython();
    return text;
}

LayerKind slice() {
    LayerKind kind;
    kind.gives = Gives::WhatArrives;
    kind.inputs = {{"input", "", Elements::Any}};
    kind.info = {"Slice",
                 "shape operations",
                 "takes a part along one side",
                 "Python's x[start:stop:step] along dim: from start on, up to but without stop, "
                 "every step-th one. The side stays, shorter.",
                 "torch.Tensor.__getitem__",
                 {"crop", "narrow", "range", "cut"},
                 "y = x[start : stop : step] along dim"};
    kind.params = {dimSpec("The dimension to cut.", 1),
                   {.key = "start",
                    .type = ParamType::Int,
                    .defaultValue = 0,
                    .hint = "The first to take, counted from 0; −2 is the last but one."},
                   {.key = "stop",
                    .type = ParamType::Int,
                    .hint = "The first not to take any more; −1 leaves the last one out.",
                    .optional = true,
                    .noneText = "the end"},
                   {.key = "step",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "Takes every step-th one.",
                    .minimum = 1}};
    kind.badge = [](const Settings& s) {
        return "dim " + s.value("dim").toText() + ", " + rangeText(s);
    };
    kind.infer = [](const LayerContext& c) -> Inference {
        const SampleDim at = sampleDim(c, "dim", "cuts", kDropsSamples);
        if (at.problem) return *at.problem;
        Shape output = c.inputs[0];
        const std::int64_t length = output.dims[at.axis];
        const Range range = rangeOf(c.settings, length);
        if (range.count() == 0)
            return refuse(c,
                          "takes " + rangeText(c.settings) + " of dim " + std::to_string(at.dim) +
                              ", which is " + groupDigits(length) + " long: nothing is left.",
                          "Choose start and stop between 0 and " + std::to_string(length) +
                              ", with start before stop.",
                          {resetFix(c.node.id, "Take all of it", {"start", "stop"})}, 0);
        output.dims[at.axis] = range.count();
        Inference inference = gives(output);
        inference.formulas = {{"Length", "⌈(" + std::to_string(range.stop) + " - " +
                                             std::to_string(range.start) + ")/" +
                                             std::to_string(range.step) +
                                             "⌉ = " + std::to_string(range.count())}};
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const std::int64_t dim = c.settings.integer("dim"), rank = rankWithBatch(c.inputs[0]);
        const std::size_t axis = static_cast<std::size_t>((dim < 0 ? dim + rank : dim) - 1);
        const Range range = rangeOf(c.settings, c.inputs[0].dims[axis]);
        return backend::pure([dim, range](const at::Tensor& x) {
            return x.slice(dim, range.start, range.stop, range.step);
        });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        const std::int64_t dim = s.integer("dim");
        std::string index = dim < 0 ? "..., " : "";
        for (std::int64_t i = 0; i < dim; ++i) index += ":, ";
        index += rangeText(s);
        for (std::int64_t i = dim + 1; i < 0; ++i) index += ", :";
        return in[0] + "[" + index + "]";
    };
    return kind;
}

std::vector<PortSpec> partPorts() {
    std::vector<PortSpec> ports;
    for (std::int64_t i = 0; i < kMostParts; ++i) ports.push_back({"part " + std::to_string(i)});
    return ports;
}

Inference parts(const LayerContext& c, const SampleDim& at,
                const std::vector<std::int64_t>& lengths) {
    Inference inference;
    for (std::int64_t length : lengths) {
        Shape part = c.inputs[0];
        part.dims[at.axis] = length;
        inference.outputs.push_back(part);
    }
    return inference;
}

/// Parts `length` long along a side, the last one as long as what is left.
std::vector<std::int64_t> cutEvery(std::int64_t side, std::int64_t length) {
    std::vector<std::int64_t> lengths;
    for (std::int64_t left = side; left > 0; left -= length)
        lengths.push_back(std::min(left, length));
    return lengths;
}

Inference inferSplit(const LayerContext& c) {
    const SampleDim at = sampleDim(c, "dim", "splits", kDropsSamples);
    if (at.problem) return *at.problem;
    const Value& asked = c.settings.value("split_size_or_sections");
    const std::int64_t side = c.inputs[0].dims[at.axis];
    const std::vector<std::int64_t> sizes = c.settings.integers("split_size_or_sections");
    if (asked.isInt()) {
        const auto lengths =
            side / sizes[0] < kMostParts ? cutEvery(side, sizes[0]) : std::vector<std::int64_t>();
        std::vector<Fix> fixes;
        if (!lengths.empty())
            fixes.push_back(setParamFix(c.node.id,
                                        "Set split_size_or_sections to " + listText(lengths),
                                        "split_size_or_sections", listValue(lengths)));
        return refuse(c,
                      "splits into parts of " + groupDigits(sizes[0]) +
                          ", and how many that are depends on what arrives, but a block has a "
                          "fixed number of outputs.",
                      "List the length of each part; together " + groupDigits(side) +
                          ". Chunk makes a number of equal parts.",
                      std::move(fixes));
    }
    if (sizes.empty() || static_cast<std::int64_t>(sizes.size()) > kMostParts)
        return refuse(c,
                      "splits into " + std::to_string(sizes.size()) +
                          " parts, but it can make 1 to " + std::to_string(kMostParts) + ".",
                      "List fewer parts; a part can be split again by a second block.");
    std::int64_t total = 0;
    for (std::int64_t size : sizes) total += std::min(size, side + 1);
    if (total != side) {
        std::vector<std::int64_t> mended = sizes;
        mended.back() += side - total;
        std::vector<Fix> fixes;
        if (total <= side + sizes.back() - 1 && mended.back() > 0)
            fixes.push_back(setParamFix(c.node.id,
                                        "Set split_size_or_sections to " + listText(mended),
                                        "split_size_or_sections", listValue(mended)));
        return refuse(c,
                      "splits dim " + std::to_string(at.dim) + " into parts of " + listText(sizes) +
                          ", which do not add up to its length, " + groupDigits(side) + " (" +
                          describe(c.inputs[0]) + ").",
                      "Choose lengths that add up to " + groupDigits(side) + ".", std::move(fixes),
                      0);
    }
    return parts(c, at, sizes);
}

/// A block with one output for every part of what arrives.
LayerKind cuttingKind() {
    LayerKind kind;
    kind.gives = Gives::WhatArrives;
    kind.inputs = {{"input", "", Elements::Any}};
    kind.outputs = partPorts();
    return kind;
}

LayerKind split() {
    LayerKind kind = cuttingKind();
    kind.info = {"Split",
                 "shape operations",
                 "hands out parts of the lengths you list",
                 "Cuts along dim into parts that leave at one output each: [16, 48] gives the "
                 "first 16 channels to one branch and the other 48 to the next.",
                 "torch.split",
                 {"divide", "branch", "sections"},
                 "y₀, y₁, … = x cut along dim"};
    kind.outputCount = [](const Settings& s) {
        const std::size_t count = s.integers("split_size_or_sections").size();
        return static_cast<int>(std::clamp<std::size_t>(count, 1, kMostParts));
    };
    kind.params = {{.key = "split_size_or_sections",
                    .type = ParamType::Ints,
                    .hint = "The length of each part, in order; together the length of dim.",
                    .required = true,
                    .arity = 0,
                    .minimum = 1,
                    .suggestion = List{1, 1}},
                   dimSpec("The dimension to cut.", 1)};
    kind.badge = [](const Settings& s) {
        return s.value("split_size_or_sections").toPython() + ", dim " + s.value("dim").toText();
    };
    kind.infer = inferSplit;
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pureOfAll(
            [sizes = c.settings.integers("split_size_or_sections"),
             dim = c.settings.integer("dim")](const std::vector<at::Tensor>& in) {
                return in[0].split_with_sizes(sizes, dim);
            });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.split(" + in[0] + ", " + s.value("split_size_or_sections").toPython() +
               ", dim=" + s.value("dim").toPython() + ")";
    };
    return kind;
}

Inference inferChunk(const LayerContext& c) {
    const SampleDim at = sampleDim(c, "dim", "splits", kDropsSamples);
    if (at.problem) return *at.problem;
    const std::int64_t side = c.inputs[0].dims[at.axis], chunks = c.settings.integer("chunks");
    const auto lengths = cutEvery(side, (side + chunks - 1) / chunks);
    const std::int64_t made = static_cast<std::int64_t>(lengths.size());
    if (made != chunks)
        return refuse(c,
                      "splits dim " + std::to_string(at.dim) + " into " + std::to_string(chunks) +
                          " equal parts, but it is " + groupDigits(side) +
                          " long, and PyTorch makes only " + std::to_string(made) +
                          " parts of that.",
                      "Take a number of chunks that divides " + groupDigits(side) +
                          ", or list the lengths with Split.",
                      {setParamFix(c.node.id, "Set chunks to " + std::to_string(made), "chunks",
                                   Value(made))},
                      0);
    return parts(c, at, lengths);
}

LayerKind chunk() {
    LayerKind kind = cuttingKind();
    kind.info = {"Chunk",
                 "shape operations",
                 "hands out equal parts",
                 "Cuts along dim into a number of equal parts that leave at one output each; the "
                 "last is shorter where it does not come out even.",
                 "torch.chunk",
                 {"split", "divide", "branch"},
                 "y₀, y₁, … = x cut along dim"};
    kind.outputCount = [](const Settings& s) {
        return static_cast<int>(std::clamp<std::int64_t>(s.integer("chunks"), 1, kMostParts));
    };
    kind.params = {{.key = "chunks",
                    .type = ParamType::Int,
                    .hint = "How many parts.",
                    .required = true,
                    .minimum = 1,
                    .maximum = static_cast<double>(kMostParts),
                    .suggestion = 2},
                   dimSpec("The dimension to cut.", 1)};
    kind.badge = [](const Settings& s) {
        return s.value("chunks").toText() + ", dim " + s.value("dim").toText();
    };
    kind.infer = inferChunk;
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pureOfAll(
            [chunks = c.settings.integer("chunks"), dim = c.settings.integer("dim")](
                const std::vector<at::Tensor>& in) { return in[0].chunk(chunks, dim); });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.chunk(" + in[0] + ", " + s.value("chunks").toPython() +
               ", dim=" + s.value("dim").toPython() + ")";
    };
    return kind;
}

Inference inferConcat(const LayerContext& c) {
    const SampleDim at =
        sampleDim(c, "dim", "joins along", "would make more samples than there are answers");
    if (at.problem) return *at.problem;
    Shape joined = c.inputs[0];
    for (std::size_t i = 1; i < c.inputs.size(); ++i) {
        const Shape& next = c.inputs[i];
        bool fits = next.rank() == joined.rank();
        for (std::size_t side = 0; fits && side < next.rank(); ++side)
            fits = side == at.axis || next.dims[side] == joined.dims[side];
        if (!fits)
            return refuse(c,
                          "joins along dim " + std::to_string(at.dim) +
                              ", so all other sides must agree, but " + next.toSentence() +
                              " arrives at input " + std::to_string(i) + " and " +
                              c.inputs[0].toSentence() + " at input 0.",
                          "Pad or pool one branch so that the other sides agree.", {},
                          static_cast<int>(i));
        joined.dims[at.axis] = plus(joined.dims[at.axis], next.dims[at.axis]);
        if (next.type == ElementType::Float) joined.type = ElementType::Float;
    }
    return gives(joined);
}

LayerKind concat() {
    LayerKind kind;
    kind.info = {"Concat",
                 "shape operations",
                 "puts what arrives one behind the other",
                 "Joins branches along dim; with pictures and dim 1 their channels stand one "
                 "behind the other, as in GoogLeNet and U-Net.",
                 "torch.cat",
                 {"cat", "concatenate", "join", "stack"},
                 "y = [a, b, …] along dim"};
    kind.inputs = {{"a", "", Elements::Any}, {"b", "", Elements::Any}};
    kind.variadicInputs = true;
    kind.params = {{.key = "dim",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "The dimension that grows; the batch is 0, channels are 1."}};
    kind.badge = [](const Settings& s) { return "dim " + s.value("dim").toText(); };
    kind.infer = inferConcat;
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pureOfAll(
            [dim = c.settings.integer("dim")](const std::vector<at::Tensor>& in) {
                return std::vector{at::cat(in, dim)};
            });
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.cat([" + joinedText(in) + "], dim=" + s.value("dim").toText() + ")";
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> selectingLayers() {
    return {concat(), split(), chunk(), select(), slice()};
}

}  // namespace loom
