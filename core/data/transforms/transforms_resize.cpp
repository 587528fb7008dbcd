#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>

#include "core/data/transforms/scaling.h"
#include "core/data/transforms/transform_kinds.h"

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

/// OpenCV's own ways by the names that `interpolation` has for them.
const std::map<std::string, int> kFast = {{"opencv_bilinear", cv::INTER_LINEAR},
                                          {"opencv_area", cv::INTER_AREA}};

Picture resizedByOpenCv(const Picture& picture, int width, int height, int method) {
    const int type = picture.channels == 1 ? CV_8UC1 : CV_8UC3;
    Picture made{width, height, picture.channels, {}};
    made.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                       static_cast<std::size_t>(picture.channels));
    const cv::Mat in(picture.height, picture.width, type,
                     const_cast<std::uint8_t*>(picture.pixels.data()));
    cv::Mat out(height, width, type, made.pixels.data());
    cv::resize(in, out, out.size(), 0, 0, method);
    return made;
}

class Resize : public Transform {
public:
    Resize(ResizeRule rule, Scaling scaling)
        : m_rule(std::move(rule)), m_scaling(std::move(scaling)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom&, std::string*) const override {
        const WindowSize sides = sidesOf(input);
        const WindowSize made = m_rule.of(sides.height, sides.width);
        const auto fast = kFast.find(m_scaling.interpolation);
        const auto* picture = std::get_if<Picture>(&input);
        if (!picture || m_scaling.ofBytes || fast == kFast.end())
            return m_scaling.apply(std::move(input), made);
        if (auto problem = scalingProblem("Resize", sides, made)) return *problem;
        if (made.height == sides.height && made.width == sides.width) return input;
        return SampleInput(resizedByOpenCv(*picture, static_cast<int>(made.width),
                                           static_cast<int>(made.height), fast->second));
    }

private:
    ResizeRule m_rule;
    Scaling m_scaling;
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
    if (input.isTensor)
        if (auto problem = tensorScaling("Resize", settings.text("interpolation"))) return *problem;
    const std::int64_t height = input.dims[1];
    const std::int64_t width = input.dims[2];
    if (rule.size.size() == 2)
        return SampleSpec{input.isTensor, {input.dims[0], rule.size[0], rule.size[1]}};
    if (height < 1 || width < 1) return SampleSpec{input.isTensor, {input.dims[0], -1, -1}};
    const WindowSize made = rule.of(height, width);
    if (auto problem = scalingProblem("Resize", {height, width}, made)) return *problem;
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
            "that Pillow makes, so a network trained here sees the same in Python; of a tensor "
            "they are those that PyTorch makes.",
        .python = "torchvision.transforms.Resize",
        .keywords = {"scale", "shrink", "enlarge", "interpolate"}};
    kind.params = {{.key = "size",
                    .type = ParamType::Ints,
                    .hint = "One number: the length of the short side. Two numbers: height and "
                            "width.",
                    .required = true,
                    .arity = 0,
                    .minimum = 1,
                    .maximum = kMaximumSide,
                    .unit = "pixels",
                    .suggestion = 32},
                   interpolationParam("bilinear", false),
                   {.key = "max_size",
                    .type = ParamType::Int,
                    .hint = "The most the long side may have when size is one number; both sides "
                            "shrink to keep it.",
                    .optional = true,
                    .minimum = 1,
                    .maximum = kMaximumSide,
                    .unit = "pixels",
                    .noneText = "no limit"},
                   antialiasParam()};
    ParamSpec& interpolation = kind.params[1];
    for (const auto& [name, method] : kFast) interpolation.choices.push_back(name);
    interpolation.hint +=
        " Those of OpenCV are faster, but their pixels are not those of torchvision.";
    kind.fidelity =
        "bit for bit, but for opencv_bilinear and opencv_area: OpenCV's pixels differ from "
        "Pillow's by up to 181 of 255";
    kind.scales = true;
    kind.takesTensor = true;
    kind.infer = infer;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<Resize>(ruleOf(settings), scalingOf("Resize", settings));
    };
    kind.makeForBytes = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<Resize>(ruleOf(settings), scalingOf("Resize", settings, true));
    };
    kind.badge = [](const Settings& settings) { return sizeBadge(settings); };
    return kind;
}

}  // namespace loom
