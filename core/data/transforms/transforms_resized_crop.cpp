#include <algorithm>
#include <cmath>

#include "core/base/sentence.h"
#include "core/data/transforms/random_window.h"
#include "core/data/transforms/scaling.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

class RandomResizedCrop : public Transform {
public:
    RandomResizedCrop(WindowSize size, WindowRange range, Scaling scaling)
        : m_size(size), m_range(std::move(range)), m_scaling(std::move(scaling)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const WindowSize sides = sidesOf(input);
        const PictureWindow window = choose(sides.height, sides.width, random, trace);
        if (window.height < 1 || window.width < 1) {
            const auto* picture = std::get_if<Picture>(&input);
            if (picture && !m_scaling.ofBytes) return black(picture->channels);
            return Error{sentence("RandomResizedCrop finds no pixel of the ratio that it wants in "
                                  "a tensor of {size}.",
                                  {{"size", sizeText(sides)}}),
                         "Change ratio, or put a Resize before it."};
        }
        return applyToWindow(cropped(input, window.top, window.left, window.height, window.width));
    }

    std::optional<PictureWindow> chooseWindow(std::int64_t height, std::int64_t width,
                                              TorchRandom& random,
                                              std::string* trace) const override {
        // Of a picture so small that nothing may be left, nothing is drawn before the whole is
        // there.
        if (std::min(height, width) < 2) return std::nullopt;
        return choose(height, width, random, trace);
    }

    Result<SampleInput> applyToWindow(SampleInput cut) const override {
        return m_scaling.apply(std::move(cut), m_size);
    }

private:
    /// What Pillow makes of nothing: a ratio far from a tiny picture's own leaves no pixel of it.
    SampleInput black(int channels) const {
        Picture made{static_cast<int>(m_size.width), static_cast<int>(m_size.height), channels, {}};
        made.pixels.resize(static_cast<std::size_t>(m_size.width * m_size.height * channels));
        return made;
    }

    PictureWindow choose(std::int64_t height, std::int64_t width, TorchRandom& random,
                         std::string* trace) const {
        PictureWindow window = centralWindow(height, width);
        const double area = static_cast<double>(height * width);
        for (int attempt = 0; attempt < WindowRange::kAttempts; ++attempt) {
            const auto [wide, high] = m_range.draw(area, random);
            if (wide < 1 || wide > width || high < 1 || high > height) continue;
            window = {0, 0, high, wide};
            window.top = random.integer(0, height - high + 1);
            window.left = random.integer(0, width - wide + 1);
            break;
        }
        if (trace) *trace = windowText(window);
        return window;
    }

    /// When nothing drawn fits: as much of the middle as the ratios allow.
    PictureWindow centralWindow(std::int64_t height, std::int64_t width) const {
        const auto [least, most] = std::minmax(m_range.ratio[0], m_range.ratio[1]);
        const double h = static_cast<double>(height), w = static_cast<double>(width);
        PictureWindow window{0, 0, height, width};
        if (w / h < least)
            window.height = static_cast<std::int64_t>(std::nearbyint(w / least));
        else if (w / h > most)
            window.width = static_cast<std::int64_t>(std::nearbyint(h * most));
        window.top = (height - window.height) / 2;
        window.left = (width - window.width) / 2;
        return window;
    }

    WindowSize m_size;
    WindowRange m_range;
    Scaling m_scaling;
};

Result<SampleSpec> infer(const Settings& settings, const SampleSpec& input) {
    if (const std::string problem = windowSizeProblem(settings); !problem.empty())
        return Error{"RandomResizedCrop's " + problem, "Write 224 or [224, 224]."};
    for (const char* key : {"scale", "ratio"})
        if (auto problem = rangeProblem("RandomResizedCrop", settings, key)) return *problem;
    if (input.isTensor)
        if (auto problem = tensorScaling("RandomResizedCrop", settings.text("interpolation")))
            return *problem;
    const WindowSize size = windowSize(settings);
    return SampleSpec{input.isTensor, {input.dims[0], size.height, size.width}};
}

}  // namespace

TransformKind randomResizedCropKind() {
    TransformKind kind;
    kind.info = {.id = "RandomResizedCrop",
                 .family = "size",
                 .summary = "cuts a random part and scales it to a size",
                 .details =
                     "The part has a random share of the picture's area, a random place and is a "
                     "little wider or higher than it should be, so that the network meets each "
                     "object near and far, whole and in part. The usual first step when a network "
                     "learns from photographs; tests take Resize and CenterCrop instead.",
                 .python = "torchvision.transforms.RandomResizedCrop",
                 .keywords = {"zoom", "window", "augment", "ImageNet", "scale"}};
    kind.random = true;
    kind.params = {
        windowSizeParam("What the part is scaled to: one number for a square, or height and "
                        "width."),
        {.key = "scale",
         .type = ParamType::Floats,
         .defaultValue = List{0.08, 1.0},
         .hint = "The least and the most share of the picture's area that is cut: 0.08 is a "
                 "twelfth, 1 all of it.",
         .arity = 2,
         .minimum = 0},
        {.key = "ratio",
         .type = ParamType::Floats,
         .defaultValue = List{3.0 / 4.0, 4.0 / 3.0},
         .hint = "The least and the most width per height of what is cut.",
         .arity = 2,
         .minimum = 0,
         .minimumExcluded = true},
        interpolationParam("bilinear", false),
        antialiasParam()};
    kind.params[0].suggestion = 224;
    kind.scales = true;
    kind.takesTensor = true;
    kind.infer = infer;
    const auto make = [](bool ofBytes) {
        return [ofBytes](const Settings& settings) -> std::shared_ptr<const Transform> {
            return std::make_shared<RandomResizedCrop>(
                windowSize(settings), windowRange(settings),
                scalingOf("RandomResizedCrop", settings, ofBytes));
        };
    };
    kind.make = make(false);
    kind.makeForBytes = make(true);
    kind.badge = [](const Settings& settings) { return sizeBadge(settings); };
    return kind;
}

}  // namespace loom
