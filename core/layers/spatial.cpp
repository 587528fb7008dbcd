#include "core/layers/spatial.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

namespace loom::layers_detail {
namespace {

/// The block as its relative for another number of sides, keeping what that one takes.
Fix useKindFix(const LayerContext& context, const LayerKind& kind) {
    return {"Use " + kind.info.id + " instead",
            [id = context.node.id, &kind](const Graph& graph) -> Result<Graph> {
                Graph next = graph;
                Node* node = next.find(id);
                if (!node) return Error{"There is no block " + id + ".", "Undo, and try again."};
                node->kind = kind.info.id;
                Params kept;
                for (const auto& [key, value] : node->params) {
                    const ParamSpec* spec = findSpec(kind.params, key);
                    if (spec && !checkParam(*spec, value)) kept.set(key, value);
                }
                for (const ParamSpec& spec : kind.params)
                    if (spec.required && !spec.inferred && !kept.contains(spec.key))
                        kept.set(spec.key, spec.suggestion);
                node->params = kept;
                return next;
            }};
}

std::string plural(const std::string& thing) {
    return thing + "s";
}

}  // namespace

const SpatialWords& spatialWords(std::size_t n) {
    static const std::array<SpatialWords, 3> words = {{
        {"sequence", "C × L", "along the sequence", "length", "", {"length"}},
        {"picture",
         "C × H × W",
         "over the picture",
         "height and width",
         "; one number for a square",
         {"height", "width"}},
        {"volume",
         "C × D × H × W",
         "through the volume",
         "depth, height and width",
         "; one number for a cube",
         {"depth", "height", "width"}},
    }};
    return words.at(n - 1);
}

std::string sized(const std::string& stem, std::size_t n) {
    return stem + std::to_string(n) + "d";
}

std::optional<Inference> requireSides(const LayerContext& c, std::size_t n, Channels channels) {
    const Shape& input = c.inputs[0];
    const std::size_t rank = input.rank();
    if (rank == n + 1 || (rank == n && channels == Channels::Optional)) return std::nullopt;
    const SpatialWords& words = spatialWords(n);
    const std::string message = "receives " + describe(input) + ", but " + c.node.kind + " takes " +
                                plural(words.thing) + ", " + words.form + ".";
    std::vector<Fix> fixes;
    if (rank == n) {
        Shape one = input;
        one.dims.insert(one.dims.begin(), 1);
        return refuse(
            c, message,
            "With one channel it is " + one.toSentence() +
                "; an Unsqueeze before the block makes it so.",
            {insertBeforeFix(c.node.id, "Insert Unsqueeze", "Unsqueeze", {{"dim", Value(1)}})}, 0);
    }
    std::string hint = "Bring it into the form " + words.form + " first.";
    if (rank == 1) hint = "Put it before the block that flattens the " + words.thing + ".";
    if (rank >= 2 && rank <= 4) {
        const std::string kind = c.node.kind;
        const std::string stem = kind.substr(0, kind.rfind(std::to_string(n) + "d"));
        if (const LayerKind* relative = layers().find(sized(stem, rank - 1));
            relative && stem != kind) {
            hint = relative->info.id + " takes " + plural(spatialWords(rank - 1).thing) + ", " +
                   spatialWords(rank - 1).form + ".";
            fixes.push_back(useKindFix(c, *relative));
        }
    }
    return refuse(c, message, hint, std::move(fixes), 0);
}

std::optional<Inference> requireEverySide(const LayerContext& c,
                                          std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        const Value& value = c.settings.value(key);
        if (!value.isList() || std::none_of(value.asList().begin(), value.asList().end(),
                                            [](const Value& side) { return side.isNone(); }))
            continue;
        return refuse(
            c,
            "has a side of None in " + std::string(key) + " = " + value.toPython() +
                ", but every side needs a number.",
            "Give all sides, or leave " + std::string(key) + " out.",
            {setParamFix(c.node.id, "Leave " + std::string(key) + " out", key, std::nullopt)});
    }
    return std::nullopt;
}

