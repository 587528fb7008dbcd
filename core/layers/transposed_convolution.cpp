#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <algorithm>

namespace loom {
namespace {

using namespace layers_detail;

std::optional<Inference> requireOutputPadding(const LayerContext& c, const std::vector<Window>& w,
                                              const std::vector<std::int64_t>& added) {
    std::vector<std::int64_t> most;
    bool fits = true;
    for (std::size_t i = 0; i < w.size(); ++i) {
        most.push_back(std::max(w[i].stride, w[i].dilation) - 1);
        fits = fits && added[i] <= most[i];
    }
    if (fits) return std::nullopt;
    std::vector<std::int64_t> smaller;
    for (std::size_t i = 0; i < w.size(); ++i) smaller.push_back(std::min(added[i], most[i]));
    const Value value = sidesValue(smaller);
    return refuse(c,
                  "adds an output_padding of " + sizeText(added) +
                      ", but it must be smaller than stride or dilation: at most " +
                      sizeText(most) + " here.",
                  "It only chooses among the sizes that one stride leaves open.",
                  {setParamFix(c.node.id, "Set output_padding to " + value.toText(),
                               "output_padding", value)});
}

Inference inferTransposed(const LayerContext& c, std::size_t n) {
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
    const auto added = s.integers("output_padding", n), arriving = spatialSides(input, n);
    if (auto problem = requireOutputPadding(c, windows, added)) return *problem;
    std::vector<std::int64_t> sides, weights = {in, out / groups};
    bool alike = allEqual(arriving) && allEqual(added);
    for (std::size_t i = 0; i < n; ++i) {
        const Window& w = windows[i];
        sides.push_back(
            plus(times(arriving[i] - 1, w.stride), w.reach(), added[i] - 2 * w.padding));
        weights.push_back(w.kernel);
        alike = alike && sides[i] == sides[0] && w.kernel == windows[0].kernel &&
                w.stride == windows[0].stride && w.padding == windows[0].padding;
    }
    if (*std::min_element(sides.begin(), sides.end()) < 1) {
        return refuse(c,
                      "takes more off by its padding than there is: " + sizeText(arriving) +
                          " would become " + sizeText(sides) + ".",
                      "Here padding makes the output smaller; take less of it.",
                      {setParamFix(c.node.id, "Set padding to 0", "padding", std::nullopt)}, 0);
    }
    inference.formulas = sideFormulas(n, alike, [&](std::size_t i) {
        const auto t = [](std::int64_t number) { return std::to_string(number); };
        const Window& w = windows[i];
        std::string text = "(";
        text += t(arriving[i]) + "−1)·" + t(w.stride) + " − 2·" + t(w.padding) + " + " +
                t(w.dilation) + "·(" + t(w.kernel) + "−1) + " + t(added[i]) +
                " + 1 = " + t(sides[i]);
        return text;
    });
    inference.formulas.push_back({"Weights", productText(weights)});
    Shape output = withSides(input, sides);
    output.dims[0] = out;
    inference.outputs = {output};
    inference.parameters = plus(product(weights), s.flag("bias") ? out : 0);
    inference.macs = times(input.count(), product(weights) / in);
    return inference;
}

template <std::size_t N, class Module>
std::shared_ptr<backend::BuiltLayer> buildTransposed(const LayerContext& c,
                                                     const Inference& inference) {
    const Settings& s = c.settings;
    torch::nn::ConvTransposeOptions<N> options(
        inference.inferred.find("in_channels")->asInt(), s.integer("out_channels"),
        torch::ExpandingArray<N>(s.integers("kernel_size", N)));
    options.stride(s.integers("stride", N))
        .padding(s.integers("padding", N))
        .output_padding(s.integers("output_padding", N))
        .groups(s.integer("groups"))
        .bias(s.flag("bias"))
        .dilation(s.integers("dilation", N));
    return backend::moduleLayer(Module(options));
}

LayerKind transposed(std::size_t n) {
    const SpatialWords& words = spatialWords(n);
    const std::string id = sized("ConvTranspose", n);
    LayerKind kind;
    kind.info = {
        id,
        "convolution",
        "spreads every number over a small filter, which makes the " + words.thing + " larger",
        "The way back of a convolution: each number that arrives is multiplied with a whole "
        "filter and added into the output, stride apart. With stride 2 the " +
            words.thing +
            " becomes twice as large. Decoders of autoencoders, U-Nets and GANs grow by it.",
        "torch.nn." + id,
        {"deconvolution", "transposed convolution", "upsample", "decoder", "fractionally strided"},
        "y[c] = bias[c] + Σₖ Σᵢ x[k, i] · weight[k, c], laid down at place i·stride − padding"};
    kind.params = filterSpecs(n);
    kind.params.push_back(perSide(
        "stride", n, "How far apart neighbours come to lie: 2 makes it twice as large.", 1, 1));
    kind.params.push_back(
        perSide("padding", n, "How much is cut off each edge of the output.", 0, 0));
    kind.params.push_back(perSide("output_padding", n,
                                  "Added to the size at one end only, where stride leaves several "
                                  "sizes open.",
                                  0, 0));
    kind.params.push_back(groupsSpec());
    kind.params.push_back(biasSpec());
    kind.params.push_back(perSide("dilation", n,
                                  "Distance between the filter's points: 2 leaves one out in "
                                  "between.",
                                  1, 1));
    kind.params.push_back({.key = "padding_mode",
                           .type = ParamType::Choice,
                           .defaultValue = "zeros",
                           .hint = "PyTorch knows zeros only here.",
                           .choices = {"zeros"}});
    kind.badge = [n](const Settings& s) {
        std::string text = std::to_string(s.integer("out_channels")) + ", " + windowBadge(s, n);
        const auto added = s.integers("output_padding", n);
        if (*std::max_element(added.begin(), added.end()) > 0)
            text += ", +" + s.value("output_padding").toText();
        if (s.integer("groups") != 1) text += ", g" + std::to_string(s.integer("groups"));
        return text;
    };
    kind.infer = [n](const LayerContext& c) { return inferTransposed(c, n); };
    kind.build = n == 1   ? buildTransposed<1, torch::nn::ConvTranspose1d>
                 : n == 2 ? buildTransposed<2, torch::nn::ConvTranspose2d>
                          : buildTransposed<3, torch::nn::ConvTranspose3d>;
    kind.window = [n](const Settings& s) {
        SlidingWindow window{windowsOf(s, n)};
        window.transposed = true;
        return window;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> transposedConvolutionLayers() {
    std::vector<LayerKind> kinds;
    for (std::size_t n : kSpatialSizes) kinds.push_back(transposed(n));
    return kinds;
}

}  // namespace loom
