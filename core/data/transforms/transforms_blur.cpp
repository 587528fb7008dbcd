#include "core/base/shape.h"
#include "core/data/transforms/colour_kinds.h"
#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

struct Blur {
    std::int64_t width = 0;
    std::int64_t height = 0;
    double lowest = 0;
    double highest = 0;
};

/// nullopt for lists of a wrong length.
std::optional<Blur> blurOf(const Settings& settings) {
    const std::vector<std::int64_t> sides = settings.integers("kernel_size");
    const std::vector<double> sigma = settings.numbers("sigma");
    if (sides.empty() || sides.size() > 2 || sigma.empty() || sigma.size() > 2) return std::nullopt;
    if (sigma.size() == 1 && settings.value("sigma").isList()) return std::nullopt;
    return Blur{sides.front(), sides.back(), sigma.front(), sigma.back()};
}

/// The mirror image that continues a picture has one pixel less than the picture.
std::optional<Error> sizeProblem(const Blur& blur, std::int64_t height, std::int64_t width) {
    if ((height < 0 || blur.height / 2 < height) && (width < 0 || blur.width / 2 < width))
        return std::nullopt;
    return Error{"GaussianBlur's kernel of " + Shape{{blur.height, blur.width}}.toSentence() +
                     " pixels is too large for a picture of " +
                     Shape{{height, width}}.toSentence() +
                     ": half of it must be smaller than the picture.",
                 "Make kernel_size smaller, or put a Resize before it."};
}

class GaussianBlur : public Transform {
public:
    explicit GaussianBlur(const Blur& blur) : m_blur(blur) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const WindowSize sides = sidesOf(input);
        if (auto problem = sizeProblem(m_blur, sides.height, sides.width)) return *problem;
        const double sigma = random.uniform(m_blur.lowest, m_blur.highest);
        if (trace) *trace = "σ " + drawnNumber(sigma);
        std::visit(
            [&](auto& sample) {
                gaussianBlur(sample, {m_blur.width, m_blur.height, sigma});
            },
            input);
        return input;
    }

private:
    Blur m_blur;
};

Result<SampleSpec> inferBlur(const Settings& settings, const SampleSpec& input) {
    const std::string kernel =
        "GaussianBlur's kernel_size is " + settings.value("kernel_size").toPython();
    const std::string sigma = "GaussianBlur's sigma is " + settings.value("sigma").toPython();
    for (const std::int64_t side : settings.integers("kernel_size"))
        if (side % 2 == 0)
            return Error{
                kernel + ", but it must be odd, so that the kernel has a middle.",
                "Write " + std::to_string(side + 1) + " instead of " + std::to_string(side) + "."};
    const auto blur = blurOf(settings);
    if (!blur && settings.integers("kernel_size").size() - 1 > 1)
        return Error{kernel + ", but it must be one number or two, width and height.",
                     "Write 5 or [5, 3]."};
    if (!blur)
        return Error{sigma + ", but it must be one number or a list of two.",
                     "Write 1.0, or [0.1, 2.0] to draw it anew for each picture."};
    if (blur->lowest > blur->highest)
        return Error{
            sigma + ", but the smaller number must come first.",
            "Write [" + formatFloat(blur->highest) + ", " + formatFloat(blur->lowest) + "]."};
    if (auto problem = sizeProblem(*blur, input.dims[1], input.dims[2])) return *problem;
    return input;
}

}  // namespace

TransformKind gaussianBlurKind() {
    TransformKind kind;
    kind.info = {
        .id = "GaussianBlur",
        .family = "colour",
        .summary = "blurs the picture, each time differently",
        .details =
            "Each pixel becomes a mean of its neighbours, near ones counting most, as through a "
            "lens out of focus. How far it reaches, sigma, is drawn for each picture; kernel_size "
            "says how many neighbours are looked at, about six times sigma. The network then "
            "learns outlines instead of single pixels. For training only.",
        .python = "torchvision.transforms.GaussianBlur",
        .keywords = {"smooth", "soften", "focus", "augment"},
        .formula =
            "y[i, j] = Σ w[a] · w[b] · x[i + a, j + b]\n"
            "w[a] = exp(−a² / (2 · σ²)) / Σ exp(−b² / (2 · σ²)), σ drawn from sigma"};
    kind.random = true;
    kind.takesTensor = true;
    kind.params = {{.key = "kernel_size",
                    .type = ParamType::Ints,
                    .hint = "How many neighbours count: an odd number, or two for width and "
                            "height.",
                    .required = true,
                    .arity = 0,
                    .minimum = 1,
                    .maximum = 255,
                    .unit = "pixels",
                    .suggestion = 5},
                   {.key = "sigma",
                    .type = ParamType::Floats,
                    .defaultValue = List{0.1, 2.0},
                    .hint = "How far the blur reaches, in pixels: one number, or a range to draw "
                            "from.",
                    .arity = 0,
                    .minimum = 0,
                    .maximum = 1000,
                    .minimumExcluded = true,
                    .unit = "pixels"}};
    kind.infer = inferBlur;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<GaussianBlur>(blurOf(settings).value_or(Blur{1, 1, 1, 1}));
    };
    kind.badge = [](const Settings& settings) { return sizeBadge(settings, "kernel_size"); };
    kind.info.changes.push_back(
        v2Change("The bell is computed in another way, so that pixels differ by one and numbers in "
                 "their last bits."));
    return kind;
}

}  // namespace loom
