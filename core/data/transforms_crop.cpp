#include <cmath>

#include "core/base/shape.h"
#include "core/data/pixels.h"
#include "core/data/transform_kinds.h"

namespace loom {
namespace {

std::string sizeText(const WindowSize& size) {
    return Shape{{size.height, size.width}}.toSentence();
}

/// `padding` as left, top, right, bottom; nullopt for a list of a wrong length.
std::optional<Padding> paddingOf(const Settings& settings) {
    Padding padding;
    padding.mode = settings.text("padding_mode");
    if (!settings.isNone("fill")) padding.fill = settings.numbers("fill");
    if (padding.fill.empty()) padding.fill = {0};
    if (settings.isNone("padding")) return padding;
    const std::vector<std::int64_t> sides = settings.integers("padding");
    if (sides.size() == 1)
        padding.left = padding.top = padding.right = padding.bottom = sides[0];
    else if (sides.size() == 2) {
        padding.left = padding.right = sides[0];
        padding.top = padding.bottom = sides[1];
    } else if (sides.size() == 4) {
        padding.left = sides[0];
        padding.top = sides[1];
        padding.right = sides[2];
        padding.bottom = sides[3];
    } else {
        return std::nullopt;
    }
    return padding;
}

class RandomCrop : public Transform {
public:
    RandomCrop(WindowSize size, Padding padding, bool padIfNeeded)
        : m_size(size), m_padding(std::move(padding)), m_padIfNeeded(padIfNeeded) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        if (const std::size_t fills = m_padding.fill.size();
            fills != 1 && static_cast<std::int64_t>(fills) != channelsOf(input))
            return Error{"RandomCrop's fill has " + std::to_string(fills) +
                         " numbers for a picture of " + std::to_string(channelsOf(input)) +
                         " channels."};
        if (!m_padding.none()) input = padded(input, m_padding);
        // torchvision adds what is missing on both sides, not half of it on each.
        if (m_padIfNeeded && sidesOf(input).width < m_size.width) {
            Padding more = m_padding;
            more.top = more.bottom = 0;
            more.left = more.right = m_size.width - sidesOf(input).width;
            input = padded(input, more);
        }
        if (m_padIfNeeded && sidesOf(input).height < m_size.height) {
            Padding more = m_padding;
            more.left = more.right = 0;
            more.top = more.bottom = m_size.height - sidesOf(input).height;
            input = padded(input, more);
        }
        const WindowSize sides = sidesOf(input);
        if (sides.height < m_size.height || sides.width < m_size.width)
            return Error{"RandomCrop cannot cut " + sizeText(m_size) + " out of a picture of " +
                             sizeText(sides) + ".",
                         "Put a Resize before it, set padding, or switch pad_if_needed on."};
        if (sides.height == m_size.height && sides.width == m_size.width) return input;
        const PictureWindow window = draw(sides, random, trace);
        return cropped(input, window.top, window.left, window.height, window.width);
    }

    std::optional<PictureWindow> chooseWindow(std::int64_t height, std::int64_t width,
                                              TorchRandom& random,
                                              std::string* trace) const override {
        if (!m_padding.none() || height < m_size.height || width < m_size.width ||
            (height == m_size.height && width == m_size.width))
            return std::nullopt;
        return draw({height, width}, random, trace);
    }

private:
    PictureWindow draw(const WindowSize& sides, TorchRandom& random, std::string* trace) const {
        const std::int64_t top = random.integer(0, sides.height - m_size.height + 1);
        const std::int64_t left = random.integer(0, sides.width - m_size.width + 1);
        if (trace) *trace = "x " + std::to_string(left) + ", y " + std::to_string(top);
        return {top, left, m_size.height, m_size.width};
    }

