#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/sentence.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

const std::array<float, 256> kUnit = [] {
    std::array<float, 256> values{};
    // Divided, as torchvision does: times 1/255 differs for 126 of the 256.
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 255.0f;
    return values;
}();

class ToTensor : public Transform {
public:
    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        const auto& picture = std::get<Picture>(input);
        const auto channels = static_cast<std::size_t>(picture.channels);
        const std::size_t plane =
            static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
        TensorSample tensor{{picture.channels, picture.height, picture.width}, {}};
        tensor.values.resize(plane * channels);
        for (std::size_t channel = 0; channel < channels; ++channel) {
            const std::uint8_t* in = picture.pixels.data() + channel;
            float* out = tensor.values.data() + channel * plane;
            for (std::size_t i = 0; i < plane; ++i) out[i] = kUnit[in[i * channels]];
        }
        return SampleInput(std::move(tensor));
    }
    bool pointwise() const override { return true; }
};

class Normalize : public Transform {
public:
    Normalize(const std::vector<double>& mean, const std::vector<double>& std)
        : m_mean(mean.begin(), mean.end()), m_std(std.begin(), std.end()) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        auto& tensor = std::get<TensorSample>(input);
        const auto channels = static_cast<std::size_t>(tensor.dims[0]);
        for (const std::vector<float>* given : {&m_mean, &m_std})
            if (given->size() != 1 && given->size() != channels)
                return Error{"Normalize has " + std::to_string(given->size()) +
                             " numbers for a tensor of " + std::to_string(channels) + " channels."};
        const std::size_t plane = channels == 0 ? 0 : tensor.values.size() / channels;
        for (std::size_t channel = 0; channel < channels; ++channel) {
            const float mean = m_mean[m_mean.size() == 1 ? 0 : channel];
            const float std = m_std[m_std.size() == 1 ? 0 : channel];
            float* values = tensor.values.data() + channel * plane;
            for (std::size_t i = 0; i < plane; ++i) values[i] = (values[i] - mean) / std;
        }
        return input;
    }
    bool pointwise() const override { return true; }

private:
    std::vector<float> m_mean;
    std::vector<float> m_std;
};

Result<SampleSpec> inferNormalize(const Settings& settings, const SampleSpec& input) {
    for (const char* key : {"mean", "std"}) {
        const std::vector<double> numbers = settings.numbers(key);
        if (numbers.empty())
            return Error{std::string("Normalize has an empty list as ") + key + ".",
                         "Give one number per channel: 1 for grey pictures, 3 for colour."};
        const bool zero = std::any_of(numbers.begin(), numbers.end(), [](double number) {
            return static_cast<float>(number) == 0.0f;
        });
        if (zero && std::string(key) == "std")
            return Error{
                "Normalize divides by std, but std is " + settings.value("std").toPython() + ".",
                "Give the standard deviation of each channel, such as 0.5."};
        const std::int64_t channels = input.dims[0];
        if (numbers.size() != 1 && channels >= 0 &&
            static_cast<std::int64_t>(numbers.size()) != channels)
            return Error{
                sentence("Normalize's {key} has {numbers}, but the picture has {channels}.",
                         {{"key", key},
                          {"numbers",
                           counted(static_cast<std::int64_t>(numbers.size()), "number", "numbers")},
                          {"channels", counted(channels, "channel", "channels")}}),
                channels == 1 ? "Give one number, as the pictures are grey."
                              : "Give one number per channel, or a single one for all."};
    }
    return input;
}

/// One number as it is; of several, which would not fit on a card, the first digits.
std::string listBadge(const Settings& settings, const std::string& key) {
    const std::vector<double> numbers = settings.numbers(key);
    std::string out;
    for (const double number : numbers) {
        const double shown = numbers.size() > 1 ? std::round(number * 100) / 100 : number;
        out += (out.empty() ? "" : " ") + formatFloat(shown, false);
    }
    return out;
}

}  // namespace

TransformKind toTensorKind() {
    TransformKind kind;
    kind.info = {
        .id = "ToTensor",
        .family = "tensor",
        .summary = "turns a picture into numbers from 0 to 1",
        .details =
            "A picture of bytes from 0 to 255 becomes a tensor of 32-bit floats, C × H × W, "
            "each byte divided by 255. A network takes tensors, so every list needs this "
            "step once; Resize and Grayscale go before it, Normalize after it.",
        .python = "torchvision.transforms.ToTensor",
        .keywords = {"float", "scale", "convert"},
        .formula = "y = x / 255, H×W×C becomes C×H×W"};
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        return SampleSpec{true, input.dims};
    };
    kind.make = [](const Settings&) -> std::shared_ptr<const Transform> {
        return std::make_shared<ToTensor>();
    };
    return kind;
}

TransformKind normalizeKind() {
    TransformKind kind;
    kind.info = {
        .id = "Normalize",
        .family = "tensor",
        .summary = "subtracts the mean and divides by the spread",
        .details =
            "Each channel becomes (x - mean) / std. With the mean and standard deviation of "
            "the training pictures, what the network sees lies around 0 with spread 1, and "
            "it learns faster. Train and test need the same numbers.",
        .python = "torchvision.transforms.Normalize",
        .keywords = {"mean", "std", "standardise", "scale"},
        .formula = "y[c] = (x[c] − mean[c]) / std[c]"};
    kind.takesPicture = false;
    kind.takesTensor = true;
    const auto perChannel = [](const std::string& key, const std::string& hint) {
        return ParamSpec{.key = key,
                         .type = ParamType::Floats,
                         .hint = hint,
                         .required = true,
                         .arity = 0,
                         .suggestion = List{0.5}};
    };
    kind.params = {
        perChannel("mean",
                   "What to subtract: one number per channel, or one for all. Fashion-MNIST: "
                   "0.286."),
        perChannel("std",
                   "What to divide by: one number per channel, or one for all; not 0. "
                   "Fashion-MNIST: 0.353."),
        {.key = "inplace",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint = "Overwrite the tensor instead of making a new one. The result is the same."}};
    kind.infer = inferNormalize;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<Normalize>(settings.numbers("mean"), settings.numbers("std"));
    };
    kind.badge = [](const Settings& settings) {
        return "μ " + listBadge(settings, "mean") + ", σ " + listBadge(settings, "std");
    };
    kind.info.changes.push_back(
        v2Change("A tensor of one channel gets as many channels as there are numbers."));
    return kind;
}

}  // namespace loom
