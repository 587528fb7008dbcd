#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

namespace loom {
namespace {

using namespace layers_detail;

// "same" is no matter of the stride: PyTorch knows it for stride 1 alone.
std::optional<Inference> refuseStridedSame(const LayerContext& c, const std::vector<Window>& w) {
    std::vector<std::int64_t> stride, padding;
    for (const Window& side : w) {
        stride.push_back(side.stride);
        padding.push_back(side.padding);
    }
    if (product(stride) == 1) return std::nullopt;
    const Value numbers = sidesValue(padding);
    return refuse(
        c,
        "has padding \"same\" with a stride of " + sizeText(stride) +
            ", but PyTorch offers \"same\" only with stride 1.",
        "Give the padding as a number, or set stride to 1.",
        {setParamFix(c.node.id, "Set stride to 1", "stride", std::nullopt),
         setParamFix(c.node.id, "Set padding to " + numbers.toText(), "padding", numbers)});
}

/// Reflected numbers must be there to be reflected, and a circle goes round once only.
std::optional<Inference> requirePaddingFits(const LayerContext& c, const std::vector<Window>& w) {
    const std::string mode = c.settings.text("padding_mode");
    const bool same = c.settings.text("padding") == "same";
    const auto sides = spatialSides(c.inputs[0], w.size());
    for (std::size_t i = 0; i < w.size(); ++i) {
        // Where "same" adds an odd number, the longer part stands at the end.
        const std::int64_t padding = same ? w[i].reach() - 1 - w[i].padding : w[i].padding;
        if (!(mode == "reflect" && padding >= sides[i]) &&
            !(mode == "circular" && padding > sides[i]))
            continue;
        return refuse(
            c,
            "pads " + std::to_string(padding) + " by " + mode + ", but a side of the " +
                spatialWords(w.size()).thing + " is only " + std::to_string(sides[i]) + " long.",
            "Take a smaller padding or padding_mode zeros.",
            {setParamFix(c.node.id, "Set padding_mode to zeros", "padding_mode", std::nullopt)});
    }
    return std::nullopt;
}

Inference inferConvolution(const LayerContext& c, std::size_t n) {
    if (auto problem = requireSides(c, n)) return *problem;
    const Settings& s = c.settings;
    const Shape& input = c.inputs[0];
    Inference inference;
    if (auto problem = agree(c, "in_channels", input.dims[0],
                             input.dims[0] == 1 ? "channel" : "channels", inference))
        return *problem;
    const std::int64_t in = input.dims[0], out = s.integer("out_channels"),
                       groups = s.integer("groups");
    if (auto problem = requireGroups(c, in, out)) return *problem;
    const std::vector<Window> windows = windowsOf(s, n);
    Shape output = input;
    output.dims[0] = out;
    if (s.text("padding") == "same") {
        if (auto problem = refuseStridedSame(c, windows)) return *problem;
        inference.formulas = {{"Output " + spatialWords(n).extent,
                               "padding \"same\" keeps " + sizeText(spatialSides(input, n))}};
    } else {
        const Slid slid = slide(c, windows, true);
        if (slid.problem) return *slid.problem;
        output = withSides(output, slid.sides);
        inference.formulas = slid.formulas;
    }
    if (auto problem = requirePaddingFits(c, windows)) return *problem;
    std::vector<std::int64_t> weights = {out, in / groups};
    for (const Window& side : windows) weights.push_back(side.kernel);
    inference.formulas.push_back({"Weights", productText(weights)});
    inference.outputs = {output};
    inference.parameters = plus(product(weights), s.flag("bias") ? out : 0);
    inference.macs = times(output.count(), product(weights) / out);
    return inference;
}

/// What padding "same" adds in other ways than with zeros: before and after each side, the last
/// side first. LibTorch's own module lists the first side first, and so pads the wrong one where a
/// kernel's sides differ.
std::vector<std::int64_t> sameEnds(const Settings& s, std::size_t n) {
    std::vector<std::int64_t> ends;
    const std::vector<Window> windows = windowsOf(s, n);
    for (auto w = windows.rbegin(); w != windows.rend(); ++w) {
        ends.push_back(w->padding);
        ends.push_back(w->reach() - 1 - w->padding);
    }
    return ends;
}

template <std::size_t N>
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                    const std::vector<std::int64_t>& dilation, std::int64_t groups) {
    const std::vector<std::int64_t> stride(N, 1), padding(N, 0);
    if constexpr (N == 1)
        return at::conv1d(x, weight, bias, stride, padding, dilation, groups);
    else if constexpr (N == 2)
        return at::conv2d(x, weight, bias, stride, padding, dilation, groups);
    else
        return at::conv3d(x, weight, bias, stride, padding, dilation, groups);
}

template <std::size_t N, class Module>
std::shared_ptr<backend::BuiltLayer> buildConvolution(const LayerContext& c,
                                                      const Inference& inference) {
    const Settings& s = c.settings;
    torch::nn::ConvOptions<N> options(inference.inferred.find("in_channels")->asInt(),
                                      s.integer("out_channels"),
                                      torch::ExpandingArray<N>(s.integers("kernel_size", N)));
    options.stride(s.integers("stride", N))
        .dilation(s.integers("dilation", N))
        .groups(s.integer("groups"))
        .bias(s.flag("bias"));
    const std::string padding = s.text("padding"), mode = s.text("padding_mode");
    if (padding == "same")
        options.padding(torch::kSame);
    else if (padding == "valid")
        options.padding(torch::kValid);
    else
        options.padding(torch::ExpandingArray<N>(s.integers("padding", N)));
    if (mode == "reflect") options.padding_mode(torch::kReflect);
    if (mode == "replicate") options.padding_mode(torch::kReplicate);
    if (mode == "circular") options.padding_mode(torch::kCircular);
    Module module(options);
    auto built = backend::moduleLayer(module);
    if (padding == "same" && mode != "zeros")
        built->forward = [module, mode, ends = sameEnds(s, N), dilation = s.integers("dilation", N),
                          groups = s.integer("groups")](const std::vector<at::Tensor>& in) {
            return std::vector{convolve<N>(at::pad(in[0], ends, mode), module->weight, module->bias,
                                           dilation, groups)};
        };
    return built;
}

LayerKind convolution(std::size_t n) {
    static const std::string details[] = {
        "Each of the out_channels filters is a small window of weights. It moves along the "
        "sequence in steps of stride and writes, at every place, the sum of products of its "
        "weights with what lies under it. Finds short patterns in sound, text and other "
        "measurements over time.",
        "Each of the out_channels filters is a small window of weights. It moves over the picture "
        "in steps of stride and writes, at every place, the sum of products of its weights with "
        "what lies under it. Early layers find edges, later ones parts and things.",
        "Each of the out_channels filters is a small block of weights. It moves through the "
        "volume in steps of stride and writes, at every place, the sum of products of its weights "
        "with what lies in it. For scans of bodies, and for films, where depth is time."};
    const SpatialWords& words = spatialWords(n);
    LayerKind kind;
    kind.info = {sized("Conv", n),
                 "convolution",
                 "slides small filters " + words.across,
                 details[n - 1],
                 "torch.nn." + sized("Conv", n),
                 {"convolution", "filter", "kernel", "depthwise"},
                 "y[c] = bias[c] + Σₖ weight[c, k] ⋆ x[k]   (⋆ slides the filter, k runs over the "
                 "channels that arrive)"};
    if (n == 1) kind.info.keywords.insert(kind.info.keywords.end(), {"sequence", "signal", "tcn"});
    if (n == 3) kind.info.keywords.insert(kind.info.keywords.end(), {"video", "volume"});
    kind.params = filterSpecs(n);
    kind.params.push_back(perSide("stride", n, "How far the filter moves each time.", 1, 1));
    ParamSpec padding = perSide("padding", n,
                                (n == 1   ? "Places added at each end."
                                 : n == 2 ? "Rows and columns added at each edge."
                                          : "Layers, rows and columns added at each face.") +
                                    std::string(" \"same\" keeps the size, \"valid\" adds none."),
                                0, 0);
    padding.choices = {"same", "valid"};
    kind.params.push_back(padding);
    kind.params.push_back(perSide(
        "dilation", n, "Distance between the filter's points: 2 leaves one out in between.", 1, 1));
    kind.params.push_back(groupsSpec());
    kind.params.push_back(biasSpec());
    kind.params.push_back({.key = "padding_mode",
                           .type = ParamType::Choice,
                           .defaultValue = "zeros",
                           .hint = "What stands in what padding adds.",
                           .choices = {"zeros", "reflect", "replicate", "circular"}});
    kind.badge = [n](const Settings& s) {
        const std::string groups =
            s.integer("groups") == 1 ? "" : ", g" + std::to_string(s.integer("groups"));
        return std::to_string(s.integer("out_channels")) + ", " + windowBadge(s, n) + groups;
    };
    kind.infer = [n](const LayerContext& c) { return inferConvolution(c, n); };
    kind.build = n == 1   ? buildConvolution<1, torch::nn::Conv1d>
                 : n == 2 ? buildConvolution<2, torch::nn::Conv2d>
                          : buildConvolution<3, torch::nn::Conv3d>;
    kind.window = [n](const Settings& s) {
        SlidingWindow window{windowsOf(s, n)};
        window.paddingMode = s.text("padding_mode");
        return window;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> convolutionLayers() {
    std::vector<LayerKind> kinds;
    for (std::size_t n : kSpatialSizes) kinds.push_back(convolution(n));
    return kinds;
}

}  // namespace loom
