#include <cmath>

#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

class RandomRotation : public Transform {
public:
    explicit RandomRotation(const Settings& settings)
        : m_degrees(angleRanges(settings, "degrees")),
          m_interpolation(interpolationNamed(settings.text("interpolation"))),
          m_expand(settings.flag("expand")),
          m_centre(centreOf(settings)),
          m_fill(fillOf(settings)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const auto& picture = std::get<Picture>(input);
        if (auto problem = fillProblem("RandomRotation", m_fill, picture.channels)) return *problem;
        const double angle = static_cast<double>(random.uniform(m_degrees[0], m_degrees[1]));
        if (trace) *trace = "angle " + drawnText(angle) + "°";
        return SampleInput(
            rotated(picture, angle, m_interpolation, m_expand, m_centre, m_fill.colour));
    }

private:
    std::vector<double> m_degrees;
    Interpolation m_interpolation;
    bool m_expand;
    std::optional<std::array<double, 2>> m_centre;
    Fill m_fill;
};

Result<SampleSpec> inferRotation(const Settings& settings, const SampleSpec& input) {
    if (auto problem = anglesProblem("RandomRotation", settings, "degrees")) return *problem;
    if (auto problem = fillProblem("RandomRotation", fillOf(settings), input.dims[0]))
        return *problem;
    if (!settings.flag("expand")) return input;
    const std::vector<double> range = angleRanges(settings, "degrees");
    SampleSpec made{input.isTensor, {input.dims[0], -1, -1}};
    if (range[0] == range[1] && input.dims[1] > 0 && input.dims[2] > 0) {
        const double angle = static_cast<double>(static_cast<float>(range[0]));
        const auto sides = expandedSides(input.dims[2], input.dims[1], angle, centreOf(settings));
        made.dims = {input.dims[0], sides[1], sides[0]};
    }
    return made;
}

class RandomAffine : public Transform {
public:
    explicit RandomAffine(const Settings& settings)
        : m_degrees(angleRanges(settings, "degrees")),
          m_translate(settings.isNone("translate") ? std::vector<double>()
                                                   : settings.numbers("translate")),
          m_scale(settings.isNone("scale") ? std::vector<double>() : settings.numbers("scale")),
          m_shear(settings.isNone("shear") ? std::vector<double>()
                                           : angleRanges(settings, "shear")),
          m_interpolation(interpolationNamed(settings.text("interpolation"))),
          m_fill(fillOf(settings)),
          m_centre(centreOf(settings)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const auto& picture = std::get<Picture>(input);
        if (auto problem = fillProblem("RandomAffine", m_fill, picture.channels)) return *problem;
        const AffineMove move = draw(picture.width, picture.height, random);
        if (trace) *trace = told(move);
        return SampleInput(movedAffine(picture, move, m_interpolation, m_fill.colour, m_centre));
    }

private:
    AffineMove draw(double width, double height, TorchRandom& random) const {
        const auto between = [&](double least, double most) {
            return static_cast<double>(random.uniform(least, most));
        };
        AffineMove move;
        move.angle = between(m_degrees[0], m_degrees[1]);
        if (!m_translate.empty()) {
            const double x = m_translate[0] * width, y = m_translate[1] * height;
            move.translate[0] = std::nearbyint(between(-x, x));
            move.translate[1] = std::nearbyint(between(-y, y));
        }
        if (!m_scale.empty()) move.scale = between(m_scale[0], m_scale[1]);
        for (std::size_t axis = 0; 2 * axis < m_shear.size(); ++axis)
            move.shear[axis] = between(m_shear[2 * axis], m_shear[2 * axis + 1]);
        return move;
    }

    std::string told(const AffineMove& move) const {
        std::string text = "angle " + drawnText(move.angle) + "°";
        if (!m_translate.empty())
            text += ", moved " + drawnText(move.translate[0], 0) + " and " +
                    drawnText(move.translate[1], 0);
        if (!m_scale.empty()) text += ", scale " + drawnText(move.scale, 2);
        if (!m_shear.empty()) text += ", shear " + drawnText(move.shear[0]) + "°";
        if (m_shear.size() == 4) text += " and " + drawnText(move.shear[1]) + "°";
        return text;
    }

    std::vector<double> m_degrees;
    std::vector<double> m_translate;
    std::vector<double> m_scale;
    std::vector<double> m_shear;
    Interpolation m_interpolation;
    Fill m_fill;
    std::optional<std::array<double, 2>> m_centre;
};

