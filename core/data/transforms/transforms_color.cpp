#include "core/data/transforms/colour_kinds.h"
#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

class Grayscale : public Transform {
public:
    explicit Grayscale(int channels) : m_channels(channels) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        if (auto* picture = std::get_if<Picture>(&input)) {
            if (m_channels == 1)
                makeOneChannel(*picture);
            else if (picture->channels == 1)
                return SampleInput(convertChannels(*picture, 3));
            else
                makeGrey(*picture);
            return input;
        }
        if (auto problem = channelsProblem("Grayscale", input)) return *problem;
        auto& tensor = std::get<TensorSample>(input);
        makeGrey(tensor);
        if (m_channels == 1 && tensor.dims[0] == 3) {
            tensor.values.resize(tensor.values.size() / 3);
            tensor.dims[0] = 1;
        }
        return input;
    }

private:
    int m_channels;
};

/// torchvision leaves a tensor of one channel as it is, whatever is asked for.
std::int64_t channelsMade(std::int64_t wanted, const SampleSpec& input) {
    return input.isTensor && input.dims[0] == 1 ? 1 : wanted;
}

class ThreeChannels : public Transform {
public:
    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        if (channelsOf(input) == 3) return input;
        if (auto problem = channelsProblem("RGB", input)) return *problem;
        if (const auto* picture = std::get_if<Picture>(&input))
            return SampleInput(convertChannels(*picture, 3));
        auto& tensor = std::get<TensorSample>(input);
        const std::vector<float> plane = tensor.values;
        for (int copy = 0; copy < 2; ++copy)
            tensor.values.insert(tensor.values.end(), plane.begin(), plane.end());
        tensor.dims[0] = 3;
        return input;
    }
};

}  // namespace

TransformKind rgbKind() {
    TransformKind kind;
    kind.info = {.id = "RGB",
                 .family = "colour",
                 .summary = "gives grey pictures three equal channels",
                 .details =
                     "A network made for colour pictures then takes grey ones, too. Pictures in "
                     "colours stay as they are.",
                 .python = "torchvision.transforms.v2.RGB",
                 .keywords = {"v2", "grey", "colour", "channels", "convert"},
                 .since = "0.20"};
    kind.takesTensor = true;
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        auto made = inferColours("RGB", input);
        if (made) made->dims[0] = 3;
        return made;
    };
    kind.make = [](const Settings&) -> std::shared_ptr<const Transform> {
        return std::make_shared<ThreeChannels>();
    };
    kind.makeForBytes = kind.make;
    return kind;
}

TransformKind grayscaleKind() {
    TransformKind kind;
    kind.info = {
        .id = "Grayscale",
        .family = "colour",
        .summary = "takes the colours away",
        .details =
            "Each pixel becomes its brightness, with green counting most, as the eye sees "
            "it. With one channel left, the first layer has fewer weights; with three equal "
            "ones, a network made for colour pictures still fits.",
        .python = "torchvision.transforms.Grayscale",
        .keywords = {"gray", "grey", "black and white", "luminance"},
        .formula = "y = 0.299 · R + 0.587 · G + 0.114 · B"};
    kind.takesTensor = true;
    kind.params = {{.key = "num_output_channels",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "1, or 3 for the same grey in red, green and blue.",
                    .minimum = 1,
                    .maximum = 3}};
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        const std::int64_t wanted = settings.integer("num_output_channels");
        if (wanted != 1 && wanted != 3)
            return Error{"Grayscale's num_output_channels is " + std::to_string(wanted) +
                         ", but it must be 1 or 3."};
        auto made = inferColours("Grayscale", input);
        if (made) made->dims[0] = channelsMade(wanted, input);
        return made;
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<Grayscale>(settings.integer("num_output_channels") == 3 ? 3 : 1);
    };
    kind.badge = [](const Settings& settings) {
        return settings.integer("num_output_channels") == 3 ? std::string("3 equal channels")
                                                            : std::string();
    };
    kind.info.changes.push_back(
        v2Change("The grey of tensors differs in its last bits, and a tensor of one channel gets "
                 "three where three are asked for."));
    return kind;
}

}  // namespace loom
