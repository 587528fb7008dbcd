#include "core/backend/indexing_layer.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <algorithm>

namespace loom {
namespace {

using namespace layers_detail;
using Sides = std::vector<std::int64_t>;

/// One ratio for every side.
std::vector<double> ratios(const Settings& s, std::size_t n) {
    std::vector<double> out = s.numbers("output_ratio");
    if (out.size() == 1) out.resize(n, out[0]);
    return out;
}

/// The sides that come out; Python rounds a ratio's down.
Sides fractionalSides(const Settings& s, const Sides& arriving) {
    const std::size_t n = arriving.size();
    if (!s.isNone("output_size")) return s.integers("output_size", n);
    const std::vector<double> ratio = ratios(s, n);
    Sides sides;
    for (std::size_t i = 0; i < n; ++i)
        sides.push_back(static_cast<std::int64_t>(static_cast<double>(arriving[i]) * ratio[i]));
    return sides;
}

Inference inferFractional(const LayerContext& c, std::size_t n) {
    if (auto problem = requireSides(c, n)) return *problem;
    if (auto problem = requireEverySide(c, {"output_size", "output_ratio"})) return *problem;
    const Settings& s = c.settings;
    const bool size = !s.isNone("output_size"), ratio = !s.isNone("output_ratio");
    if (size == ratio) {
        const std::string message =
            size ? "has both an output_size and an output_ratio, but they say the same twice."
                 : "has neither an output_size nor an output_ratio.";
        if (size)
            return refuse(
                c, message, "Set one of them to None.",
                {setParamFix(c.node.id, "Leave output_ratio out", "output_ratio", std::nullopt),
                 setParamFix(c.node.id, "Leave output_size out", "output_size", std::nullopt)});
        return refuse(
            c, message, "Give one of them: a size, or a part of what arrives.",
            {setParamFix(c.node.id, "Set output_ratio to 0.5", "output_ratio", Value(0.5))});
    }
    for (double part : ratios(s, n)) {
        if (part > 0 && part < 1) continue;
        return refuse(
            c,
            "has an output_ratio of " + s.value("output_ratio").toText() +
                ", but it must lie between 0 and 1, both excluded.",
            "With 0.5 every side becomes half as long.",
            {setParamFix(c.node.id, "Set output_ratio to 0.5", "output_ratio", Value(0.5))});
    }
    const Sides arriving = spatialSides(c.inputs[0], n), kernel = s.integers("kernel_size", n),
                sides = fractionalSides(s, arriving);
    // PyTorch's volumes want one more than its pictures.
    const std::int64_t spare = n == 3 ? 1 : 0;
    Sides most;
    bool fits = true;
    for (std::size_t i = 0; i < n; ++i) {
        most.push_back(arriving[i] - kernel[i] + 1 - spare);
        fits = fits && sides[i] <= most[i];
    }
    if (*std::min_element(sides.begin(), sides.end()) < 1) {
        return refuse(
            c, "would leave nothing: " + sizeText(arriving) + " becomes " + sizeText(sides) + ".",
            "Take a larger output_ratio, or pool less before it.", {}, 0);
    }
    if (!fits) {
        std::vector<Fix> fixes;
        if (*std::min_element(most.begin(), most.end()) >= 1 && size) {
            Sides smaller;
            for (std::size_t i = 0; i < n; ++i) smaller.push_back(std::min(sides[i], most[i]));
            fixes.push_back(setParamFix(c.node.id,
                                        "Set output_size to " + sidesValue(smaller).toText(),
                                        "output_size", sidesValue(smaller)));
        }
        return refuse(c,
                      "is to give " + sizeText(sides) + " from " + sizeText(arriving) +
                          ", but windows of " + sizeText(kernel) + " leave room for " +
                          sizeText(most) + " at most.",
                      "Take a smaller kernel_size or a smaller output.", std::move(fixes), 0);
    }
    Inference inference;
    inference.outputs.assign(s.flag("return_indices") ? 2 : 1, withSides(c.inputs[0], sides));
    if (inference.outputs.size() == 2) inference.outputs[1].type = ElementType::Int64;
    if (ratio)
        inference.formulas = sideFormulas(n, allEqual(arriving) && allEqual(sides), [&](auto i) {
            return "⌊" + std::to_string(arriving[i]) + "·" + formatFloat(ratios(s, n)[i], false) +
                   "⌋ = " + std::to_string(sides[i]);
        });
    return inference;
}

LayerKind fractionalMaxPool(std::size_t n) {
    const std::string id = sized("FractionalMaxPool", n);
    const SpatialWords& words = spatialWords(n);
    LayerKind kind;
    kind.info = {id,
                 "pooling",
                 "keeps maxima of windows at random steps, to almost any size",
                 "Where MaxPool halves, this makes the " + words.thing +
                     " smaller by any part, such as 0.7: the windows' places are drawn anew for "
                     "every sample, in testing too. Source: Graham, Fractional Max-Pooling.",
                 "torch.nn." + id,
                 {"random", "stochastic", "downsample"},
                 "y = max of x under windows whose steps are drawn at random"};
    kind.outputs = {{"output"}, {"indices", "Where in the " + words.thing + " each maximum was."}};
    kind.outputCount = [](const Settings& s) { return s.flag("return_indices") ? 2 : 1; };
    ParamSpec kernel = sidesSpec("kernel_size", n, " of the window");
    kernel.required = true;
    kernel.suggestion = 2;
    ParamSpec size = sidesSpec("output_size", n, " that come out");
    size.optional = true;
    size.noneText = "by output_ratio";
    kind.params = {kernel,
                   size,
                   {.key = "output_ratio",
                    .type = ParamType::Floats,
                    .hint = "What part of each side is left, between 0 and 1.",
                    .optional = true,
                    .arity = static_cast<int>(n),
                    .minimum = 0,
                    .maximum = 1,
                    .minimumExcluded = true,
                    .noneText = "by output_size",
                    .suggestion = 0.5},
                   returnIndices("Gives the places of the maxima at a second output.")};
    kind.badge = [n](const Settings& s) {
        return sizeText(s.integers("kernel_size", n)) +
               (!s.isNone("output_size") ? ", to " + s.value("output_size").toText()
                                         : ", to part " + s.value("output_ratio").toText());
    };
    kind.infer = [n](const LayerContext& c) { return inferFractional(c, n); };
    kind.build = [n](const LayerContext& c, const Inference&) {
        return backend::indexingLayer(
            c.settings.flag("return_indices"),
            [n, kernel = c.settings.integers("kernel_size", n), params = c.settings.params(),
             specs = c.settings.specs()](const at::Tensor& x) {
                const auto count = static_cast<std::int64_t>(n);
                const Sides sides = fractionalSides(Settings(specs, params),
                                                    x.sizes().slice(x.dim() - count).vec());
                // Drawn as Python draws them, so that the same seed gives the same windows.
                const at::Tensor places = at::rand({x.size(0), x.size(1), count}, x.options());
                return n == 2 ? at::fractional_max_pool2d(x, kernel, sides, places)
                              : at::fractional_max_pool3d(x, kernel, sides, places);
            });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> fractionalPoolingLayers() {
    return {fractionalMaxPool(2), fractionalMaxPool(3)};
}

}  // namespace loom
