#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loom {
namespace {

using namespace layers_detail;
using Sides = std::vector<std::int64_t>;
using MaybeSides = at::OptionalIntArrayRef;
using MaybeScales = c10::optional<at::ArrayRef<double>>;

/// A way to find numbers between those that arrive. For each number of spatial sides the function
/// of LibTorch; null where PyTorch has none.
struct Mode {
    const char* name;
    bool corners;  ///< takes align_corners
    bool bySize;   ///< always from a size, never from a factor
    std::array<at::Tensor (*)(const at::Tensor&, MaybeSides, bool, MaybeScales), 3> forward;
};

#define LOOM_PLAIN(function)                                             \
    [](const at::Tensor& x, MaybeSides size, bool, MaybeScales scales) { \
        return at::function(x, size, scales);                            \
    }
#define LOOM_CORNERS(function)                                                   \
    [](const at::Tensor& x, MaybeSides size, bool corners, MaybeScales scales) { \
        return at::function(x, size, corners, scales);                           \
    }
#define LOOM_AREA(function) \
    [](const at::Tensor& x, MaybeSides size, bool, MaybeScales) { return at::function(x, *size); }

const std::array<Mode, 7>& modes() {
    static const std::array<Mode, 7> all = {{
        {"nearest",
         false,
         false,
         {LOOM_PLAIN(upsample_nearest1d), LOOM_PLAIN(upsample_nearest2d),
          LOOM_PLAIN(upsample_nearest3d)}},
        {"linear", true, false, {LOOM_CORNERS(upsample_linear1d), nullptr, nullptr}},
        {"bilinear", true, false, {nullptr, LOOM_CORNERS(upsample_bilinear2d), nullptr}},
        {"bicubic", true, false, {nullptr, LOOM_CORNERS(upsample_bicubic2d), nullptr}},
        {"trilinear", true, false, {nullptr, nullptr, LOOM_CORNERS(upsample_trilinear3d)}},
        {"area",
         false,
         true,
         {LOOM_AREA(adaptive_avg_pool1d), LOOM_AREA(adaptive_avg_pool2d),
          LOOM_AREA(adaptive_avg_pool3d)}},
        {"nearest-exact",
         false,
         false,
         {LOOM_PLAIN(_upsample_nearest_exact1d), LOOM_PLAIN(_upsample_nearest_exact2d),
          LOOM_PLAIN(_upsample_nearest_exact3d)}},
    }};
    return all;
}

#undef LOOM_PLAIN
#undef LOOM_CORNERS
#undef LOOM_AREA

const Mode& modeOf(const std::string& name) {
    return *std::find_if(modes().begin(), modes().end(),
                         [&](const Mode& mode) { return name == mode.name; });
}

/// What the three kinds differ in.
struct Resampling {
    std::string mode;
    bool alignCorners = false;
    bool recompute = false;
};

Resampling resamplingOf(const Settings& s) {
    return {s.text("mode"), s.flag("align_corners"), s.flag("recompute_scale_factor")};
}

std::vector<double> factors(const Settings& s, std::size_t n) {
    std::vector<double> out = s.numbers("scale_factor");
    if (out.size() == 1) out.resize(n, out[0]);
    return out;
}

Sides resampledSides(const Settings& s, const Sides& arriving) {
    if (!s.isNone("size")) return s.integers("size", arriving.size());
    const std::vector<double> factor = factors(s, arriving.size());
    Sides sides;
    for (std::size_t i = 0; i < arriving.size(); ++i) {
        const double side = std::floor(static_cast<double>(arriving[i]) * factor[i]);
        // Beyond what a whole number of 64 bits holds a cast would give anything.
        sides.push_back(side < 9e18 ? static_cast<std::int64_t>(side) : kUncountable);
    }
    return sides;
}

/// Neither, both, or a list of another length than there are sides.
std::optional<Inference> requireOneSize(const LayerContext& c, std::size_t n) {
    if (auto problem = requireEverySide(c, {"size", "scale_factor"})) return problem;
    const Settings& s = c.settings;
    const bool size = !s.isNone("size"), factor = !s.isNone("scale_factor");
    if (size && factor) {
        return refuse(
            c, "has both a size and a scale_factor, but one of them says it all.",
            "Set one of them to None.",
            {setParamFix(c.node.id, "Leave scale_factor out", "scale_factor", std::nullopt),
             setParamFix(c.node.id, "Leave size out", "size", std::nullopt)});
    }
    if (!size && !factor) {
        return refuse(
            c, "has neither a size nor a scale_factor.",
            "Give one of them; a scale_factor of 2 makes it twice as large.",
            {setParamFix(c.node.id, "Set scale_factor to 2", "scale_factor", Value(2.0))});
    }
    const std::string key = size ? "size" : "scale_factor";
    const Value& value = s.value(key);
    if (!value.isList() || value.asList().size() == n) return std::nullopt;
    return refuse(c,
                  "has a " + key + " of " + std::to_string(value.asList().size()) +
                      " numbers, but a " + spatialWords(n).thing + " arrives, with " +
                      (n == 1 ? "one side." : std::to_string(n) + " sides."),
                  "Give one number for all sides, or one a side.",
                  value.asList().empty()
                      ? std::vector<Fix>()
                      : std::vector<Fix>{setParamFix(
                            c.node.id, "Set " + key + " to " + value.asList()[0].toText(), key,
                            value.asList()[0])});
}

Inference inferResampled(const LayerContext& c, std::size_t n) {
    if (auto problem = requireOneSize(c, n)) return *problem;
    const Sides arriving = spatialSides(c.inputs[0], n);
    const Sides sides = resampledSides(c.settings, arriving);
    if (*std::min_element(sides.begin(), sides.end()) < 1) {
        return refuse(
            c, "would leave nothing: " + sizeText(arriving) + " becomes " + sizeText(sides) + ".",
            "Take a larger scale_factor.",
            {setParamFix(c.node.id, "Set scale_factor to 2", "scale_factor", Value(2.0))}, 0);
    }
    Inference inference;
    inference.outputs = {withSides(c.inputs[0], sides)};
    if (c.settings.isNone("size")) {
        const auto factor = factors(c.settings, n);
        inference.formulas = sideFormulas(n, allEqual(arriving) && allEqual(sides), [&](auto i) {
            return "⌊" + std::to_string(arriving[i]) + "·" + formatFloat(factor[i], false) +
                   "⌋ = " + std::to_string(sides[i]);
        });
    }
    return inference;
}

/// Modes are made for so many sides.
std::optional<Inference> requireMode(const LayerContext& c, std::size_t n) {
    const Settings& s = c.settings;
    const std::string name = s.text("mode");
    const Mode& mode = modeOf(name);
    static const char* const linear[] = {"linear", "bilinear", "trilinear"};
    if (!mode.forward[n - 1]) {
        return refuse(c,
                      "resamples by " + name + ", which is not made for a " +
                          spatialWords(n).thing + ", " + c.inputs[0].toSentence() + ".",
                      std::string("Take ") + linear[n - 1] + ", or nearest.",
                      {setParamFix(c.node.id, std::string("Set mode to ") + linear[n - 1], "mode",
                                   Value(linear[n - 1])),
                       setParamFix(c.node.id, "Set mode to nearest", "mode", std::nullopt)},
                      0);
    }
    if (!mode.corners && !s.isNone("align_corners")) {
        return refuse(
            c, "sets align_corners, which has no meaning with mode " + name + ".",
            "Leave it out, or take a mode that computes in between, such as " +
                std::string(linear[n - 1]) + ".",
            {setParamFix(c.node.id, "Leave align_corners out", "align_corners", std::nullopt)});
    }
    if (s.flag("recompute_scale_factor") && !s.isNone("size")) {
        return refuse(c, "is to recompute a scale_factor, but it has a size instead of one.",
                      "Leave recompute_scale_factor out.",
                      {setParamFix(c.node.id, "Leave recompute_scale_factor out",
                                   "recompute_scale_factor", std::nullopt)});
    }
    return std::nullopt;
}

std::shared_ptr<backend::BuiltLayer> buildResampled(const LayerContext& c,
                                                    const Resampling& resampling) {
    return backend::pure([resampling, params = c.settings.params(),
                          specs = c.settings.specs()](const at::Tensor& x) {
        const Settings s(specs, params);
        const std::size_t n = static_cast<std::size_t>(x.dim()) - 2;
        const Mode& mode = modeOf(resampling.mode);
        const auto forward = mode.forward[n - 1];
        const Sides sides = resampledSides(s, x.sizes().slice(2).vec());
        const bool bySize = mode.bySize || resampling.recompute || !s.isNone("size");
        if (bySize)
            return forward(x, at::IntArrayRef(sides), resampling.alignCorners, c10::nullopt);
        const std::vector<double> factor = factors(s, n);
        return forward(x, c10::nullopt, resampling.alignCorners, at::ArrayRef<double>(factor));
    });
}

std::vector<ParamSpec> sizeSpecs(int arity) {
    return {{.key = "size",
             .type = ParamType::Ints,
             .hint = "The sides that come out; one number for all.",
             .optional = true,
             .arity = arity,
             .minimum = 1,
             .noneText = "by scale_factor"},
            {.key = "scale_factor",
             .type = ParamType::Floats,
             .hint = "How many times as long each side becomes; one number for all.",
             .optional = true,
             .arity = arity,
             .minimum = 0,
             .minimumExcluded = true,
             .noneText = "by size",
             .suggestion = 2.0}};
}

std::string sizeBadge(const Settings& s) {
    if (!s.isNone("size")) return "to " + s.value("size").toText();
    return s.isNone("scale_factor") ? "" : "×" + s.value("scale_factor").toText();
}

LayerKind upsample() {
    LayerKind kind;
    kind.info = {"Upsample",
                 "vision",
                 "makes a picture larger, or smaller, without learning",
                 "Fills the new places with the nearest number or with what lies between "
                 "neighbours. Followed by a convolution it is the calm way to grow a picture; a "
                 "ConvTranspose2d learns how to grow, and can leave a chequered pattern. Takes "
                 "sequences, pictures and volumes.",
                 "torch.nn.Upsample",
                 {"resize", "interpolate", "scale", "zoom", "decoder"},
                 "y[i] = x at place (i + ½)/scale_factor − ½, by mode"};
    kind.params = sizeSpecs(0);
    ParamSpec mode = {.key = "mode",
                      .type = ParamType::Choice,
                      .defaultValue = "nearest",
                      .hint =
                          "nearest repeats numbers; linear is for sequences, bilinear and "
                          "bicubic for pictures, trilinear for volumes; area averages."};
    for (const Mode& known : modes()) mode.choices.push_back(known.name);
    kind.params.push_back(mode);
    kind.params.push_back({.key = "align_corners",
                           .type = ParamType::Bool,
                           .hint = "Puts the corner points of both pictures on each other, instead "
                                   "of their edges. For the linear modes and bicubic.",
                           .optional = true,
                           .noneText = "as PyTorch, off"});
    kind.params.push_back({.key = "recompute_scale_factor",
                           .type = ParamType::Bool,
                           .hint = "Computes with the factor between the whole sizes, instead of "
                                   "with scale_factor as given.",
                           .optional = true,
                           .noneText = "as PyTorch, off"});
    kind.badge = [](const Settings& s) { return sizeBadge(s) + ", " + s.text("mode"); };
    kind.infer = [](const LayerContext& c) -> Inference {
        const std::size_t rank = c.inputs[0].rank();
        if (rank < 2 || rank > 4) {
            return refuse(c,
                          "receives " + describe(c.inputs[0]) +
                              ", but Upsample takes sequences, C × L, pictures, C × H × W, and "
                              "volumes, C × D × H × W.",
                          rank == 1 ? "Put it before the block that flattens the picture."
                                    : "Bring it into one of these forms first.",
                          {}, 0);
        }
        if (auto problem = requireMode(c, rank - 1)) return *problem;
        return inferResampled(c, rank - 1);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return buildResampled(c, resamplingOf(c.settings));
    };
    return kind;
}

LayerKind upsampling2d(const std::string& id, const std::string& summary,
                       const Resampling& resampling) {
    LayerKind kind;
    kind.info = {id,
                 "vision",
                 summary,
                 "The same as Upsample with mode " + resampling.mode +
                     (resampling.alignCorners ? " and align_corners" : "") +
                     "; PyTorch keeps it for older models.",
                 "torch.nn." + id,
                 {"resize", "interpolate", "scale"},
                 resampling.alignCorners ? "y[i] = x at place i·(L−1)/(M−1), for a side of L that "
                                           "becomes M"
                                         : "y[i] = x[⌊i/scale_factor⌋]"};
    kind.params = sizeSpecs(2);
    kind.badge = sizeBadge;
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requireSides(c, 2)) return *problem;
        return inferResampled(c, 2);
    };
    kind.build = [resampling](const LayerContext& c, const Inference&) {
        return buildResampled(c, resampling);
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> upsamplingLayers() {
    return {upsample(),
            upsampling2d("UpsamplingNearest2d", "makes a picture larger by repeating its numbers",
                         {"nearest", false, false}),
            upsampling2d("UpsamplingBilinear2d",
                         "makes a picture larger with what lies between its numbers",
                         {"bilinear", true, false})};
}

}  // namespace loom