Result<SampleSpec> inferAffine(const Settings& settings, const SampleSpec& input) {
    if (auto problem = anglesProblem("RandomAffine", settings, "degrees")) return *problem;
    if (!settings.isNone("translate") && settings.numbers("translate").size() != 2)
        return Error{"RandomAffine's translate must be two shares of the picture, for x and for y.",
                     "Write [0.1, 0.1] for a tenth in each direction."};
    if (!settings.isNone("scale"))
        if (auto problem = rangeProblem("RandomAffine", settings, "scale")) return *problem;
    if (!settings.isNone("shear"))
        if (auto problem = anglesProblem("RandomAffine", settings, "shear", true)) return *problem;
    if (auto problem = fillProblem("RandomAffine", fillOf(settings), input.dims[0]))
        return *problem;
    return input;
}

const char* const kFillHint =
    "The colour of what the picture does not cover, 0 (black) to 255: one number, or one per "
    "channel.";

}  // namespace

TransformKind randomRotationKind() {
    TransformKind kind;
    kind.info = {
        .id = "RandomRotation",
        .family = "geometry",
        .summary = "turns the picture by a random angle",
        .details =
            "A photographer rarely holds the camera quite straight, so a network "
            "that meets things a little tilted knows them better. Small angles, "
            "such as 15°, suit most pictures; any angle suits those without a "
            "top, such as cells under a microscope. The corners become black.",
        .python = "torchvision.transforms.RandomRotation",
        .keywords = {"turn", "tilt", "angle", "augment"},
        .formula = "y(p) = x(c + R⁻¹ · (p − c)), R the rotation by the drawn angle, c the centre"};
    kind.random = true;
    kind.params = {
        anglesParam("degrees",
                    "The most it turns either way, or the least and the most: "
                    "counter-clockwise is positive."),
        interpolationParam("nearest", true),
        {.key = "expand",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint = "Make the picture larger so that no corner is cut off. Sizes then differ from "
                 "picture to picture, so a Resize must follow."},
        centreParam(),
        fillParam(kFillHint)};
    kind.infer = inferRotation;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomRotation>(settings);
    };
    kind.badge = [](const Settings& settings) {
        const bool one = settings.value("degrees").isNumber();
        return (one ? "±" : "") + settings.value("degrees").toText() + "°";
    };
    kind.info.changes.push_back(fillChange());
    return kind;
}

TransformKind randomAffineKind() {
    TransformKind kind;
    kind.info = {
        .id = "RandomAffine",
        .family = "geometry",
        .summary = "turns, moves, scales and shears at random",
        .details =
            "All in one step, so that the picture is computed only once: a random angle, "
            "then a shift, a size and a slant, each where it is switched on. For "
            "hand-written digits, 10° with a tenth of shift and 10° of shear is a good "
            "start. What the picture leaves free becomes black.",
        .python = "torchvision.transforms.RandomAffine",
        .keywords = {"turn", "shift", "translate", "zoom", "shear", "slant", "augment"},
        .formula = "y(p) = x(M⁻¹ · p), M = move · centre · rotation · shear · scale · centre⁻¹"};
    kind.random = true;
    kind.params = {
        anglesParam("degrees",
                    "The most it turns either way, or the least and the most; 0 for "
                    "none. Clockwise is positive."),
        {.key = "translate",
         .type = ParamType::Floats,
         .hint = "The most it moves, as a share of width and height: [0.1, 0.1] is a tenth.",
         .optional = true,
         .arity = 2,
         .minimum = 0,
         .maximum = 1,
         .noneText = "none"},
        {.key = "scale",
         .type = ParamType::Floats,
         .hint = "The least and the most factor of the size: [0.9, 1.1].",
         .optional = true,
         .arity = 2,
         .minimum = 0,
         .minimumExcluded = true,
         .noneText = "none"},
        anglesParam("shear",
                    "The slant: one number for x, two for its least and most, four for x "
                    "and y."),
        interpolationParam("nearest", true),
        fillParam(kFillHint),
        centreParam()};
    kind.infer = inferAffine;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomAffine>(settings);
    };
    kind.badge = [](const Settings& settings) {
        const bool one = settings.value("degrees").isNumber();
        return (one ? "±" : "") + settings.value("degrees").toText() + "°";
    };
    kind.info.changes.push_back(fillChange());
    kind.info.changes.push_back(v2Change("Single pixels between pixels differ by rounding."));
    return kind;
}

}  // namespace loom
