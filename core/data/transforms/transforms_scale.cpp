#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/sentence.h"
#include "core/data/transforms/scaling.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

constexpr std::int64_t kMaximumSide = 65'535;

/// Draws a size for a sample of these sides.
using DrawSize = std::function<WindowSize(const WindowSize& sides, TorchRandom& random)>;

class RandomScale : public Transform {
public:
    RandomScale(Scaling scaling, DrawSize draw)
        : m_scaling(std::move(scaling)), m_draw(std::move(draw)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const WindowSize size = m_draw(sidesOf(input), random);
        if (trace) *trace = sizeText(size);
        return m_scaling.apply(std::move(input), size);
    }

private:
    Scaling m_scaling;
    DrawSize m_draw;
};

/// Of sides and a factor as float32, truncated.
WindowSize scaledBy(const WindowSize& sides, float factor) {
    return {static_cast<std::int64_t>(static_cast<float>(sides.height) * factor),
            static_cast<std::int64_t>(static_cast<float>(sides.width) * factor)};
}

DrawSize drawJitter(const Settings& settings) {
    const std::vector<std::int64_t> target = settings.integers("target_size", 2);
    const std::vector<double> range = settings.numbers("scale_range");
    return [=](const WindowSize& sides, TorchRandom& random) {
        const float span = static_cast<float>(range.back() - range.front());
        const float drawn = random.uniform() * span;
        const float scale = static_cast<float>(range.front()) + drawn;
        // As torchvision divides: the width by the height.
        const double fit =
            std::min(static_cast<double>(target[1]) / static_cast<double>(sides.height),
                     static_cast<double>(target[0]) / static_cast<double>(sides.width));
        return scaledBy(sides, static_cast<float>(fit) * scale);
    };
}

DrawSize drawShortest(const Settings& settings) {
    const std::vector<std::int64_t> sizes = settings.integers("min_size");
    std::optional<std::int64_t> most;
    if (!settings.isNone("max_size")) most = settings.integer("max_size");
    return [=](const WindowSize& sides, TorchRandom& random) {
        const auto chosen =
            static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(sizes.size())));
        const auto [low, high] = std::minmax(sides.height, sides.width);
        double factor = static_cast<double>(sizes[chosen]) / static_cast<double>(low);
        if (most) factor = std::min(factor, static_cast<double>(*most) / static_cast<double>(high));
        return WindowSize{static_cast<std::int64_t>(static_cast<double>(sides.height) * factor),
                          static_cast<std::int64_t>(static_cast<double>(sides.width) * factor)};
    };
}

DrawSize drawShortSide(const Settings& settings) {
    const std::int64_t least = settings.integer("min_size"), most = settings.integer("max_size");
    return [=](const WindowSize& sides, TorchRandom& random) {
        const std::int64_t size = random.integer(least, most);
        const auto [low, high] = std::minmax(sides.height, sides.width);
        const auto longer =
            static_cast<std::int64_t>(static_cast<double>(size * high) / static_cast<double>(low));
        return sides.width <= sides.height ? WindowSize{longer, size} : WindowSize{size, longer};
    };
}

/// Whichever size is drawn: sides are not known beforehand.
Result<SampleSpec> inferScale(const std::string& name, const Settings& settings,
                              const SampleSpec& input) {
    if (input.isTensor)
        if (auto problem = tensorScaling(name, settings.text("interpolation"))) return *problem;
    return SampleSpec{input.isTensor, {input.dims[0], -1, -1}};
}

TransformKind scaleKind(KindInfo info, std::vector<ParamSpec> params,
                        DrawSize (*draw)(const Settings&)) {
    TransformKind kind;
    kind.info = std::move(info);
    const std::string name = kind.info.id;
    kind.info.family = "size";
    kind.info.python = "torchvision.transforms.v2." + name;
    kind.random = true;
    kind.takesTensor = true;
    kind.params = std::move(params);
    kind.params.push_back(interpolationParam("bilinear", false));
    kind.params.push_back(antialiasParam());
    kind.infer = [name](const Settings& settings, const SampleSpec& input) {
        return inferScale(name, settings, input);
    };
    kind.make = [=](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomScale>(scalingOf(name, settings), draw(settings));
    };
    kind.makeForBytes = [=](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomScale>(scalingOf(name, settings, true), draw(settings));
    };
    return kind;
}

ParamSpec sideParam(const char* key, const char* hint, Value suggestion) {
    return {.key = key,
            .type = ParamType::Int,
            .hint = hint,
            .required = true,
            .minimum = 1,
            .maximum = kMaximumSide,
            .unit = "pixels",
            .suggestion = std::move(suggestion)};
}

