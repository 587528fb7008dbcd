#include <cmath>

#include "core/base/shape.h"
#include "core/data/resample.h"
#include "core/data/transform_kinds.h"

namespace loom {
namespace {

/// Larger sides than any picture file may have.
constexpr std::int64_t kMaximumSide = 65'535;

struct ResizeRule {
    std::vector<std::int64_t> size;  ///< the short side, or height and width
    std::optional<std::int64_t> maximum;

    /// Python truncates where a side comes out broken.
    WindowSize of(std::int64_t height, std::int64_t width) const {
        if (size.size() == 2) return {size[0], size[1]};
        const bool upright = width <= height;
        const std::int64_t shortSide = upright ? width : height;
        const std::int64_t longSide = upright ? height : width;
        std::int64_t newShort = size[0];
        auto newLong = static_cast<std::int64_t>(static_cast<double>(newShort * longSide) /
                                                 static_cast<double>(shortSide));
        if (maximum && newLong > *maximum) {
            newShort = static_cast<std::int64_t>(static_cast<double>(*maximum * newShort) /
                                                 static_cast<double>(newLong));
            newLong = *maximum;
        }
        return upright ? WindowSize{newLong, newShort} : WindowSize{newShort, newLong};
    }
};

ResizeRule ruleOf(const Settings& settings) {
    ResizeRule rule{settings.integers("size"), std::nullopt};
    if (!settings.isNone("max_size")) rule.maximum = settings.integer("max_size");
    return rule;
}

std::string sizeText(std::int64_t height, std::int64_t width) {
    return Shape{{height, width}}.toSentence();
}

/// What is wrong with the outcome; empty when it can be made.
std::string outcomeProblem(std::int64_t height, std::int64_t width, const WindowSize& made) {
    if (made.height >= 1 && made.width >= 1 && made.height <= kMaximumSide &&
        made.width <= kMaximumSide)
        return {};
    return "Resize would make a picture of " + sizeText(height, width) + " into " +
           sizeText(made.height, made.width) + ".";
}

class Resize : public Transform {
public:
    Resize(ResizeRule rule, std::string method)
        : m_rule(std::move(rule)), m_method(std::move(method)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        const auto& picture = std::get<Picture>(input);
        const WindowSize made = m_rule.of(picture.height, picture.width);
        if (const std::string problem = outcomeProblem(picture.height, picture.width, made);
            !problem.empty())
            return Error{problem, "Choose a size from 1 to 65,535."};
        if (made.height == picture.height && made.width == picture.width) return input;
        return SampleInput(resample(picture, static_cast<int>(made.width),
                                    static_cast<int>(made.height), m_method));
    }

private:
    ResizeRule m_rule;
    std::string m_method;
};

Result<SampleSpec> infer(const Settings& settings, const SampleSpec& input) {
    const ResizeRule rule = ruleOf(settings);
    if (rule.size.empty() || rule.size.size() > 2)
        return Error{"Resize's size is " + settings.value("size").toPython() +
                         ", but it must be one number (the short side) or two (height and width).",
                     "Write 32 or [32, 32]."};
    if (rule.maximum && rule.size.size() == 2)
        return Error{"Resize's max_size only goes with a single number as size.",
                     "Take max_size away, or give the short side alone as size."};
    if (rule.maximum && *rule.maximum <= rule.size[0])
        return Error{"Resize's max_size is " + std::to_string(*rule.maximum) +
                         ", but it must be greater than size, " + std::to_string(rule.size[0]) +
                         ".",
                     "The short side becomes size, so the long side cannot be shorter than that."};
    const std::int64_t height = input.dims[1];
    const std::int64_t width = input.dims[2];
    if (rule.size.size() == 2)
        return SampleSpec{input.isTensor, {input.dims[0], rule.size[0], rule.size[1]}};
    if (height < 1 || width < 1) return SampleSpec{input.isTensor, {input.dims[0], -1, -1}};
    const WindowSize made = rule.of(height, width);
    if (const std::string problem = outcomeProblem(height, width, made); !problem.empty())
        return Error{problem, "Choose a size from 1 to 65,535."};
    return SampleSpec{input.isTensor, {input.dims[0], made.height, made.width}};
}

}  // namespace

TransformKind resizeKind() {
    TransformKind kind;
    kind.info = {
        .id = "Resize",
        .family = "size",
        .summary = "scales the picture to a size",
        .details =
            "With one number, the short side gets that length and the long side follows, so "
            "pictures of different shapes stay different. With two numbers, [height, width], "
            "every picture gets exactly that size and may be squeezed. Pixels are those "
            "that Pillow makes, so a network trained here sees the same in Python.",
        .python = "torchvision.transforms.Resize",
        .keywords = {"scale", "shrink", "enlarge", "interpolate"}};
    ParamSpec size;
    size.key = "size";
    size.type = ParamType::Ints;
    size.required = true;
    size.suggestion = 32;
    size.arity = 0;
    size.minimum = 1;
    size.maximum = kMaximumSide;
    size.unit = "pixels";
    size.hint = "One number: the length of the short side. Two numbers: height and width.";
    ParamSpec interpolation;
    interpolation.key = "interpolation";
    interpolation.type = ParamType::Choice;
    interpolation.defaultValue = "bilinear";
    interpolation.choices = {"nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"};
    interpolation.hint =
        "How pixels between pixels are found. bilinear is the usual choice, bicubic and "
        "lanczos are sharper, nearest keeps the exact colours.";
    ParamSpec maximum;
    maximum.key = "max_size";
    maximum.type = ParamType::Int;
    maximum.optional = true;
    maximum.minimum = 1;
    maximum.maximum = kMaximumSide;
    maximum.unit = "pixels";
    maximum.noneText = "no limit";
    maximum.hint =
        "The most the long side may have when size is one number; both sides shrink to keep it.";
    ParamSpec antialias;
    antialias.key = "antialias";
    antialias.type = ParamType::Bool;
    antialias.optional = true;
    antialias.noneText = "as Pillow does";
    antialias.hint =
        "Has no effect here: pictures are always smoothed when they shrink, as Pillow does.";
    kind.params = {size, interpolation, maximum, antialias};
    kind.infer = infer;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<Resize>(ruleOf(settings), settings.text("interpolation"));
    };
    kind.badge = [](const Settings& settings) { return sizeBadge(settings); };
    return kind;
}

}  // namespace loom
