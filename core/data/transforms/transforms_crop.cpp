#include <algorithm>
#include <cmath>

#include "core/data/transforms/pixels.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

/// Where a window begins in the middle of a side. Python rounds halves to the even number, as
/// nearbyint does.
std::int64_t middle(std::int64_t side, std::int64_t window) {
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(side - window) / 2.0));
}

std::string tooSmallText(const WindowSize& size, const WindowSize& sides) {
    return "RandomCrop cannot cut " + sizeText(size) + " out of a picture of " + sizeText(sides);
}

class RandomCrop : public Transform {
public:
    RandomCrop(WindowSize size, Padding padding, Fill fill, bool padIfNeeded, bool asV2)
        : m_size(size),
          m_padding(std::move(padding)),
          m_fill(std::move(fill)),
          m_padIfNeeded(padIfNeeded),
          m_asV2(asV2) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        for (const bool more : {false, true})
            if (auto problem = pad(input, more)) return *problem;
        const WindowSize sides = sidesOf(input);
        const auto window = chosen(sides, random, trace);
        if (!window)
            return Error{tooSmallText(m_size, sides) + ".",
                         "Put a Resize before it, set padding, or switch pad_if_needed on."};
        if (window->height == sides.height && window->width == sides.width) return input;
        return cropped(input, window->top, window->left, window->height, window->width);
    }

    std::optional<PictureWindow> chooseWindow(std::int64_t height, std::int64_t width,
                                              TorchRandom& random,
                                              std::string* trace) const override {
        const bool whole = height == m_size.height && width == m_size.width;
        if (whole || !m_padding.none()) return std::nullopt;
        return chosen({height, width}, random, trace);
    }

private:
    /// Pads what is there; `more` by what is missing, and torchvision adds that on both sides, not
    /// half of it on each, the width first.
    std::optional<Error> pad(SampleInput& input, bool more) const {
        if (!more) return m_padding.none() ? std::nullopt : padBy(input, m_padding);
        if (!m_padIfNeeded) return std::nullopt;
        Padding missing = m_padding;
        missing.top = missing.bottom = 0;
        missing.left = missing.right =
            std::max<std::int64_t>(m_size.width - sidesOf(input).width, 0);
        if (!missing.none())
            if (auto problem = padBy(input, missing)) return problem;
        missing.left = missing.right = 0;
        missing.top = missing.bottom =
            std::max<std::int64_t>(m_size.height - sidesOf(input).height, 0);
        return missing.none() ? std::nullopt : padBy(input, missing);
    }

    std::optional<Error> padBy(SampleInput& input, const Padding& padding) const {
        const bool isTensor = std::holds_alternative<TensorSample>(input);
        if (padding.mode == "constant")
            if (auto problem = fillProblem("RandomCrop", m_fill, channelsOf(input))) return problem;
        if (auto problem = paddingProblem("RandomCrop", padding, isTensor, sidesOf(input)))
            return problem;
        input = padded(input, padding);
        return std::nullopt;
    }

    /// nullopt: there is no room for it, and nothing was drawn.
    std::optional<PictureWindow> chosen(const WindowSize& sides, TorchRandom& random,
                                        std::string* trace) const {
        if (sides.height < m_size.height || sides.width < m_size.width) return std::nullopt;
        PictureWindow window{0, 0, m_size.height, m_size.width};
        if (sides.height == m_size.height && sides.width == m_size.width) return window;
        const auto draw = [&](std::int64_t spare) {
            return m_asV2 && spare == 0 ? 0 : random.integer(0, spare + 1);
        };
        window.top = draw(sides.height - m_size.height);
        window.left = draw(sides.width - m_size.width);
        if (trace)
            *trace = "x " + std::to_string(window.left) + ", y " + std::to_string(window.top);
        return window;
    }

    WindowSize m_size;
    Padding m_padding;
    Fill m_fill;
    bool m_padIfNeeded;
    bool m_asV2;  ///< draws nothing for a side without room
};

/// Sides after the padding and after what is missing was added.
Result<WindowSize> paddedSides(const Settings& settings, const Padding& padding,
                               const SampleSpec& input) {
    WindowSize sides{input.dims[1], input.dims[2]};
    if (auto problem = paddingProblem("RandomCrop", padding, input.isTensor, sides))
        return *problem;
    if (sides.height >= 0) sides.height += padding.top + padding.bottom;
    if (sides.width >= 0) sides.width += padding.left + padding.right;
    if (!settings.flag("pad_if_needed")) return sides;
    const WindowSize size = windowSize(settings);
    Padding missing{0, 0, 0, 0, padding.mode};
    const auto add = [&](std::int64_t& side, std::int64_t wanted, std::int64_t& before,
                         std::int64_t& after) -> std::optional<Error> {
        if (side < 0 || side >= wanted) return std::nullopt;
        before = after = wanted - side;
        auto problem = paddingProblem("RandomCrop", missing, input.isTensor, sides);
        side += before + after;
        before = after = 0;
        return problem;
    };
    if (auto problem = add(sides.width, size.width, missing.left, missing.right)) return *problem;
    if (auto problem = add(sides.height, size.height, missing.top, missing.bottom)) return *problem;
    return sides;
}