/// A canvas of random size with the picture at a random place of it.
class RandomZoomOut : public Transform {
public:
    explicit RandomZoomOut(const Settings& settings)
        : m_fill(fillOf(settings)),
          m_range(settings.numbers("side_range")),
          m_p(settings.number("p")) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        if (!happens(m_p, random)) {
            if (trace) *trace = "not applied";
            return input;
        }
        if (auto problem = fillProblem("RandomZoomOut", m_fill, channelsOf(input))) return *problem;
        const WindowSize sides = sidesOf(input);
        const float drawn = random.uniform() * static_cast<float>(m_range.back() - m_range.front());
        const WindowSize canvas = scaledBy(sides, static_cast<float>(m_range.front()) + drawn);
        const auto part = [&](std::int64_t spare) {
            return static_cast<std::int64_t>(static_cast<float>(spare) * random.uniform());
        };
        Padding padding;
        padding.left = part(canvas.width - sides.width);
        padding.top = part(canvas.height - sides.height);
        padding.right = canvas.width - padding.left - sides.width;
        padding.bottom = canvas.height - padding.top - sides.height;
        padding.fill = m_fill.colour;
        if (auto problem = scalingProblem("RandomZoomOut", sides, canvas)) return *problem;
        if (trace) *trace = sizeText(canvas);
        return padded(input, padding);
    }

private:
    Fill m_fill;
    std::vector<double> m_range;
    double m_p;
};

}  // namespace

TransformKind scaleJitterKind() {
    TransformKind kind = scaleKind(
        {.id = "ScaleJitter",
         .summary = "scales the picture by a random factor",
         .details = "The picture is fitted into target_size, and then made larger or smaller by a "
                    "random factor. Sizes differ from picture to picture, so a crop must follow.",
         .keywords = {"v2", "scale", "zoom", "augment", "detector"},
         .since = "0.15"},
        {{.key = "target_size",
          .type = ParamType::Ints,
          .hint = "Height and width that the picture is fitted into.",
          .required = true,
          .arity = 2,
          .minimum = 1,
          .maximum = kMaximumSide,
          .unit = "pixels",
          .suggestion = List{224, 224}},
         {.key = "scale_range",
          .type = ParamType::Floats,
          .defaultValue = List{0.1, 2.0},
          .hint = "The least and the most factor.",
          .arity = 2,
          .minimum = 0,
          .minimumExcluded = true}},
        drawJitter);
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (auto problem = rangeProblem("ScaleJitter", settings, "scale_range")) return *problem;
        return inferScale("ScaleJitter", settings, input);
    };
    return kind;
}

TransformKind randomShortestSizeKind() {
    return scaleKind(
        {.id = "RandomShortestSize",
         .summary = "scales the short side to one of several lengths",
         .details = "One of the lengths in min_size is drawn for the short side, and the long side "
                    "follows, up to max_size. Sizes differ from picture to picture, so a crop must "
                    "follow.",
         .keywords = {"v2", "scale", "size", "augment", "detector"},
         .since = "0.15"},
        {{.key = "min_size",
          .type = ParamType::Ints,
          .hint = "The lengths of the short side to draw from: one number, or several.",
          .required = true,
          .arity = 0,
          .minimum = 1,
          .maximum = kMaximumSide,
          .unit = "pixels",
          .suggestion = List{224, 256}},
         {.key = "max_size",
          .type = ParamType::Int,
          .hint = "The most the long side may have.",
          .optional = true,
          .minimum = 1,
          .maximum = kMaximumSide,
          .unit = "pixels",
          .noneText = "no limit"}},
        drawShortest);
}

TransformKind randomResizeKind() {
    TransformKind kind = scaleKind(
        {.id = "RandomResize",
         .summary = "scales the short side to a random length",
         .details =
             "The short side gets a length from min_size up to one less than max_size, and the "
             "long side follows. Sizes differ from picture to picture, so a crop must follow.",
         .keywords = {"v2", "scale", "size", "augment"},
         .since = "0.15"},
        {sideParam("min_size", "The least length of the short side.", 224),
         sideParam("max_size", "One more than the most length of the short side.", 256)},
        drawShortSide);
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (settings.integer("min_size") >= settings.integer("max_size"))
            return Error{"RandomResize's max_size must be greater than its min_size.",
                         "Lengths are drawn from min_size up to one less than max_size."};
        return inferScale("RandomResize", settings, input);
    };
    return kind;
}

TransformKind randomZoomOutKind() {
    TransformKind kind;
    kind.info = {.id = "RandomZoomOut",
                 .family = "size",
                 .summary = "puts the picture on a larger canvas now and then",
                 .details =
                     "The picture keeps its pixels and gets a wide border, so that what it "
                     "shows becomes small. Sizes differ from picture to picture, so a Resize "
                     "must follow.",
                 .python = "torchvision.transforms.v2.RandomZoomOut",
                 .keywords = {"v2", "pad", "border", "small", "augment", "SSD"},
                 .since = "0.15"};
    kind.random = true;
    kind.takesTensor = true;
    kind.params = {fillParam("The colour of the canvas, 0 (black) to 255: one number, or one per "
                             "channel; for a tensor a number as it is after ToTensor."),
                   {.key = "side_range",
                    .type = ParamType::Floats,
                    .defaultValue = List{1.0, 4.0},
                    .hint = "How much larger the canvas is than the picture, the least and the "
                            "most.",
                    .arity = 2,
                    .minimum = 1},
                   chanceParam()};
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (auto problem = rangeProblem("RandomZoomOut", settings, "side_range")) return *problem;
        if (auto problem = fillProblem("RandomZoomOut", fillOf(settings), input.dims[0]))
            return *problem;
        return SampleSpec{input.isTensor, {input.dims[0], -1, -1}};
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomZoomOut>(settings);
    };
    kind.makeForBytes = kind.make;
    kind.badge = chanceBadge;
    return kind;
}

}  // namespace loom
