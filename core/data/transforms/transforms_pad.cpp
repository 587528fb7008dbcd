#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

class Pad : public Transform {
public:
    Pad(Padding padding, Fill fill) : m_padding(std::move(padding)), m_fill(std::move(fill)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        const bool isTensor = std::holds_alternative<TensorSample>(input);
        if (m_padding.mode == "constant")
            if (auto problem = fillProblem("Pad", m_fill, channelsOf(input))) return *problem;
        if (auto problem = paddingProblem("Pad", m_padding, isTensor, sidesOf(input)))
            return *problem;
        return padded(input, m_padding);
    }

private:
    Padding m_padding;
    Fill m_fill;
};

Result<SampleSpec> infer(const Settings& settings, const SampleSpec& input) {
    if (auto problem = paddingLengthProblem("Pad", settings)) return *problem;
    const Padding padding = *paddingOf(settings);
    const Fill fill = fillOf(settings);
    if (fill.perChannel && input.isTensor)
        return Error{"Pad's fill must be a single number for a tensor.",
                     "Put Pad before ToTensor."};
    if (padding.mode == "constant")
        if (auto problem = fillProblem("Pad", fill, input.dims[0])) return *problem;
    WindowSize sides{input.dims[1], input.dims[2]};
    if (auto problem = paddingProblem("Pad", padding, input.isTensor, sides)) return *problem;
    if (sides.height >= 0) sides.height += padding.top + padding.bottom;
    if (sides.width >= 0) sides.width += padding.left + padding.right;
    return SampleSpec{input.isTensor, {input.dims[0], sides.height, sides.width}};
}

}  // namespace

TransformKind padKind() {
    TransformKind kind;
    kind.info = {.id = "Pad",
                 .family = "size",
                 .summary = "adds a border",
                 .details =
                     "The picture grows by the border: 28 × 28 with 2 on every side gives "
                     "32 × 32, which older networks ask for. The border shows one colour, "
                     "the edge pixels drawn out, or the picture mirrored.",
                 .python = "torchvision.transforms.Pad",
                 .keywords = {"border", "frame", "margin", "enlarge"},
                 .changes = {fillChange(), mirrorChange()}};
    kind.takesTensor = true;
    kind.params = {paddingParam(true),
                   fillParam("The colour of the border, 0 (black) to 255: one number, or one per "
                             "channel; for a tensor a number as it is after ToTensor."),
                   paddingModeParam()};
    kind.params[1].visibleWhenKey = "padding_mode";
    kind.params[1].visibleWhenValue = "constant";
    kind.infer = infer;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<Pad>(paddingOf(settings).value_or(Padding{}), fillOf(settings));
    };
    kind.makeForBytes = kind.make;
    kind.badge = [](const Settings& settings) {
        const std::string mode = settings.text("padding_mode");
        return settings.value("padding").toText() + (mode == "constant" ? "" : ", " + mode);
    };
    return kind;
}

}  // namespace loom
