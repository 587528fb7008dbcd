#include "core/backend/building.h"
#include "core/base/sentence.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace loom {
namespace {

using namespace layers_detail;
using Sides = std::vector<std::int64_t>;

/// What a kind of padding puts into the places it adds.
struct Filling {
    const char* stem;  ///< "ReflectionPad"
    const char* mode;  ///< at::pad's word
    const char* summary;
    const char* details;
    const char* formula;
    std::vector<std::string> keywords;
    const char* since = "";            ///< the release of PyTorch that has it
    const char* sinceOtherSizes = "";  ///< where sequences and volumes came later than pictures
};

struct Ends {
    std::int64_t before = 0, after = 0;
};

/// What is added before and after each side, in the sides' own order. Python lists the last side
/// first.
std::vector<Ends> endsOf(const Settings& s, std::size_t n) {
    const Sides list = s.integers("padding", 2 * n);
    std::vector<Ends> ends(n);
    for (std::size_t i = 0; i < n; ++i) ends[n - 1 - i] = {list[2 * i], list[2 * i + 1]};
    return ends;
}

Value paddingValue(const std::vector<Ends>& ends) {
    Sides list;
    for (auto end = ends.rbegin(); end != ends.rend(); ++end) {
        list.push_back(end->before);
        list.push_back(end->after);
    }
    return sidesValue(list);
}

/// A crop must leave something of each side.
std::optional<Inference> requireRemains(const LayerContext& c, const std::vector<Ends>& ends,
                                        const Sides& sides) {
    for (std::size_t i = 0; i < sides.size(); ++i) {
        const std::int64_t cut =
            -std::min<std::int64_t>(ends[i].before, 0) - std::min<std::int64_t>(ends[i].after, 0);
        if (cut < sides[i]) continue;
        return refuse(c,
                      "cuts " + std::to_string(cut) + " off a " +
                          spatialWords(sides.size()).sides[i] + " of " + std::to_string(sides[i]) +
                          ", so that nothing is left.",
                      "A negative padding cuts off; take a smaller one.",
                      {setParamFix(c.node.id, "Set padding to 0", "padding", Value(0))}, 0);
    }
    return std::nullopt;
}

/// A reflection leaves the edge out, so it needs one number more than it adds.
std::optional<Inference> requireReflectable(const LayerContext& c, std::vector<Ends> ends,
                                            const Sides& sides) {
    const std::size_t n = sides.size();
    for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t most = std::max(ends[i].before, ends[i].after);
        if (most < sides[i]) continue;
        for (std::size_t k = 0; k < n; ++k) {
            ends[k].before = std::min(ends[k].before, sides[k] - 1);
            ends[k].after = std::min(ends[k].after, sides[k] - 1);
        }
        const Value value = paddingValue(ends);
        return refuse(
            c,
            "reflects " + std::to_string(most) + " numbers, but the " + spatialWords(n).sides[i] +
                " that arrives is " + std::to_string(sides[i]) + ", which leaves " +
                std::to_string(sides[i] - 1) + " beside the edge.",
            "Take a smaller padding, or replicate the edge instead.",
            {setParamFix(c.node.id, "Set padding to " + value.toText(), "padding", value)}, 0);
    }
    return std::nullopt;
}

/// The other end comes again, but not twice, and only what is left after a crop.
std::optional<Inference> requireEnoughToRepeat(const LayerContext& c, std::vector<Ends> ends,
                                               const Sides& sides) {
    const std::size_t n = sides.size();
    for (std::size_t i = 0; i < n; ++i) {
        const auto left = [&](std::size_t k) {
            return sides[k] + std::min<std::int64_t>(ends[k].before, 0) +
                   std::min<std::int64_t>(ends[k].after, 0);
        };
        const std::int64_t most = std::max(ends[i].before, ends[i].after), there = left(i);
        if (most <= there) continue;
        for (std::size_t k = 0; k < n; ++k) {
            const std::int64_t fits = left(k);
            ends[k].before = std::min(ends[k].before, fits);
            ends[k].after = std::min(ends[k].after, fits);
        }
        const Value value = paddingValue(ends);
        return refuse(
            c,
            sentence("repeats {most} numbers of the other end, but there are only "
                     "{there} along the {side}.",
                     {{"most", std::to_string(most)},
                      {"there", std::to_string(there)},
                      {"side", spatialWords(n).sides[i]}}),
            "Take a smaller padding, or replicate the edge instead.",
            {setParamFix(c.node.id, "Set padding to " + value.toText(), "padding", value)}, 0);
    }
    return std::nullopt;
}

/// at::pad; an older LibTorch goes round only what has channels.
at::Tensor padded(const at::Tensor& x, const Sides& ends, const std::string& mode,
                  c10::optional<double> value) {
    const bool bare =
        mode == "circular" && x.dim() < static_cast<std::int64_t>(ends.size() / 2) + 2;
    if (bare) return at::pad(x.unsqueeze(1), ends, mode, value).squeeze(1);
    return at::pad(x, ends, mode, value);
}