Result<SampleSpec> inferRandomCrop(const Settings& settings, const SampleSpec& input) {
    if (const std::string problem = windowSizeProblem(settings); !problem.empty())
        return Error{"RandomCrop's " + problem, "Write 28 or [28, 28]."};
    if (auto problem = paddingLengthProblem("RandomCrop", settings)) return *problem;
    const Padding padding = *paddingOf(settings);
    const Fill fill = fillOf(settings);
    const bool mayPad = !settings.isNone("padding") || settings.flag("pad_if_needed");
    if (mayPad && fill.perChannel && input.isTensor)
        return Error{"RandomCrop's fill must be a single number for a tensor.",
                     "Put RandomCrop before ToTensor."};
    if (mayPad && padding.mode == "constant")
        if (auto problem = fillProblem("RandomCrop", fill, input.dims[0])) return *problem;
    const WindowSize size = windowSize(settings);
    const auto sides = paddedSides(settings, padding, input);
    if (!sides) return sides.error();
    if ((sides->height >= 0 && sides->height < size.height) ||
        (sides->width >= 0 && sides->width < size.width))
        return Error{
            tooSmallText(size, *sides) + (padding.none() ? "." : ", its padding included."),
            "Make size smaller, set padding, switch pad_if_needed on, or put a Resize before it."};
    return SampleSpec{input.isTensor, {input.dims[0], size.height, size.width}};
}

class CenterCrop : public Transform {
public:
    explicit CenterCrop(WindowSize size) : m_size(size) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        return centerCropped(std::move(input), m_size);
    }

    std::optional<PictureWindow> chooseWindow(std::int64_t height, std::int64_t width, TorchRandom&,
                                              std::string*) const override {
        if (height < m_size.height || width < m_size.width) return std::nullopt;
        return PictureWindow{middle(height, m_size.height), middle(width, m_size.width),
                             m_size.height, m_size.width};
    }

private:
    WindowSize m_size;
};

}  // namespace

SampleInput centerCropped(SampleInput input, const WindowSize& size) {
    WindowSize sides = sidesOf(input);
    Padding padding;
    if (size.width > sides.width) {
        padding.left = (size.width - sides.width) / 2;
        padding.right = (size.width - sides.width + 1) / 2;
    }
    if (size.height > sides.height) {
        padding.top = (size.height - sides.height) / 2;
        padding.bottom = (size.height - sides.height + 1) / 2;
    }
    if (!padding.none()) {
        input = padded(input, padding);
        sides = sidesOf(input);
    }
    return cropped(input, middle(sides.height, size.height), middle(sides.width, size.width),
                   size.height, size.width);
}

TransformKind randomCropKind() {
    TransformKind kind;
    kind.info = {.id = "RandomCrop",
                 .family = "size",
                 .summary = "cuts a window at a random place",
                 .details =
                     "The window may lie anywhere in the picture, padding included, so that the "
                     "network meets each object at different places and learns that the place does "
                     "not matter. A classic for small pictures: size 32 with padding 4. For "
                     "training only; test pictures keep their place.",
                 .python = "torchvision.transforms.RandomCrop",
                 .keywords = {"shift", "window", "augment", "pad"},
                 .changes = {fillChange(), mirrorChange()}};
    kind.random = true;
    kind.takesTensor = true;
    kind.params = {windowSizeParam("The window: one number for a square, or height and width."),
                   paddingParam(false),
                   {.key = "pad_if_needed",
                    .type = ParamType::Bool,
                    .defaultValue = false,
                    .hint = "Pad pictures that are smaller than the window instead of refusing "
                            "them."},
                   fillParam("The colour of the padding, 0 (black) to 255: one number, or one per "
                             "channel."),
                   paddingModeParam()};
    kind.params[3].visibleWhenKey = "padding_mode";
    kind.params[3].visibleWhenValue = "constant";
    kind.infer = inferRandomCrop;
    const auto make = [](bool asV2) {
        return [asV2](const Settings& settings) -> std::shared_ptr<const Transform> {
            return std::make_shared<RandomCrop>(
                windowSize(settings), paddingOf(settings).value_or(Padding{}), fillOf(settings),
                settings.flag("pad_if_needed"), asV2);
        };
    };
    kind.make = make(false);
    kind.makeForBytes = make(true);
    kind.badge = [](const Settings& settings) {
        const bool plain = settings.isNone("padding");
        return sizeBadge(settings) +
               (plain ? "" : ", padding " + settings.value("padding").toText());
    };
    kind.info.changes.push_back(v2Change("Nothing is drawn for a side that leaves no room."));
    return kind;
}

TransformKind centerCropKind() {
    TransformKind kind;
    kind.info = {.id = "CenterCrop",
                 .family = "size",
                 .summary = "cuts a window out of the middle",
                 .details =
                     "Usually after Resize with one number, to give every picture the same size "
                     "without squeezing it. Pictures smaller than the window get a black border.",
                 .python = "torchvision.transforms.CenterCrop",
                 .keywords = {"window", "middle", "centre"}};
    kind.takesTensor = true;
    kind.params = {windowSizeParam("The window: one number for a square, or height and width.")};
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (const std::string problem = windowSizeProblem(settings); !problem.empty())
            return Error{"CenterCrop's " + problem, "Write 28 or [28, 28]."};
        const WindowSize size = windowSize(settings);
        return SampleSpec{input.isTensor, {input.dims[0], size.height, size.width}};
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<CenterCrop>(windowSize(settings));
    };
    kind.makeForBytes = kind.make;
    kind.badge = [](const Settings& settings) { return sizeBadge(settings); };
    return kind;
}

}  // namespace loom
