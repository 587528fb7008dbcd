#include <algorithm>
#include <array>
#include <optional>

#include "core/data/transforms/colour_kinds.h"
#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

/// One of the four qualities that ColorJitter changes.
struct Quality {
    const char* key;
    double centre;  ///< the factor that changes nothing
    double lowest;
    double highest;
    void (*adjust)(Picture&, double);
};

constexpr double kLargestFactor = 1000;

/// In the order in which torchvision draws and numbers them.
constexpr std::array<Quality, 4> kQualities = {{
    {"brightness", 1, 0, kLargestFactor, adjustBrightness},
    {"contrast", 1, 0, kLargestFactor, adjustContrast},
    {"saturation", 1, 0, kLargestFactor, adjustSaturation},
    {"hue", 0, -0.5, 0.5, adjustHue},
}};

struct Range {
    double low = 0;
    double high = 0;
};

/// What `key` says: a number as distance from the centre, or a range; the first must not be
/// negative, as checked by `inferJitter`.
Range rangeOf(const Quality& quality, const Settings& settings) {
    const std::vector<double> given = settings.numbers(quality.key);
    if (given.size() == 2) return {given[0], given[1]};
    const double distance = given.empty() ? 0 : given[0];
    const double low = quality.centre - distance;
    return {quality.centre == 0 ? low : std::max(low, 0.0), quality.centre + distance};
}

bool changesNothing(const Quality& quality, const Range& range) {
    return range.low == quality.centre && range.high == quality.centre;
}

class ColorJitter : public Transform {
public:
    explicit ColorJitter(const Settings& settings) {
        for (std::size_t i = 0; i < kQualities.size(); ++i)
            if (const Range range = rangeOf(kQualities[i], settings);
                !changesNothing(kQualities[i], range))
                m_ranges[i] = range;
    }

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        auto& picture = std::get<Picture>(input);
        const std::vector<std::int64_t> order = random.permutation(kQualities.size());
        std::array<double, kQualities.size()> factors{};
        for (std::size_t i = 0; i < factors.size(); ++i)
            if (m_ranges[i]) factors[i] = random.uniform(m_ranges[i]->low, m_ranges[i]->high);
        for (const std::int64_t place : order) {
            const auto i = static_cast<std::size_t>(place);
            if (!m_ranges[i]) continue;
            kQualities[i].adjust(picture, factors[i]);
            if (trace)
                *trace += (trace->empty() ? "" : ", ") + std::string(kQualities[i].key) + " " +
                          drawnNumber(factors[i]);
        }
        return input;
    }

private:
    std::array<std::optional<Range>, kQualities.size()> m_ranges;
};

std::optional<Error> rangeProblem(const Quality& quality, const Settings& settings) {
    const std::string name = "ColorJitter's " + std::string(quality.key);
    const std::string example = quality.centre == 0 ? "Write 0.1 for −0.1 to 0.1, or [-0.1, 0.1]."
                                                    : "Write 0.2 for 0.8 to 1.2, or [0.8, 1.2].";
    const std::vector<double> given = settings.numbers(quality.key);
    const std::string found = name + " is " + settings.value(quality.key).toPython();
    if (settings.value(quality.key).isList() && given.size() != 2)
        return Error{found + ", but it must be one number or a list of two.", example};
    if (given.size() == 1 && given[0] < 0)
        return Error{found + ", but a single number says how far to go and cannot be negative.",
                     example};
    const Range range = rangeOf(quality, settings);
    if (range.low < quality.lowest || range.high > quality.highest || range.low > range.high)
        return Error{found + ", but its factors must lie from " + drawnNumber(quality.lowest) +
                         " to " + drawnNumber(quality.highest) + ", the smaller one first.",
                     example};
    return std::nullopt;
}

ParamSpec qualityParam(const char* key, const std::string& hint) {
    return {.key = key, .type = ParamType::Floats, .defaultValue = 0, .hint = hint, .arity = 0};
}

}  // namespace

TransformKind colorJitterKind() {
    TransformKind kind;
    kind.info = {
        .id = "ColorJitter",
        .family = "colour",
        .summary = "changes brightness, contrast, saturation and hue a little at random",
        .details =
            "As if the picture had been taken in another light or by another camera: each of the "
            "four gets a factor of its own, and they follow each other in a random order. What is "
            "0 stays as it is. 0.2 to 0.4 is usual, for hue 0.1 at most, since a green cat is no "
            "cat any more. For training only.",
        .python = "torchvision.transforms.ColorJitter",
        .keywords = {"colour", "light", "brightness", "contrast", "saturation", "hue", "augment"},
        .formula =
            "brightness: y = f · x\n"
            "contrast: y = m + f · (x − m), m the mean brightness\n"
            "saturation: y = grey(x) + f · (x − grey(x))\n"
            "hue: turned by f of the circle of colours"};
    kind.random = true;
    kind.params = {
        qualityParam("brightness",
                     "0.2 draws a factor from 0.8 to 1.2, where 0 is black; or a "
                     "range, [0.8, 1.2]."),
        qualityParam("contrast",
                     "0.2 draws a factor from 0.8 to 1.2, where 0 is plain grey; or a "
                     "range, [0.8, 1.2]."),
        qualityParam("saturation",
                     "0.2 draws a factor from 0.8 to 1.2, where 0 has no colours; or "
                     "a range, [0.8, 1.2]."),
        qualityParam("hue",
                     "0.1 turns the colours by up to a tenth of their circle, 0.5 by up to "
                     "half of it; or a range, [-0.1, 0.1]."),
    };
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        for (const Quality& quality : kQualities)
            if (auto problem = rangeProblem(quality, settings)) return *problem;
        return input;
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<ColorJitter>(settings);
    };
    kind.badge = [](const Settings& settings) {
        std::string text;
        for (const Quality& quality : kQualities)
            if (!changesNothing(quality, rangeOf(quality, settings)))
                text += (text.empty() ? "" : ", ") + std::string(quality.key);
        return text;
    };
    return kind;
}

}  // namespace loom