Inference inferPadding(const LayerContext& c, std::size_t n, const std::string& mode) {
    // Constants can be put around anything that has these sides.
    const bool anyRank = mode == "constant" && c.inputs[0].rank() >= n;
    if (!anyRank)
        if (auto problem = requireSides(c, n, Channels::Optional)) return *problem;
    const std::vector<Ends> ends = endsOf(c.settings, n);
    const Sides arriving = spatialSides(c.inputs[0], n);
    if (auto problem = requireRemains(c, ends, arriving)) return *problem;
    if (mode == "reflect")
        if (auto problem = requireReflectable(c, ends, arriving)) return *problem;
    if (mode == "circular")
        if (auto problem = requireEnoughToRepeat(c, ends, arriving)) return *problem;
    Sides sides;
    bool alike = allEqual(arriving);
    for (std::size_t i = 0; i < n; ++i) {
        sides.push_back(arriving[i] + ends[i].before + ends[i].after);
        alike = alike && ends[i].before == ends[0].before && ends[i].after == ends[0].after;
    }
    Inference inference;
    inference.outputs = {withSides(c.inputs[0], sides)};
    inference.formulas = sideFormulas(n, alike, [&](std::size_t i) {
        const auto add = [](std::int64_t number) {
            return (number < 0 ? " − " : " + ") + std::to_string(std::abs(number));
        };
        return std::to_string(arriving[i]) + add(ends[i].before) + add(ends[i].after) + " = " +
               std::to_string(sides[i]);
    });
    return inference;
}

LayerKind padding(const Filling& filling, std::size_t n) {
    const std::string id = sized(filling.stem, n), mode = filling.mode;
    const bool takesValue = std::string(filling.stem) == "ConstantPad";
    LayerKind kind;
    kind.info = {id,
                 "padding",
                 filling.summary,
                 filling.details,
                 "torch.nn." + id,
                 filling.keywords,
                 filling.formula,
                 n == 2 || !*filling.sinceOtherSizes ? filling.since : filling.sinceOtherSizes};
    static const char* const orders[] = {"left, right", "left, right, top, bottom",
                                         "left, right, top, bottom, front, back"};
    kind.params = {{.key = "padding",
                    .type = ParamType::Ints,
                    .hint = std::string("How much is added: ") + orders[n - 1] +
                            "; one number for all. A negative number cuts off.",
                    .required = true,
                    .arity = static_cast<int>(2 * n),
                    .suggestion = 1}};
    if (takesValue)
        kind.params.push_back({.key = "value",
                               .type = ParamType::Float,
                               .hint = "The number that is put in.",
                               .required = true,
                               .suggestion = 0.0});
    if (mode == "constant") kind.inputs = {{"input", {}, Elements::Any}};
    kind.badge = [takesValue](const Settings& s) {
        return s.value("padding").toText() + (takesValue ? ", " + s.value("value").toText() : "");
    };
    kind.infer = [n, mode](const LayerContext& c) { return inferPadding(c, n, mode); };
    kind.build = [n, mode](const LayerContext& c, const Inference&) {
        c10::optional<double> value;
        if (mode == "constant") value = c.settings.number("value");
        return backend::pure([mode, value, ends = c.settings.integers("padding", 2 * n)](
                                 const at::Tensor& x) { return padded(x, ends, mode, value); });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> paddingLayers() {
    const Filling zeros = {"ZeroPad",
                           "constant",
                           "puts zeros around what arrives",
                           "Makes what arrives larger without new content, so that windows reach "
                           "its edge more often.",
                           "y = x, with 0 beyond its edges",
                           {"zero padding", "border"},
                           "",
                           "2.1"};
    const Filling constant = {"ConstantPad",
                              "constant",
                              "puts one number around what arrives",
                              "Makes what arrives larger with a number of your choice beyond the "
                              "edges. A negative padding cuts off instead.",
                              "y = x, with value beyond its edges",
                              {"border", "crop"}};
    const Filling reflection = {
        "ReflectionPad",
        "reflect",
        "mirrors what arrives at its edges",
        "Continues beyond the edge with what lies before it, in reverse and without the edge "
        "itself. Leaves no dark frame as zeros do; used in style transfer.",
        "y[−i] = x[i], and the same at the other end",
        {"mirror", "border"}};
    const Filling replication = {"ReplicationPad",
                                 "replicate",
                                 "repeats the edge outwards",
                                 "Continues beyond the edge with the edge's own numbers.",
                                 "y[−i] = x[0], and the same at the other end",
                                 {"repeat", "clamp", "border", "edge"}};
    const Filling circle = {"CircularPad",
                            "circular",
                            "goes on at the other end",
                            "Continues beyond each edge with what lies at the opposite one, as if "
                            "what arrives closed to a ring: for angles, map sheets round the globe "
                            "and patterns that tile.",
                            "y[−i] = x[n − i], and the same at the other end",
                            {"wrap", "periodic", "ring", "border", "tile"},
                            "2.1"};
    std::vector<LayerKind> kinds;
    for (const Filling& filling : {zeros, constant, reflection, replication, circle})
        for (std::size_t n : kSpatialSizes) kinds.push_back(padding(filling, n));
    return kinds;
}

}  // namespace loom