std::vector<std::int64_t> spatialSides(const Shape& shape, std::size_t n) {
    return {shape.dims.end() - static_cast<std::ptrdiff_t>(n), shape.dims.end()};
}

Shape withSides(const Shape& shape, const std::vector<std::int64_t>& sides) {
    Shape out = shape;
    std::copy(sides.begin(), sides.end(),
              out.dims.end() - static_cast<std::ptrdiff_t>(sides.size()));
    return out;
}

std::vector<Window> windowsOf(const Settings& s, std::size_t n) {
    const auto numbers = [&](const std::string& key, std::int64_t otherwise) {
        const Value& value = s.value(key);
        return value.isInt() || value.isList() ? s.integers(key, n)
                                               : std::vector<std::int64_t>(n, otherwise);
    };
    const auto kernel = numbers("kernel_size", 1), padding = numbers("padding", 0),
               dilation = numbers("dilation", 1);
    const auto stride = s.isNone("stride") ? kernel : numbers("stride", 1);
    std::vector<Window> windows(n);
    for (std::size_t i = 0; i < n; ++i) {
        windows[i] = {kernel[i], stride[i], padding[i], dilation[i], s.flag("ceil_mode")};
        if (s.text("padding") == "same") windows[i].padding = (windows[i].reach() - 1) / 2;
    }
    return windows;
}

bool allEqual(const std::vector<std::int64_t>& numbers) {
    return std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) ==
           numbers.end();
}

Slid slide(const LayerContext& c, const std::vector<Window>& windows, bool withDilation) {
    const std::size_t n = windows.size();
    const SpatialWords& words = spatialWords(n);
    const std::vector<std::int64_t> input = spatialSides(c.inputs[0], n);
    Slid result;
    std::vector<std::int64_t> reach, padded, kernels;
    bool fits = true, dilated = false, alike = allEqual(input);
    for (std::size_t i = 0; i < n; ++i) {
        const Window& w = windows[i];
        result.sides.push_back(w.output(input[i]));
        reach.push_back(w.reach());
        padded.push_back(input[i] + 2 * w.padding);
        kernels.push_back(w.kernel);
        fits = fits && result.sides[i] >= 1;
        dilated = dilated || w.dilation > 1;
        alike = alike && w.kernel == windows[0].kernel && w.stride == windows[0].stride &&
                w.padding == windows[0].padding && w.dilation == windows[0].dilation;
    }
    if (!fits) {
        std::vector<Fix> fixes;
        const std::int64_t room = *std::min_element(padded.begin(), padded.end());
        if (dilated && std::equal(kernels.begin(), kernels.end(), padded.begin(),
                                  [](auto kernel, auto side) { return kernel <= side; }))
            fixes.push_back(setParamFix(c.node.id, "Set dilation to 1", "dilation", std::nullopt));
        if (room >= 1 && !dilated)
            fixes.push_back(setParamFix(c.node.id, "Set kernel_size to " + std::to_string(room),
                                        "kernel_size", Value(room)));
        result.problem =
            refuse(c,
                   "slides a window of " + sizeText(reach) +
                       (dilated ? " (kernel_size with dilation)" : "") + ", larger than the " +
                       words.thing + " that arrives, " + sizeText(input) +
                       (padded != input ? " (" + sizeText(padded) + " with padding)" : "") + ".",
                   "Take a smaller kernel_size, add padding, or pool less before it.",
                   std::move(fixes), 0);
        return result;
    }
    result.formulas = sideFormulas(n, alike, [&](std::size_t side) {
        return windows[side].formula(input[side], withDilation);
    });
    return result;
}

std::int64_t product(const std::vector<std::int64_t>& factors) {
    return Shape{factors}.count();
}

Value sidesValue(const std::vector<std::int64_t>& sides) {
    if (allEqual(sides)) return Value(sides[0]);
    List list;
    for (std::int64_t side : sides) list.emplace_back(side);
    return Value(list);
}

