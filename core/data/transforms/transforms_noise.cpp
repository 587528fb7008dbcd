#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/data/transforms/colour_kinds.h"
#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/torch_math.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

using Order = std::vector<std::int64_t>;

/// Channel `order[c]` of what was there becomes channel c.
SampleInput reordered(SampleInput input, const Order& order) {
    if (auto* picture = std::get_if<Picture>(&input)) {
        const std::size_t channels = order.size();
        const std::vector<std::uint8_t> before = picture->pixels;
        for (std::size_t i = 0; i < before.size(); ++i)
            picture->pixels[i] =
                before[i - i % channels + static_cast<std::size_t>(order[i % channels])];
        return input;
    }
    auto& tensor = std::get<TensorSample>(input);
    const std::size_t plane = tensor.values.size() / order.size();
    const std::vector<float> before = tensor.values;
    for (std::size_t c = 0; c < order.size(); ++c)
        std::copy_n(before.begin() +
                        static_cast<std::ptrdiff_t>(static_cast<std::size_t>(order[c]) * plane),
                    plane, tensor.values.begin() + static_cast<std::ptrdiff_t>(c * plane));
    return input;
}

std::string orderText(const Order& order) {
    std::string text = "channels";
    for (const std::int64_t channel : order) text += " " + std::to_string(channel);
    return text;
}

class RandomChannelPermutation : public Transform {
public:
    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const Order order = random.permutation(channelsOf(input));
        if (trace) *trace = orderText(order);
        return reordered(std::move(input), order);
    }
};

/// The qualities in the order in which they are drawn.
constexpr std::array kQualities = {"brightness", "contrast", "saturation", "hue"};

class RandomPhotometricDistort : public Transform {
public:
    explicit RandomPhotometricDistort(const Settings& settings) : m_p(settings.number("p")) {
        for (std::size_t i = 0; i < kQualities.size(); ++i) {
            const std::vector<double> range = settings.numbers(kQualities[i]);
            m_ranges[i] = {range.front(), range.back()};
        }
    }

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        auto& picture = std::get<Picture>(input);
        std::array<std::optional<double>, kQualities.size()> factors;
        for (std::size_t i = 0; i < factors.size(); ++i) {
            if (!happens(m_p, random)) continue;
            factors[i] = random.uniform(m_ranges[i][0], m_ranges[i][1]);
            if (trace)
                *trace += (trace->empty() ? "" : ", ") + std::string(kQualities[i]) + " " +
                          drawnNumber(*factors[i]);
        }
        const auto& [brightness, contrast, saturation, hue] = factors;
        const bool contrastFirst = random.uniform() < 0.5f;
        std::optional<Order> order;
        if (happens(m_p, random)) order = random.permutation(picture.channels);
        if (brightness) adjustBrightness(picture, *brightness);
        if (contrast && contrastFirst) adjustContrast(picture, *contrast);
        if (saturation) adjustSaturation(picture, *saturation);
        if (hue) adjustHue(picture, *hue);
        if (contrast && !contrastFirst) adjustContrast(picture, *contrast);
        if (!order) return input;
        if (trace) *trace += (trace->empty() ? "" : ", ") + orderText(*order);
        return reordered(std::move(input), *order);
    }

private:
    std::array<std::array<double, 2>, kQualities.size()> m_ranges{};
    double m_p;
};

class GaussianNoise : public Transform {
public:
    explicit GaussianNoise(const Settings& settings)
        : m_mean(static_cast<float>(settings.number("mean"))),
          m_sigma(static_cast<float>(settings.number("sigma"))),
          m_clip(settings.flag("clip")) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        auto& values = std::get<TensorSample>(input).values;
        const std::vector<float> noise =
            torchNormals(static_cast<std::int64_t>(values.size()), random);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float scaled = noise[i] * m_sigma;
            values[i] += m_mean + scaled;
            if (m_clip) values[i] = std::min(std::max(values[i], 0.0f), 1.0f);
        }
        if (trace) *trace = "every number of its own";
        return input;
    }

