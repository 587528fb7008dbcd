#include "core/backend/layer.h"
#include "core/layers/families.h"
#include "core/layers/inference.h"

namespace loom {
namespace {

using namespace layers_detail;

std::vector<std::int64_t> stride(const Settings& s) {
    return s.isNone("stride") ? s.integers("kernel_size", 2) : s.integers("stride", 2);
}

Inference inferPool(const LayerContext& c, const std::vector<std::int64_t>& dilation,
                    bool withDilation, int outputs) {
    if (auto problem = requirePicture(c)) return *problem;
    const Settings& s = c.settings;
    const auto kernel = s.integers("kernel_size", 2), step = stride(s),
               padding = s.integers("padding", 2);
    for (std::size_t side = 0; side < 2; ++side) {
        if (2 * padding[side] > kernel[side]) {
            return refuse(
                c,
                "pads by " + sizeText(padding) +
                    ", but a pool's padding can be at most half of its kernel_size, " +
                    sizeText(kernel) + ".",
                "Take a padding of at most " + std::to_string(kernel[side] / 2) + ".",
                {setParamFix(c.node.id, "Set padding to " + std::to_string(kernel[side] / 2),
                             "padding", Value(kernel[side] / 2))});
        }
    }
    const bool ceil = s.flag("ceil_mode");
    const Windows slid = slide(c, {kernel[0], step[0], padding[0], dilation[0], ceil},
                               {kernel[1], step[1], padding[1], dilation[1], ceil}, withDilation);
    if (slid.problem) return *slid.problem;
    Inference inference;
    inference.outputs.assign(static_cast<std::size_t>(outputs),
                             Shape{{c.inputs[0].dims[0], slid.sides[0], slid.sides[1]}});
    if (outputs == 2) inference.outputs[1].type = ElementType::Int64;
    inference.formulas = slid.formulas;
    return inference;
}

std::string poolBadge(const Settings& s) {
    std::string text = sizeText(s.integers("kernel_size", 2));
    if (stride(s) != s.integers("kernel_size", 2)) text += ", s" + s.value("stride").toText();
    if (s.integers("padding", 2) != std::vector<std::int64_t>{0, 0})
        text += ", p" + s.value("padding").toText();
    return text;
}

ParamSpec kernelSize(const std::string& hint) {
    return {.key = "kernel_size",
            .type = ParamType::Ints,
            .hint = hint,
            .required = true,
            .arity = 2,
            .minimum = 1,
            .suggestion = 2};
}

ParamSpec strideSpec() {
    return {.key = "stride",
            .type = ParamType::Ints,
            .hint =
                "How far the window moves each time. Left out: its own size, so that windows do "
                "not overlap.",
            .optional = true,
            .arity = 2,
            .minimum = 1,
            .noneText = "as kernel_size"};
}

ParamSpec paddingSpec(const std::string& hint) {
    return {.key = "padding",
            .type = ParamType::Ints,
            .defaultValue = 0,
            .hint = hint,
            .arity = 2,
            .minimum = 0};
}

ParamSpec ceilMode() {
    return {.key = "ceil_mode",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint =
                "Rounds the output size up, so that a window that does not fit whole at the edge "
                "counts too."};
}

LayerKind maxPool2d() {
    LayerKind kind;
    kind.info = {"MaxPool2d",
                 "pooling",
                 "keeps the largest number of every window",
                 "Makes the picture smaller and keeps what stands out most in each window. It "
                 "learns nothing.",
                 "torch.nn.MaxPool2d",
                 {"pool", "subsample", "downsample"}};
    kind.outputs = {{"output"},
                    {"indices", "Where in the picture each maximum was, for unpooling."}};
    kind.outputCount = [](const Settings& s) { return s.flag("return_indices") ? 2 : 1; };
    kind.params = {
        kernelSize("Height and width of the window; one number for a square."),
        strideSpec(),
        paddingSpec(
            "Rows and columns of minus infinity added at each edge; at most half of kernel_size."),
        {.key = "dilation",
         .type = ParamType::Ints,
         .defaultValue = 1,
         .hint = "Distance between the window's points.",
         .arity = 2,
         .minimum = 1},
        {.key = "return_indices",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint = "Gives the places of the maxima at a second output."},
        ceilMode()};
    kind.badge = poolBadge;
    kind.infer = [](const LayerContext& c) {
        return inferPool(c, c.settings.integers("dilation", 2), true,
                         c.settings.flag("return_indices") ? 2 : 1);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        auto built = std::make_shared<backend::BuiltLayer>();
        built->forward = [kernel = s.integers("kernel_size", 2), step = stride(s),
                          padding = s.integers("padding", 2), dilation = s.integers("dilation", 2),
                          ceil = s.flag("ceil_mode"), indices = s.flag("return_indices")](
                             const std::vector<at::Tensor>& in) -> std::vector<at::Tensor> {
            if (!indices) return {at::max_pool2d(in[0], kernel, step, padding, dilation, ceil)};
            auto [values, places] =
                at::max_pool2d_with_indices(in[0], kernel, step, padding, dilation, ceil);
            return {values, places};
        };
        return built;
    };
    return kind;
}

LayerKind avgPool2d() {
    LayerKind kind;
    kind.info = {"AvgPool2d",
                 "pooling",
                 "averages every window",
                 "Makes the picture smaller by taking the mean of each window. It learns nothing.",
                 "torch.nn.AvgPool2d",
                 {"pool", "mean", "subsample", "downsample"}};
    kind.params = {
        kernelSize("Height and width of the window; one number for a square."),
        strideSpec(),
        paddingSpec("Rows and columns of zeros added at each edge; at most half of kernel_size."),
        ceilMode(),
        {.key = "count_include_pad",
         .type = ParamType::Bool,
         .defaultValue = true,
         .hint = "Counts the added zeros in the mean."},
        {.key = "divisor_override",
         .type = ParamType::Int,
         .hint = "Divides by this number instead of by the window's size.",
         .optional = true,
         .minimum = 1,
         .noneText = "the window's size"}};
    kind.badge = poolBadge;
    kind.infer = [](const LayerContext& c) { return inferPool(c, {1, 1}, false, 1); };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        c10::optional<std::int64_t> divisor;
        if (!s.isNone("divisor_override")) divisor = s.integer("divisor_override");
        auto built = std::make_shared<backend::BuiltLayer>();
        built->forward = [kernel = s.integers("kernel_size", 2), step = stride(s),
                          padding = s.integers("padding", 2), ceil = s.flag("ceil_mode"),
                          include = s.flag("count_include_pad"),
                          divisor](const std::vector<at::Tensor>& in) -> std::vector<at::Tensor> {
            return {at::avg_pool2d(in[0], kernel, step, padding, ceil, include, divisor)};
        };
        return built;
    };
    return kind;
}

/// The sides asked for; None keeps a side as it is.
std::vector<std::int64_t> targetSides(const Settings& s, std::int64_t height, std::int64_t width) {
    const Value& size = s.value("output_size");
    std::vector<std::int64_t> sides = {height, width};
    for (std::size_t i = 0; i < 2; ++i) {
        if (size.isInt()) sides[i] = size.asInt();
        if (size.isList() && i < size.asList().size() && size.asList()[i].isInt())
            sides[i] = size.asList()[i].asInt();
    }
    return sides;
}

LayerKind adaptiveAvgPool2d() {
    LayerKind kind;
    kind.info = {"AdaptiveAvgPool2d",
                 "pooling",
                 "averages to a size that you choose",
                 "Divides the picture into output_size windows, however large it is, and averages "
                 "each. With 1 it gives one number per "
                 "channel, which lets a network take pictures of any size.",
                 "torch.nn.AdaptiveAvgPool2d",
                 {"pool", "global average", "mean", "gap"}};
    kind.params = {{.key = "output_size",
                    .type = ParamType::Ints,
                    .hint = "Height and width that come out; one number for a square, None for a "
                            "side that stays as it is.",
                    .required = true,
                    .optional = true,
                    .arity = 2,
                    .minimum = 1,
                    .noneText = "as it arrives",
                    .suggestion = 1}};
    kind.badge = [](const Settings& s) { return "to " + s.value("output_size").toText(); };
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requirePicture(c)) return *problem;
        const Shape& in = c.inputs[0];
        const auto sides = targetSides(c.settings, in.dims[1], in.dims[2]);
        Inference inference;
        inference.outputs = {Shape{{in.dims[0], sides[0], sides[1]}}};
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        auto built = std::make_shared<backend::BuiltLayer>();
        built->forward = [params = c.node.params, specs = c.settings.specs()](
                             const std::vector<at::Tensor>& in) -> std::vector<at::Tensor> {
            return {at::adaptive_avg_pool2d(
                in[0], targetSides(Settings(specs, params), in[0].size(-2), in[0].size(-1)))};
        };
        return built;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> poolingLayers() {
    return {maxPool2d(), avgPool2d(), adaptiveAvgPool2d()};
}

}  // namespace loom