ParamSpec perSide(const std::string& key, std::size_t n, const std::string& hint,
                  Value defaultValue, std::int64_t minimum) {
    return {.key = key,
            .type = ParamType::Ints,
            .defaultValue = std::move(defaultValue),
            .hint = hint,
            .arity = static_cast<int>(n),
            .minimum = static_cast<double>(minimum)};
}

ParamSpec sidesSpec(const std::string& key, std::size_t n, const std::string& hint,
                    Value defaultValue) {
    const SpatialWords& words = spatialWords(n);
    std::string extent = words.extent;
    extent[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(extent[0])));
    return perSide(key, n, extent + hint + words.shorthand + ".", std::move(defaultValue), 1);
}

ParamSpec poolStride(std::size_t n) {
    ParamSpec spec = perSide("stride", n,
                             "How far the window moves each time. Left out: its own size, so that "
                             "windows do not overlap.",
                             {}, 1);
    spec.optional = true;
    spec.noneText = "as kernel_size";
    return spec;
}

ParamSpec ceilMode() {
    return {.key = "ceil_mode",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint =
                "Rounds the output size up, so that a window that does not fit whole at the "
                "edge counts too."};
}

ParamSpec returnIndices(const std::string& hint) {
    return {.key = "return_indices", .type = ParamType::Bool, .defaultValue = false, .hint = hint};
}

std::string windowBadge(const Settings& s, std::size_t n) {
    const auto windows = windowsOf(s, n);
    std::vector<std::int64_t> kernel;
    bool strides = false, pads = false, dilates = false;
    for (const Window& w : windows) {
        kernel.push_back(w.kernel);
        strides = strides || w.stride != (findSpec(s.specs(), "stride")->optional ? w.kernel : 1);
        pads = pads || w.padding != 0;
        dilates = dilates || w.dilation != 1;
    }
    std::string text = sizeText(kernel);
    if (strides) text += ", s" + s.value("stride").toText();
    if (isWord(s, "padding"))
        text += ", " + s.text("padding");
    else if (pads)
        text += ", p" + s.value("padding").toText();
    if (dilates) text += ", d" + s.value("dilation").toText();
    return text;
}

std::optional<Inference> requireGroups(const LayerContext& c, std::int64_t in, std::int64_t out) {
    const std::int64_t groups = c.settings.integer("groups");
    if (in % groups == 0 && out % groups == 0) return std::nullopt;
    return refuse(c,
                  "splits its channels into " + std::to_string(groups) + " groups, but " +
                      (in % groups != 0 ? std::to_string(in) + " incoming channels"
                                        : std::to_string(out) + " out_channels") +
                      " cannot be divided evenly by " + std::to_string(groups) + ".",
                  "Take a number of groups that divides both " + std::to_string(in) + " and " +
                      std::to_string(out) + ".",
                  {setParamFix(c.node.id, "Set groups to 1", "groups", std::nullopt)});
}

std::vector<ParamSpec> filterSpecs(std::size_t n) {
    ParamSpec kernel = sidesSpec("kernel_size", n, " of each filter");
    kernel.required = true;
    kernel.suggestion = 3;
    return {{.key = "in_channels",
             .type = ParamType::Int,
             .hint = "Channels of the " + spatialWords(n).thing +
                     " that arrives. Found from the input when left out.",
             .inferred = true,
             .minimum = 1},
            {.key = "out_channels",
             .type = ParamType::Int,
             .hint = "Number of filters, and so of channels that come out.",
             .required = true,
             .minimum = 1,
             .suggestion = 32},
            kernel};
}

ParamSpec groupsSpec() {
    return {.key = "groups",
            .type = ParamType::Int,
            .defaultValue = 1,
            .hint =
                "Splits channels into groups that do not see each other; equal to in_channels "
                "it is a depthwise convolution.",
            .minimum = 1};
}

ParamSpec biasSpec() {
    return {.key = "bias",
            .type = ParamType::Bool,
            .defaultValue = true,
            .hint = "Adds a learnable number to each output channel."};
}

}  // namespace loom::layers_detail
