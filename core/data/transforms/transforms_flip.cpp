#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

class RandomFlip : public Transform {
public:
    RandomFlip(double p, SampleInput (*flip)(SampleInput)) : m_p(p), m_flip(flip) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const bool flips = happens(m_p, random);
        if (trace) *trace = flips ? "flipped" : "not flipped";
        if (!flips) return input;
        return m_flip(std::move(input));
    }

private:
    double m_p;
    SampleInput (*m_flip)(SampleInput);
};

TransformKind flipKind(KindInfo info, SampleInput (*flip)(SampleInput)) {
    TransformKind kind;
    kind.info = std::move(info);
    kind.random = true;
    kind.takesTensor = true;
    kind.params = {chanceParam()};
    kind.infer = [](const Settings&, const SampleSpec& input) -> Result<SampleSpec> {
        return input;
    };
    kind.make = [flip](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomFlip>(settings.number("p"), flip);
    };
    kind.makeForBytes = kind.make;
    kind.badge = chanceBadge;
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
