#include <utility>

#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

class Identity : public Transform {
public:
    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        return input;
    }
    bool pointwise() const override { return true; }
};

/// Bytes as float32; numbers that are there already stay.
class ToDtype : public Transform {
public:
    explicit ToDtype(bool scale) : m_scale(scale) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        const auto* picture = std::get_if<Picture>(&input);
        if (!picture) return input;
        // Multiplied, as v2 does, where ToTensor divides.
        const float factor = m_scale ? static_cast<float>(1.0 / 255) : 1.0f;
        const auto channels = static_cast<std::size_t>(picture->channels);
        const std::size_t plane = picture->pixels.size() / channels;
        TensorSample tensor{{picture->channels, picture->height, picture->width}, {}};
        tensor.values.resize(picture->pixels.size());
        for (std::size_t channel = 0; channel < channels; ++channel)
            for (std::size_t i = 0; i < plane; ++i)
                tensor.values[channel * plane + i] =
                    static_cast<float>(picture->pixels[i * channels + channel]) * factor;
        return SampleInput(std::move(tensor));
    }
    bool pointwise() const override { return true; }

private:
    bool m_scale;
};

std::shared_ptr<const Transform> makeIdentity(const Settings&) {
    return std::make_shared<Identity>();
}

Result<SampleSpec> sameSpec(const Settings&, const SampleSpec& input) {
    return input;
}

}  // namespace

TransformKind toImageKind() {
    TransformKind kind;
    kind.info = {.id = "ToImage",
                 .family = "tensor",
                 .summary = "makes a tensor of bytes of a picture, as lists of v2 begin",
                 .details =
                     "The numbers stay bytes from 0 to 255; ToDtype with dtype float32 and scale "
                     "on makes numbers from 0 to 1 of them, which a network takes. What scales "
                     "the picture in between does so as PyTorch scales bytes, not as Pillow does.",
                 .python = "torchvision.transforms.v2.ToImage",
                 .keywords = {"v2", "bytes", "uint8", "convert", "PILToTensor"},
                 .since = "0.16"};
    kind.bytes = TransformKind::Bytes::Begin;
    kind.infer = sameSpec;
    kind.make = makeIdentity;
    return kind;
}

TransformKind toDtypeKind() {
    TransformKind kind;
    kind.info = {.id = "ToDtype",
                 .family = "tensor",
                 .summary = "makes 32-bit floats of ToImage's bytes",
                 .details =
                     "With scale on, bytes from 0 to 255 become numbers from 0 to 1: ToImage and "
                     "ToDtype together do what ToTensor does, but for the last bit, since each "
                     "byte is multiplied by 1/255 here and divided by 255 there. With scale "
                     "off they stay numbers from 0 to 255. Floats are left as they are.",
                 .python = "torchvision.transforms.v2.ToDtype",
                 .keywords = {"v2", "float32", "scale", "convert", "dtype"},
                 .formula = "scale on: y = x · (1 / 255)\nscale off: y = x",
                 .since = "0.16"};
    kind.takesPicture = false;
    kind.takesTensor = true;
    kind.params = {{.key = "dtype",
                    .type = ParamType::Choice,
                    .hint = "32-bit floats, which a network takes.",
                    .required = true,
                    .choices = {"float32"},
                    .suggestion = "float32"},
                   {.key = "scale",
                    .type = ParamType::Bool,
                    .defaultValue = false,
                    .hint = "Make numbers from 0 to 1 of the bytes. A network learns badly "
                            "from numbers up to 255, so switch it on."}};
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        return SampleSpec{true, input.dims};
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<ToDtype>(settings.flag("scale"));
    };
    kind.makeForBytes = kind.make;
    kind.badge = [](const Settings& settings) {
        return std::string(settings.flag("scale") ? "0 to 1" : "0 to 255");
    };
    return kind;
}

TransformKind identityKind() {
    TransformKind kind;
    kind.info = {.id = "Identity",
                 .family = "tensor",
                 .summary = "leaves everything as it is",
                 .details =
                     "A step that does nothing, for lists that are put together by a rule "
                     "and need something in this place.",
                 .python = "torchvision.transforms.v2.Identity",
                 .keywords = {"v2", "nothing", "pass"},
                 .formula = "y = x",
                 .since = "0.16"};
    kind.takesTensor = true;
    kind.infer = sameSpec;
    kind.make = makeIdentity;
    kind.makeForBytes = makeIdentity;
    return kind;
}

}  // namespace loom
