#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

/// The four corners and the middle; of the mirror image too where there is one.
class CropViews : public Transform {
public:
    using Flip = SampleInput (*)(SampleInput);
    CropViews(std::string name, WindowSize size, Flip flip)
        : m_name(std::move(name)), m_size(size), m_flip(flip) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        auto all = applyAll(std::move(input), random, trace);
        if (!all) return all.error();
        return std::move(all->front());
    }

    Result<std::vector<SampleInput>> applyAll(SampleInput input, TorchRandom&,
                                              std::string*) const override {
        const WindowSize sides = sidesOf(input);
        if (sides.height < m_size.height || sides.width < m_size.width)
            return tooSmall(m_name, m_size, sides);
        std::vector<SampleInput> views;
        addFive(input, views);
        if (m_flip) addFive(m_flip(std::move(input)), views);
        return views;
    }

    static Error tooSmall(const std::string& name, const WindowSize& size,
                          const WindowSize& sides) {
        return {name + " cannot cut " + sizeText(size) + " out of a picture of " + sizeText(sides) +
                    ".",
                "Make size smaller, or put a Resize before it."};
    }

private:
    void addFive(const SampleInput& input, std::vector<SampleInput>& views) const {
        const WindowSize sides = sidesOf(input);
        const std::int64_t bottom = sides.height - m_size.height;
        const std::int64_t right = sides.width - m_size.width;
        for (const std::int64_t top : {std::int64_t(0), bottom})
            for (const std::int64_t left : {std::int64_t(0), right})
                views.push_back(cropped(input, top, left, m_size.height, m_size.width));
        views.push_back(centerCropped(input, m_size));
    }

    std::string m_name;
    WindowSize m_size;
    Flip m_flip;
};

TransformKind viewsKind(KindInfo info, std::int64_t views) {
    TransformKind kind;
    const std::string name = info.id;
    kind.info = std::move(info);
    kind.takesTensor = true;
    kind.params = {windowSizeParam("The windows: one number for squares, or height and width.")};
    kind.params[0].suggestion = 24;
    kind.infer = [name, views](const Settings& settings,
                               const SampleSpec& input) -> Result<SampleSpec> {
        if (const std::string problem = windowSizeProblem(settings); !problem.empty())
            return Error{name + "'s " + problem, "Write 24 or [24, 24]."};
        const WindowSize size = windowSize(settings);
        const WindowSize sides{input.dims[1], input.dims[2]};
        if ((sides.height >= 0 && sides.height < size.height) ||
            (sides.width >= 0 && sides.width < size.width))
            return CropViews::tooSmall(name, size, sides);
        return SampleSpec{input.isTensor, {input.dims[0], size.height, size.width}, views};
    };
    kind.badge = [](const Settings& settings) { return sizeBadge(settings); };
    return kind;
}

}  // namespace

TransformKind fiveCropKind() {
    TransformKind kind = viewsKind(
        {.id = "FiveCrop",
         .family = "size",
         .summary = "makes five pictures of one: corners and middle",
         .details = "For tests that look five times: the network answers for each corner and the "
                    "middle, and the answers are averaged, which is right a little more often "
                    "than a single look. Steps after it work on all five.",
         .python = "torchvision.transforms.FiveCrop",
         .keywords = {"corners", "views", "test time augmentation", "average"}},
        5);
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<CropViews>("FiveCrop", windowSize(settings), nullptr);
    };
    kind.makeForBytes = kind.make;
    return kind;
}

TransformKind tenCropKind() {
    TransformKind kind = viewsKind(
        {.id = "TenCrop",
         .family = "size",
         .summary = "makes ten pictures of one: FiveCrop and its mirror",
         .details = "The four corners and the middle, then the same of the mirrored picture. The "
                    "network's ten answers are averaged. Takes ten times as long as one look, so "
                    "it is for tests, not for training.",
         .python = "torchvision.transforms.TenCrop",
         .keywords = {"corners", "views", "test time augmentation", "average", "mirror"}},
        10);
    kind.params.push_back({.key = "vertical_flip",
                           .type = ParamType::Bool,
                           .defaultValue = false,
                           .hint = "Mirror top and bottom instead of left and right."});
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<CropViews>(
            "TenCrop", windowSize(settings),
            settings.flag("vertical_flip") ? flippedVertically : flippedHorizontally);
    };
    kind.makeForBytes = kind.make;
    return kind;
}

}  // namespace loom
