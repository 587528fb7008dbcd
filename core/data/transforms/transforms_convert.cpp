#include <array>
#include <cmath>

#include "core/base/sentence.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

/// What PyTorch makes of a float as a byte: the whole part, wrapped.
std::uint8_t wrappedByte(float value) {
    const bool whole = value > -9.0e18f && value < 9.0e18f;
    return static_cast<std::uint8_t>(whole ? static_cast<std::int64_t>(value) : 0);
}

std::optional<Error> channelProblem(const std::string& mode, std::int64_t channels) {
    if (channels < 0) return std::nullopt;
    if (channels != 1 && channels != 3)
        return Error{
            sentence("ToPILImage makes grey pictures of 1 channel and coloured ones of 3, but a "
                     "tensor of {channels} arrives here.",
                     {{"channels", counted(channels, "channel", "channels")}}),
            "Take ToPILImage away."};
    const std::int64_t wanted = mode == "L" ? 1 : 3;
    if (mode.empty() || wanted == channels) return std::nullopt;
    return Error{sentence("ToPILImage's mode {mode} needs {wanted}, but a tensor of {channels} "
                          "arrives here.",
                          {{"mode", mode},
                           {"wanted", counted(wanted, "channel", "channels")},
                           {"channels", counted(channels, "channel", "channels")}}),
                 "Leave mode out, and it follows from the tensor."};
}

class ToPILImage : public Transform {
public:
    explicit ToPILImage(std::string mode) : m_mode(std::move(mode)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        const auto& tensor = std::get<TensorSample>(input);
        if (auto problem = channelProblem(m_mode, tensor.dims[0])) return *problem;
        Picture picture{static_cast<int>(tensor.dims[2]),
                        static_cast<int>(tensor.dims[1]),
                        static_cast<int>(tensor.dims[0]),
                        {}};
        picture.pixels.resize(tensor.values.size());
        const auto channels = static_cast<std::size_t>(tensor.dims[0]);
        const std::size_t plane = tensor.values.size() / channels;
        for (std::size_t channel = 0; channel < channels; ++channel)
            for (std::size_t i = 0; i < plane; ++i)
                picture.pixels[i * channels + channel] =
                    wrappedByte(tensor.values[channel * plane + i] * 255.0f);
        return SampleInput(std::move(picture));
    }

private:
    std::string m_mode;
};

class KeepAsItIs : public Transform {
public:
    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        return input;
    }
    bool pointwise() const override { return true; }
};

}  // namespace

TransformKind toPILImageKind() {
    TransformKind kind;
    kind.info = {.id = "ToPILImage",
                 .family = "tensor",
                 .summary = "turns a tensor back into a picture",
                 .details =
                     "Each number from 0 to 1 becomes a byte from 0 to 255, rounded down, "
                     "so that steps that work on pictures can follow. Numbers outside 0 to "
                     "1, as Normalize leaves them, wrap around and give a strange picture, "
                     "as they do in PyTorch. A tensor of 1 channel becomes grey, one of 3 "
                     "coloured; modes with other channels are not known here.",
                 .python = "torchvision.transforms.ToPILImage",
                 .keywords = {"picture", "convert", "back", "bytes"},
                 .formula = "y = ⌊255 · x⌋, C×H×W becomes H×W×C"};
    kind.takesPicture = false;
    kind.takesTensor = true;
    kind.params = {{.key = "mode",
                    .type = ParamType::Choice,
                    .hint = "L is grey, RGB coloured. Left out, it follows from the number of "
                            "channels.",
                    .optional = true,
                    .choices = {"L", "RGB"},
                    .noneText = "by the channels"}};
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (auto problem = channelProblem(settings.text("mode"), input.dims[0])) return *problem;
        return SampleSpec{false, input.dims};
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<ToPILImage>(settings.text("mode"));
    };
    kind.bytes = TransformKind::Bytes::End;
    kind.makeForBytes = [](const Settings&) -> std::shared_ptr<const Transform> {
        return std::make_shared<KeepAsItIs>();
    };
    kind.badge = [](const Settings& settings) { return settings.text("mode"); };
    return kind;
}

TransformKind convertImageDtypeKind() {
    TransformKind kind;
    kind.info = {.id = "ConvertImageDtype",
                 .family = "tensor",
                 .summary = "asks for 32-bit floats, which tensors are here",
                 .details =
                     "After ToImage, whose numbers are bytes, it makes numbers from 0 to 1 of "
                     "them, as ToDtype does. After ToTensor it changes nothing. Bytes, halves "
                     "and doubles cannot be asked for: a network takes 32-bit floats.",
                 .python = "torchvision.transforms.ConvertImageDtype",
                 .keywords = {"float", "dtype", "convert", "float32"}};
    kind.takesPicture = false;
    kind.takesTensor = true;
    kind.params = {{.key = "dtype",
                    .type = ParamType::Choice,
                    .hint = "32-bit floats, which tensors hold here in any case.",
                    .required = true,
                    .choices = {"float32"},
                    .suggestion = "float32"}};
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        return SampleSpec{true, input.dims};
    };
    kind.make = [](const Settings&) -> std::shared_ptr<const Transform> {
        return std::make_shared<KeepAsItIs>();
    };
    kind.makeForBytes = [](const Settings&) {
        const TransformKind type = toDtypeKind();
        return type.make(Settings(type.params, {{"dtype", "float32"}, {"scale", true}}));
    };
    kind.fidelity = "bit for bit for float32; other types are not known here";
    return kind;
}

}  // namespace loom
