#include "core/backend/indexing_layer.h"
#include "core/base/sentence.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <algorithm>
#include <cmath>

namespace loom {
namespace {

using namespace layers_detail;
using Sides = std::vector<std::int64_t>;

std::optional<Inference> requirePoolPadding(const LayerContext& c,
                                            const std::vector<Window>& windows) {
    Sides kernel, padding, most;
    bool fits = true;
    for (const Window& w : windows) {
        kernel.push_back(w.kernel);
        padding.push_back(w.padding);
        most.push_back(std::min(w.padding, w.kernel / 2));
        fits = fits && w.padding <= w.kernel / 2;
    }
    if (fits) return std::nullopt;
    const Value value = sidesValue(most);
    return refuse(c,
                  "pads by " + sizeText(padding) +
                      ", but a pool's padding can be at most half of its kernel_size, " +
                      sizeText(kernel) + ".",
                  "Take a padding of at most " + value.toText() + ".",
                  {setParamFix(c.node.id, "Set padding to " + value.toText(), "padding", value)});
}

Inference inferPool(const LayerContext& c, std::size_t n, bool withDilation, int outputs) {
    if (auto problem = requireSides(c, n, Channels::Optional)) return *problem;
    if (auto problem = requireEverySide(c, {"stride"})) return *problem;
    const std::vector<Window> windows = windowsOf(c.settings, n);
    if (auto problem = requirePoolPadding(c, windows)) return *problem;
    const Slid slid = slide(c, windows, withDilation);
    if (slid.problem) return *slid.problem;
    Inference inference;
    inference.outputs.assign(static_cast<std::size_t>(outputs), withSides(c.inputs[0], slid.sides));
    if (outputs == 2) inference.outputs[1].type = ElementType::Int64;
    inference.formulas = slid.formulas;
    return inference;
}

ParamSpec poolKernel(std::size_t n) {
    ParamSpec spec = sidesSpec("kernel_size", n, " of the window");
    spec.required = true;
    spec.suggestion = 2;
    return spec;
}

ParamSpec poolPadding(std::size_t n, const std::string& what) {
    const char* const where = n == 1   ? "Places of "
                              : n == 2 ? "Rows and columns of "
                                       : "Layers, rows and columns of ";
    return perSide("padding", n,
                   where + what + " added at each " +
                       (n == 1   ? "end"
                        : n == 2 ? "edge"
                                 : "face") +
                       "; at most half of kernel_size.",
                   0, 0);
}

void finishPool(LayerKind& kind, std::size_t n, SlidingWindow::Action action) {
    kind.badge = [n](const Settings& s) { return windowBadge(s, n); };
    kind.window = [n, action](const Settings& s) {
        SlidingWindow window{windowsOf(s, n), action};
        window.countsPadding = s.flag("count_include_pad");
        window.divisor = s.integer("divisor_override");
        window.norm = s.number("norm_type");
        return window;
    };
}

template <std::size_t N>
std::tuple<at::Tensor, at::Tensor> maximaWithPlaces(const at::Tensor& x, const Sides& kernel,
                                                    const Sides& step, const Sides& padding,
                                                    const Sides& dilation, bool ceil) {
    if constexpr (N == 1)
        return at::max_pool1d_with_indices(x, kernel, step, padding, dilation, ceil);
    else if constexpr (N == 2)
        return at::max_pool2d_with_indices(x, kernel, step, padding, dilation, ceil);
    else
        return at::max_pool3d_with_indices(x, kernel, step, padding, dilation, ceil);
}

template <std::size_t N>
at::Tensor maxima(const at::Tensor& x, const Sides& kernel, const Sides& step, const Sides& padding,
                  const Sides& dilation, bool ceil) {
    if constexpr (N == 1)
        return at::max_pool1d(x, kernel, step, padding, dilation, ceil);
    else if constexpr (N == 2)
        return at::max_pool2d(x, kernel, step, padding, dilation, ceil);
    else
        return at::max_pool3d(x, kernel, step, padding, dilation, ceil);
}

template <std::size_t N>
at::Tensor means(const at::Tensor& x, const Sides& kernel, const Sides& step, const Sides& padding,
                 bool ceil, bool include, c10::optional<std::int64_t> divisor) {
    if constexpr (N == 1)
        return at::avg_pool1d(x, kernel, step, padding, ceil, include);
    else if constexpr (N == 2)
        return at::avg_pool2d(x, kernel, step, padding, ceil, include, divisor);
    else
        return at::avg_pool3d(x, kernel, step, padding, ceil, include, divisor);
}

Sides strideOf(const Settings& s, std::size_t n) {
    return s.isNone("stride") ? s.integers("kernel_size", n) : s.integers("stride", n);
}

template <std::size_t N>
LayerKind maxPool() {
    const std::string id = sized("MaxPool", N);
    const std::string thing = spatialWords(N).thing;
    LayerKind kind;
    kind.info = {id,
                 "pooling",
                 "keeps the largest number of every window",
                 "Makes the " + thing +
                     " smaller and keeps what stands out most in each window. It learns nothing.",
                 "torch.nn." + id,
                 {"pool", "subsample", "downsample", "maximum"},
                 "y = max of x under the window, for every channel and place"};
    kind.outputs = {{"output"},
                    {"indices", "Where in the " + thing + " each maximum was, for unpooling."}};
    kind.outputCount = [](const Settings& s) { return s.flag("return_indices") ? 2 : 1; };
    kind.params = {poolKernel(N),
                   poolStride(N),
                   poolPadding(N, "minus infinity"),
                   perSide("dilation", N, "Distance between the window's points.", 1, 1),
                   returnIndices("Gives the places of the maxima at a second output."),
                   ceilMode()};
    kind.infer = [](const LayerContext& c) {
        return inferPool(c, N, true, c.settings.flag("return_indices") ? 2 : 1);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        const auto kernel = s.integers("kernel_size", N), step = strideOf(s, N),
                   padding = s.integers("padding", N), dilation = s.integers("dilation", N);
        const bool ceil = s.flag("ceil_mode");
        if (s.flag("return_indices"))
            return backend::indexingLayer(true, [=](const at::Tensor& x) {
                return maximaWithPlaces<N>(x, kernel, step, padding, dilation, ceil);
            });
        return backend::pure([=](const at::Tensor& x) {
            return maxima<N>(x, kernel, step, padding, dilation, ceil);
        });
    };
    finishPool(kind, N, SlidingWindow::Action::Largest);
    return kind;
}

/// Means of volumes want the window to fit without padding and ceil_mode; others do not.
std::optional<Inference> requireWholeWindow(const LayerContext& c) {
    const auto sides = spatialSides(c.inputs[0], 3), kernel = c.settings.integers("kernel_size", 3);
    for (std::size_t i = 0; i < 3; ++i) {
        if (sides[i] >= kernel[i]) continue;
        return refuse(
            c,
            sentence(
                "averages windows of {kernel}, larger than the volume that "
                "arrives, {sides}; {kind} counts neither padding nor ceil_mode here.",
                {{"kernel", sizeText(kernel)}, {"sides", sizeText(sides)}, {"kind", c.node.kind}}),
            "Take a smaller kernel_size, or pool less before it.",
            {setParamFix(c.node.id, "Set kernel_size to 1", "kernel_size", Value(1))}, 0);
    }
    return std::nullopt;
}

template <std::size_t N>
LayerKind avgPool() {
    const std::string id = sized("AvgPool", N);
    LayerKind kind;
    kind.info = {id,
                 "pooling",
                 "averages every window",
                 "Makes the " + spatialWords(N).thing +
                     " smaller by taking the mean of each window. It learns nothing.",
                 "torch.nn." + id,
                 {"pool", "mean", "subsample", "downsample", "average"},
                 "y = mean of x under the window, for every channel and place"};
    kind.params = {poolKernel(N),
                   poolStride(N),
                   poolPadding(N, "zeros"),
                   ceilMode(),
                   {.key = "count_include_pad",
                    .type = ParamType::Bool,
                    .defaultValue = true,
                    .hint = "Counts the added zeros in the mean."}};
    if (N > 1)
        kind.params.push_back({.key = "divisor_override",
                               .type = ParamType::Int,
                               .hint = "Divides by this number instead of by the window's size.",
                               .optional = true,
                               .minimum = 1,
                               .noneText = "the window's size"});
    kind.infer = [](const LayerContext& c) {
        Inference inference = inferPool(c, N, false, 1);
        if (N == 3 && !inference.problem)
            if (auto problem = requireWholeWindow(c)) return *problem;
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        c10::optional<std::int64_t> divisor;
        if (!s.isNone("divisor_override")) divisor = s.integer("divisor_override");
        return backend::pure([kernel = s.integers("kernel_size", N), step = strideOf(s, N),
                              padding = s.integers("padding", N), ceil = s.flag("ceil_mode"),
                              include = s.flag("count_include_pad"), divisor](const at::Tensor& x) {
            return means<N>(x, kernel, step, padding, ceil, include, divisor);
        });
    };
    finishPool(kind, N, SlidingWindow::Action::Mean);
    return kind;
}

/// A root of a negative number is NaN; so odd and broken powers are safe for what is not negative
/// only.
void remarkRoots(const LayerContext& c, Inference& inference) {
    const double norm = c.settings.number("norm_type");
    if (norm == 1 || std::fmod(norm, 2) == 0) return;
    inference.remarks.push_back(remark(
        c, Severity::Info,
        "takes the power " + formatFloat(norm, false) +
            ", as PyTorch does without regard to the sign, so that numbers below zero can give "
            "NaN.",
        "Put it behind a ReLU, or take an even norm_type.",
        {setParamFix(c.node.id, "Set norm_type to 2", "norm_type", Value(2))}));
}

template <std::size_t N>
LayerKind lpPool() {
    const std::string id = sized("LPPool", N);
    LayerKind kind;
    kind.info = {id,
                 "pooling",
                 "takes the power average of every window",
                 "The p-th root of the sum of p-th powers, with p = norm_type: 1 adds the window "
                 "up, 2 is its length as a vector, and the larger p is the nearer it comes to the "
                 "maximum. It learns nothing.",
                 "torch.nn." + id,
                 {"power average", "downsample"},
                 "y = (Σ x^p)^(1/p) over the window, p = norm_type",
                 N == 3 ? "2.3" : ""};
    ParamSpec kernel = poolKernel(N);
    // Python takes a bare number only for a sequence.
    if (N == 1) kernel.type = ParamType::Int;
    kind.params = {{.key = "norm_type",
                    .type = ParamType::Float,
                    .hint = "The power p.",
                    .required = true,
                    .minimum = 0,
                    .minimumExcluded = true,
                    .suggestion = 2.0},
                   kernel,
                   poolStride(N),
                   ceilMode()};
    kind.infer = [](const LayerContext& c) {
        Inference inference = inferPool(c, N, false, 1);
        if (N == 3 && !inference.problem)
            if (auto problem = requireWholeWindow(c)) return *problem;
        remarkRoots(c, inference);
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        return backend::pure([kernel = s.integers("kernel_size", N), step = strideOf(s, N),
                              norm = s.number("norm_type"),
                              ceil = s.flag("ceil_mode")](const at::Tensor& x) {
            const at::Tensor mean =
                means<N>(x.pow(norm), kernel, step, Sides(N, 0), ceil, true, c10::nullopt);
            return (at::sign(mean) * at::relu(at::abs(mean))).mul(product(kernel)).pow(1.0 / norm);
        });
    };
    finishPool(kind, N, SlidingWindow::Action::Norm);
    kind.badge = [](const Settings& s) {
        return "p = " + s.value("norm_type").toText() + ", " + windowBadge(s, N);
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> poolingLayers() {
    return {maxPool<2>(), maxPool<1>(), maxPool<3>(), avgPool<2>(), avgPool<1>(),
            avgPool<3>(), lpPool<2>(),  lpPool<1>(),  lpPool<3>()};
}

}  // namespace loom