private:
    float m_mean;
    float m_sigma;
    bool m_clip;
};

ParamSpec rangeParam(const char* key, double low, double high, const char* hint) {
    return {.key = key,
            .type = ParamType::Floats,
            .defaultValue = List{low, high},
            .hint = hint,
            .arity = 2,
            .minimum = key == std::string("hue") ? -0.5 : 0.0,
            .maximum = key == std::string("hue") ? 0.5 : 1000.0};
}

}  // namespace

TransformKind randomChannelPermutationKind() {
    TransformKind kind;
    kind.info = {.id = "RandomChannelPermutation",
                 .family = "colour",
                 .summary = "exchanges red, green and blue at random",
                 .details =
                     "The three channels come in a random order, so that a network does not "
                     "rely on colours. A grey picture stays as it is.",
                 .python = "torchvision.transforms.v2.RandomChannelPermutation",
                 .keywords = {"v2", "colour", "channels", "shuffle", "augment"},
                 .since = "0.17"};
    kind.random = true;
    kind.takesTensor = true;
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        return input;
    };
    kind.make = [](const Settings&) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomChannelPermutation>();
    };
    kind.makeForBytes = kind.make;
    return kind;
}

TransformKind randomPhotometricDistortKind() {
    TransformKind kind;
    kind.info = {
        .id = "RandomPhotometricDistort",
        .family = "colour",
        .summary = "changes light and colours at random, as for training detectors",
        .details =
            "Brightness, contrast, saturation, hue and the order of the channels are each changed "
            "in some of the pictures only; ColorJitter changes all of its four in every one.",
        .python = "torchvision.transforms.v2.RandomPhotometricDistort",
        .keywords = {"v2", "colour", "light", "SSD", "contrast", "hue", "augment"},
        .since = "0.15"};
    kind.random = true;
    kind.params = {rangeParam("brightness", 0.875, 1.125, "The least and the most factor."),
                   rangeParam("contrast", 0.5, 1.5, "The least and the most factor."),
                   rangeParam("saturation", 0.5, 1.5, "The least and the most factor."),
                   rangeParam("hue", -0.05, 0.05,
                              "By how much of their circle colours turn, the least and the most."),
                   chanceParam(0.5, "How often each of the five is changed: 0 never, 1 always.")};
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        for (const char* key : kQualities)
            if (auto problem = rangeProblem("RandomPhotometricDistort", settings, key))
                return *problem;
        return input;
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomPhotometricDistort>(settings);
    };
    kind.badge = chanceBadge;
    return kind;
}

TransformKind gaussianNoiseKind() {
    TransformKind kind;
    kind.info = {.id = "GaussianNoise",
                 .family = "tensor",
                 .summary = "adds noise to every number",
                 .details =
                     "Every number gets a random one added, small ones more often than large "
                     "ones, as a camera does in poor light. It works on numbers from 0 to 1, so "
                     "it comes after ToTensor and before Normalize.",
                 .python = "torchvision.transforms.v2.GaussianNoise",
                 .keywords = {"v2", "noise", "grain", "normal", "augment"},
                 .formula = "y = clip(x + mean + sigma · n), n drawn from the normal distribution",
                 .since = "0.20"};
    kind.random = true;
    kind.takesPicture = false;
    kind.takesTensor = true;
    kind.params = {{.key = "mean",
                    .type = ParamType::Float,
                    .defaultValue = 0.0,
                    .hint = "The mean of the noise: above 0 it makes everything lighter."},
                   {.key = "sigma",
                    .type = ParamType::Float,
                    .defaultValue = 0.1,
                    .hint = "How strong the noise is: its standard deviation.",
                    .minimum = 0},
                   {.key = "clip",
                    .type = ParamType::Bool,
                    .defaultValue = true,
                    .hint = "Keep numbers from 0 to 1."}};
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        return input;
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<GaussianNoise>(settings);
    };
    kind.badge = [](const Settings& settings) {
        return "σ " + formatFloat(settings.number("sigma"), false);
    };
    return kind;
}

}  // namespace loom
