#include "core/backend/indexing_layer.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

namespace loom {
namespace {

using namespace layers_detail;
using Sides = std::vector<std::int64_t>;

/// The sides asked for; None keeps a side as it is.
Sides targetSides(const Settings& s, const Sides& arriving) {
    const Value& size = s.value("output_size");
    Sides sides = arriving;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        if (size.isInt()) sides[i] = size.asInt();
        if (size.isList() && i < size.asList().size() && size.asList()[i].isInt())
            sides[i] = size.asList()[i].asInt();
    }
    return sides;
}

ParamSpec outputSize(std::size_t n) {
    ParamSpec spec = sidesSpec("output_size", n, n == 1 ? " that comes out" : " that come out");
    spec.required = true;
    spec.suggestion = 1;
    if (n == 1) return spec;
    spec.hint.pop_back();
    spec.hint += ", None for a side that stays as it is.";
    spec.optional = true;
    spec.noneText = "as it arrives";
    return spec;
}

Inference inferAdaptive(const LayerContext& c, std::size_t n, int outputs) {
    if (auto problem = requireSides(c, n, Channels::Optional)) return *problem;
    if (c.settings.isNone("output_size")) {
        return refuse(c,
                      "has an output_size of None, which PyTorch takes for single sides only, as "
                      "in [None, 7].",
                      "Give at least one side as a number, or leave the block out.",
                      {setParamFix(c.node.id, "Set output_size to 1", "output_size", Value(1))});
    }
    const Sides arriving = spatialSides(c.inputs[0], n);
    const Sides sides = targetSides(c.settings, arriving);
    Inference inference;
    inference.outputs.assign(static_cast<std::size_t>(outputs), withSides(c.inputs[0], sides));
    if (outputs == 2) inference.outputs[1].type = ElementType::Int64;
    inference.formulas = {{"Windows", sizeText(arriving) + " divided into " + sizeText(sides)}};
    return inference;
}

template <std::size_t N>
at::Tensor adaptiveMeans(const at::Tensor& x, const Sides& sides) {
    if constexpr (N == 1)
        return at::adaptive_avg_pool1d(x, sides);
    else if constexpr (N == 2)
        return at::adaptive_avg_pool2d(x, sides);
    else
        return at::adaptive_avg_pool3d(x, sides);
}

template <std::size_t N>
std::tuple<at::Tensor, at::Tensor> adaptiveMaxima(const at::Tensor& x, const Sides& sides) {
    if constexpr (N == 1)
        return at::adaptive_max_pool1d(x, sides);
    else if constexpr (N == 2)
        return at::adaptive_max_pool2d(x, sides);
    else
        return at::adaptive_max_pool3d(x, sides);
}

/// Calls `make(x, sides)` with the sides that come out of the ones that arrive: a shared module
/// may see several sizes.
template <std::size_t N, class Make>
auto toTarget(const LayerContext& c, Make make) {
    return [make, params = c.settings.params(), specs = c.settings.specs()](const at::Tensor& x) {
        const Sides arriving = x.sizes().slice(x.dim() - static_cast<std::int64_t>(N)).vec();
        return make(x, targetSides(Settings(specs, params), arriving));
    };
}

void finishAdaptive(LayerKind& kind, std::size_t n, SlidingWindow::Action action) {
    kind.badge = [](const Settings& s) { return "to " + s.value("output_size").toText(); };
    kind.window = [n, action](const Settings&) {
        SlidingWindow window{std::vector<Window>(n), action};
        window.adaptive = true;
        return window;
    };
}

template <std::size_t N>
LayerKind adaptiveAvgPool() {
    const std::string id = sized("AdaptiveAvgPool", N);
    const std::string thing = spatialWords(N).thing;
    LayerKind kind;
    kind.info = {id,
                 "pooling",
                 "averages to a size that you choose",
                 "Divides the " + thing +
                     " into output_size windows, however large it is, and averages each. With 1 it "
                     "gives one number per channel, which lets a network take a " +
                     thing + " of any size.",
                 "torch.nn." + id,
                 {"global average", "mean", "gap"},
                 "y[i] = mean of x from ⌊i·L/M⌋ to ⌈(i+1)·L/M⌉, for a side of L that becomes M"};
    kind.params = {outputSize(N)};
    kind.infer = [](const LayerContext& c) { return inferAdaptive(c, N, 1); };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pure(toTarget<N>(c, adaptiveMeans<N>));
    };
    finishAdaptive(kind, N, SlidingWindow::Action::Mean);
    return kind;
}

template <std::size_t N>
LayerKind adaptiveMaxPool() {
    const std::string id = sized("AdaptiveMaxPool", N);
    const std::string thing = spatialWords(N).thing;
    LayerKind kind;
    kind.info = {id,
                 "pooling",
                 "keeps maxima, to a size that you choose",
                 "Divides the " + thing +
                     " into output_size windows, however large it is, and keeps the largest number "
                     "of each.",
                 "torch.nn." + id,
                 {"global maximum", "gmp"},
                 "y[i] = max of x from ⌊i·L/M⌋ to ⌈(i+1)·L/M⌉, for a side of L that becomes M"};
    kind.outputs = {{"output"}, {"indices", "Where in the " + thing + " each maximum was."}};
    kind.outputCount = [](const Settings& s) { return s.flag("return_indices") ? 2 : 1; };
    kind.params = {outputSize(N),
                   returnIndices("Gives the places of the maxima at a second output.")};
    kind.infer = [](const LayerContext& c) {
        return inferAdaptive(c, N, c.settings.flag("return_indices") ? 2 : 1);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::indexingLayer(c.settings.flag("return_indices"),
                                      toTarget<N>(c, adaptiveMaxima<N>));
    };
    finishAdaptive(kind, N, SlidingWindow::Action::Largest);
    return kind;
}

}  // namespace

std::vector<LayerKind> adaptivePoolingLayers() {
    return {adaptiveAvgPool<2>(), adaptiveAvgPool<1>(), adaptiveAvgPool<3>(),
            adaptiveMaxPool<2>(), adaptiveMaxPool<1>(), adaptiveMaxPool<3>()};
}

}  // namespace loom
