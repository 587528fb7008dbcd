#include "core/backend/building.h"
#include "core/backend/failures.h"
#include "core/base/saturating.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <algorithm>

namespace loom {
namespace {

using namespace layers_detail;
using Sides = std::vector<std::int64_t>;

/// The sides without output_size: what a pool with these settings makes this of, at the least.
Sides smallestSides(const std::vector<Window>& windows, const Sides& arriving) {
    Sides sides;
    for (std::size_t i = 0; i < arriving.size(); ++i)
        sides.push_back(plus(times(arriving[i] - 1, windows[i].stride),
                             windows[i].kernel - 2 * windows[i].padding));
    return sides;
}

Sides unpooledSides(const Settings& s, const std::vector<Window>& windows, const Sides& arriving) {
    return s.isNone("output_size") ? smallestSides(windows, arriving)
                                   : s.integers("output_size", arriving.size());
}

/// The shape that the pool which gave the indices was fed with; null when that is not known.
const Shape* pooledShape(const LayerContext& c) {
    const Edge* wire = c.graph.edgeInto({c.node.id, 1});
    const Node* pool = wire ? c.graph.find(wire->from.node) : nullptr;
    const LayerKind* kind = pool ? layers().find(pool->kind) : nullptr;
    const std::size_t port = wire ? static_cast<std::size_t>(wire->from.port) : 0;
    if (!kind || port >= kind->outputs.size() || kind->outputs[port].name != "indices")
        return nullptr;
    const Edge* fed = c.graph.edgeInto({pool->id, 0});
    return fed && c.shapeAt ? c.shapeAt(fed->from) : nullptr;
}

/// Places are counted through the picture that was pooled, so the output should be as large.
void comparePooled(const LayerContext& c, const std::vector<Window>& windows, const Sides& smallest,
                   const Sides& sides, Inference& inference) {
    const std::size_t n = sides.size();
    const Shape* pooled = pooledShape(c);
    if (!pooled || pooled->rank() < n) return;
    const Sides before = spatialSides(*pooled, n);
    if (before == sides) return;
    bool within = true;
    for (std::size_t i = 0; i < n; ++i)
        within = within && std::abs(before[i] - smallest[i]) < windows[i].stride;
    std::vector<Fix> fixes;
    if (within)
        fixes.push_back(setParamFix(c.node.id, "Set output_size to " + sidesValue(before).toText(),
                                    "output_size", sidesValue(before)));
    const std::string message = "gives " + sizeText(sides) +
                                ", but its indices count places in the " + sizeText(before) +
                                " that were pooled.";
    const std::string hint = within
                                 ? "Several sizes are pooled to the same; output_size says which."
                                 : "Take the kernel_size, stride and padding of that pool.";
    if (product(before) > product(sides))
        inference = refuse(c, message, hint, std::move(fixes), 1);
    else
        inference.remarks.push_back(remark(c, Severity::Warning, message, hint, std::move(fixes)));
}

Inference inferUnpool(const LayerContext& c, std::size_t n) {
    if (auto problem = requireSides(c, n, Channels::Optional)) return *problem;
    if (auto problem = requireEverySide(c, {"stride", "output_size"})) return *problem;
    if (c.inputs[1].dims != c.inputs[0].dims) {
        return refuse(c,
                      "receives " + c.inputs[0].toSentence() + " numbers and " +
                          c.inputs[1].toSentence() + " indices, but every number needs its place.",
                      "Take the indices of the pool whose output has this size.", {}, 1);
    }
    const std::vector<Window> windows = windowsOf(c.settings, n);
    const Sides arriving = spatialSides(c.inputs[0], n);
    const Sides smallest = smallestSides(windows, arriving);
    const Sides sides = unpooledSides(c.settings, windows, arriving);
    for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t low = std::max<std::int64_t>(1, smallest[i] - windows[i].stride + 1),
                           high = smallest[i] + windows[i].stride - 1;
        if (sides[i] >= low && sides[i] <= high) continue;
        if (c.settings.isNone("output_size"))
            return refuse(c,
                          "takes more off by its padding than there is: " + sizeText(arriving) +
                              " would become " + sizeText(smallest) + ".",
                          "Take the padding of the pool that gave the indices.",
                          {setParamFix(c.node.id, "Set padding to 0", "padding", std::nullopt)}, 0);
        return refuse(
            c,
            "is to give an output_size of " + sizeText(sides) + ", but with this stride and " +
                sizeText(arriving) + " arriving its " + spatialWords(n).sides[i] + " can be " +
                (low > high ? "none at all" : std::to_string(low) + " to " + std::to_string(high)) +
                ".",
            "Leave output_size out, or take the size that was pooled.",
            {setParamFix(c.node.id, "Leave output_size out", "output_size", std::nullopt)});
    }
    Inference inference;
    inference.outputs = {withSides(c.inputs[0], sides)};
    if (c.settings.isNone("output_size"))
        inference.formulas =
            sideFormulas(n, allEqual(arriving) && allEqual(sides), [&](std::size_t i) {
                const auto t = [](std::int64_t number) { return std::to_string(number); };
                return "(" + t(arriving[i]) + "−1)·" + t(windows[i].stride) + " − 2·" +
                       t(windows[i].padding) + " + " + t(windows[i].kernel) + " = " + t(sides[i]);
            });
    comparePooled(c, windows, smallest, sides, inference);
    return inference;
}

/// Indices may come from anywhere; what does not lie in the output must be said in our words.
void requirePlaces(const at::Tensor& indices, const Sides& sides) {
    if (indices.numel() == 0) return;
    const auto [smallest, largest] = at::aminmax(indices);
    const std::int64_t first = smallest.item<std::int64_t>(), last = largest.item<std::int64_t>();
    if (first >= 0 && last < product(sides)) return;
    throw backend::Refusal("its indices name place " + std::to_string(first < 0 ? first : last) +
                               ", but its output of " + sizeText(sides) + " has places 0 to " +
                               std::to_string(product(sides) - 1),
                           "Take the indices of the pool that it undoes.");
}

template <std::size_t N>
at::Tensor unpool(const at::Tensor& x, const at::Tensor& indices, Sides sides, const Sides& step,
                  const Sides& padding) {
    if constexpr (N == 1) {
        sides.push_back(1);
        return at::max_unpool2d(x.unsqueeze(-1), indices.unsqueeze(-1), sides).squeeze(-1);
    } else if constexpr (N == 2) {
        return at::max_unpool2d(x, indices, sides);
    } else {
        return at::max_unpool3d(x, indices, sides, step, padding);
    }
}

template <std::size_t N>
LayerKind maxUnpool() {
    const std::string id = sized("MaxUnpool", N);
    LayerKind kind;
    kind.info = {id,
                 "pooling",
                 "puts maxima back where they came from",
                 "The way back of MaxPool" + std::to_string(N) +
                     "d: every number returns to the place that the pool's indices name, and all "
                     "others are zero. Switch return_indices on at the pool and draw a wire from "
                     "its second output.",
                 "torch.nn." + id,
                 {"unpooling", "upsample", "decoder", "segnet"},
                 "y[indices[i]] = x[i], and 0 elsewhere"};
    kind.inputs = {
        {"input"},
        {"indices", "Where each number belongs: the second output of a pool.", Elements::Whole}};
    ParamSpec kernel = sidesSpec("kernel_size", N, " of the pool's window");
    kernel.required = true;
    kernel.suggestion = 2;
    ParamSpec size = sidesSpec("output_size", N,
                               N == 1 ? " that comes out, where stride leaves several open"
                                      : " that come out, where stride leaves several open");
    size.optional = true;
    size.noneText = "the smallest";
    kind.params = {kernel, poolStride(N),
                   perSide("padding", N, "The padding that the pool had.", 0, 0), size};
    kind.badge = [](const Settings& s) {
        return windowBadge(s, N) +
               (s.isNone("output_size") ? "" : ", to " + s.value("output_size").toText());
    };
    kind.infer = [](const LayerContext& c) { return inferUnpool(c, N); };
    kind.build = [](const LayerContext& c, const Inference&) {
        const Settings& s = c.settings;
        const Sides step =
            s.isNone("stride") ? s.integers("kernel_size", N) : s.integers("stride", N);
        return backend::pureOfAll([step, padding = s.integers("padding", N), params = s.params(),
                                   specs = s.specs()](const std::vector<at::Tensor>& in) {
            const Settings settings(specs, params);
            const Sides arriving =
                in[0].sizes().slice(in[0].dim() - static_cast<std::int64_t>(N)).vec();
            const Sides sides = unpooledSides(settings, windowsOf(settings, N), arriving);
            requirePlaces(in[1], sides);
            return std::vector<at::Tensor>{unpool<N>(in[0], in[1], sides, step, padding)};
        });
    };
    // output_size belongs to the call, not to the module.
    kind.pythonExpression = [id](const Settings& s, const std::vector<std::string>& in) {
        Params params = s.params();
        params.erase("output_size");
        std::string call = pythonCall("nn." + id, s.specs(), params);
        call += "(" + in[0] + ", " + in[1];
        if (!s.isNone("output_size")) {
            List list;
            for (std::int64_t side : s.integers("output_size", N)) list.emplace_back(side);
            call += ", output_size=" + Value(list).toPython();
        }
        return call + ")";
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> unpoolingLayers() {
    return {maxUnpool<2>(), maxUnpool<1>(), maxUnpool<3>()};
}

}  // namespace loom
