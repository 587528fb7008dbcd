#include "core/data/pixels.h"
#include "core/data/transform_kinds.h"

namespace loom {
namespace {

class RandomFlip : public Transform {
public:
    RandomFlip(double p, SampleInput (*flip)(SampleInput))
        : m_p(static_cast<float>(p)), m_flip(flip) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        // torch compares its float32 draw with p as float32.
        const bool flips = random.uniform() < m_p;
        if (trace) *trace = flips ? "flipped" : "left as it is";
        if (!flips) return input;
        return m_flip(std::move(input));
    }

private:
    float m_p;
    SampleInput (*m_flip)(SampleInput);
};

TransformKind flipKind(KindInfo info, SampleInput (*flip)(SampleInput)) {
    TransformKind kind;
    kind.info = std::move(info);
    kind.random = true;
    kind.takesTensor = true;
    ParamSpec p;
    p.key = "p";
    p.type = ParamType::Float;
    p.defaultValue = 0.5;
    p.minimum = 0;
    p.maximum = 1;
    p.hint = "How often: 0 never, 0.5 every second picture, 1 always.";
    kind.params = {p};
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        return input;
    };
    kind.make = [flip](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomFlip>(settings.number("p"), flip);
    };
    kind.badge = [](const Settings& settings) {
        return "p " + formatFloat(settings.number("p"), false);
    };
    return kind;
}

}  // namespace

TransformKind randomHorizontalFlipKind() {
    return flipKind(
        {.id = "RandomHorizontalFlip",
         .family = "flip",
         .summary = "mirrors left and right now and then",
         .details = "A cat that looks left is as much a cat as one that looks right, so "
                    "mirrored pictures are new examples for free. Not for digits and "
                    "letters, which change their meaning. For training only.",
         .python = "torchvision.transforms.RandomHorizontalFlip",
         .keywords = {"mirror", "augment", "left", "right"}},
        flippedHorizontally);
}

TransformKind randomVerticalFlipKind() {
    return flipKind(
        {.id = "RandomVerticalFlip",
         .family = "flip",
         .summary = "turns the picture upside down now and then",
         .details = "For pictures without a fixed top, such as those from a satellite or a "
                    "microscope. Photos of everyday things rarely gain by it. For training "
                    "only.",
         .python = "torchvision.transforms.RandomVerticalFlip",
         .keywords = {"mirror", "augment", "upside down"}},
        flippedVertically);
}

}  // namespace loom