    WindowSize m_size;
    Padding m_padding;
    bool m_padIfNeeded;
};

Result<SampleSpec> inferRandomCrop(const Settings& settings, const SampleSpec& input) {
    if (const std::string problem = windowSizeProblem(settings); !problem.empty())
        return Error{"RandomCrop's " + problem, "Write 28 or [28, 28]."};
    const auto padding = paddingOf(settings);
    if (!padding)
        return Error{
            "RandomCrop's padding is " + settings.value("padding").toPython() +
                ", but it must be one number, two (left and right, top and bottom) or four "
                "(left, top, right, bottom).",
            "Write 4 for four pixels on every side."};
    const std::int64_t channels = input.dims[0];
    const auto fills = static_cast<std::int64_t>(padding->fill.size());
    if (fills != 1 && input.isTensor)
        return Error{"RandomCrop's fill must be a single number for a tensor.",
                     "Put RandomCrop before ToTensor."};
    if (fills != 1 && channels >= 0 && fills != channels)
        return Error{"RandomCrop's fill has " + std::to_string(fills) +
                         " numbers, but the picture has " + std::to_string(channels) +
                         (channels == 1 ? " channel." : " channels."),
                     "Give a single number, or one per channel."};
    const WindowSize size = windowSize(settings);
    WindowSize sides{input.dims[1], input.dims[2]};
    if (sides.height >= 0) sides.height += padding->top + padding->bottom;
    if (sides.width >= 0) sides.width += padding->left + padding->right;
    const bool small = (sides.height >= 0 && sides.height < size.height) ||
                       (sides.width >= 0 && sides.width < size.width);
    if (small && !settings.flag("pad_if_needed"))
        return Error{
            "RandomCrop cannot cut " + sizeText(size) + " out of a picture of " + sizeText(sides) +
                (padding->none() ? "." : ", its padding included."),
            "Make size smaller, set padding, switch pad_if_needed on, or put a Resize before it."};
    return SampleSpec{input.isTensor, {channels, size.height, size.width}};
}

class CenterCrop : public Transform {
public:
    explicit CenterCrop(WindowSize size) : m_size(size) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        WindowSize sides = sidesOf(input);
        Padding padding;
        if (m_size.width > sides.width) {
            padding.left = (m_size.width - sides.width) / 2;
            padding.right = (m_size.width - sides.width + 1) / 2;
        }
        if (m_size.height > sides.height) {
            padding.top = (m_size.height - sides.height) / 2;
            padding.bottom = (m_size.height - sides.height + 1) / 2;
        }
        if (!padding.none()) {
            input = padded(input, padding);
            sides = sidesOf(input);
        }
        const PictureWindow window = middle(sides);
        return cropped(input, window.top, window.left, window.height, window.width);
    }

    std::optional<PictureWindow> chooseWindow(std::int64_t height, std::int64_t width, TorchRandom&,
                                              std::string*) const override {
        if (height < m_size.height || width < m_size.width) return std::nullopt;
        return middle({height, width});
    }

private:
    PictureWindow middle(const WindowSize& sides) const {
        // Python rounds halves to the even number, as nearbyint does.
        const auto begin = [](std::int64_t more) {
            return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(more) / 2.0));
        };
        return {begin(sides.height - m_size.height), begin(sides.width - m_size.width),
                m_size.height, m_size.width};
    }

    WindowSize m_size;
};

}  // namespace

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
                 .keywords = {"shift", "window", "augment", "pad"}};
    kind.random = true;
    kind.takesTensor = true;
    ParamSpec padding;
    padding.key = "padding";
    padding.type = ParamType::Ints;
    padding.optional = true;
    padding.arity = 0;
    padding.minimum = 0;
    padding.maximum = 4096;
    padding.unit = "pixels";
    padding.noneText = "none";
    padding.hint =
        "Pixels added around the picture first: one number for every side, two for left and "
        "right, top and bottom, or four for left, top, right, bottom.";
    ParamSpec padIfNeeded;
    padIfNeeded.key = "pad_if_needed";
    padIfNeeded.type = ParamType::Bool;
    padIfNeeded.defaultValue = false;
    padIfNeeded.hint = "Pad pictures that are smaller than the window instead of refusing them.";
    ParamSpec fill;
    fill.key = "fill";
    fill.type = ParamType::Floats;
    fill.defaultValue = 0;
    fill.arity = 0;
    fill.hint = "The colour of the padding, 0 (black) to 255: one number, or one per channel.";
    fill.visibleWhenKey = "padding_mode";
    fill.visibleWhenValue = "constant";
    ParamSpec mode;
    mode.key = "padding_mode";
    mode.type = ParamType::Choice;
    mode.defaultValue = "constant";
    mode.choices = {"constant", "edge", "reflect", "symmetric"};
    mode.hint =
        "What the padding shows: one colour, the edge pixels repeated, or the picture mirrored "
        "(reflect leaves the edge pixel out, symmetric repeats it).";
    kind.params = {windowSizeParam("The window: one number for a square, or height and width."),
                   padding, padIfNeeded, fill, mode};
    kind.infer = inferRandomCrop;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomCrop>(windowSize(settings),
                                            paddingOf(settings).value_or(Padding{}),
                                            settings.flag("pad_if_needed"));
    };
    kind.badge = [](const Settings& settings) {
        const bool plain = settings.isNone("padding");
        return sizeBadge(settings) +
               (plain ? "" : ", padding " + settings.value("padding").toText());
    };
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
    kind.badge = [](const Settings& settings) { return sizeBadge(settings); };
    return kind;
}

}  // namespace loom
