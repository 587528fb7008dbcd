#include <algorithm>

#include "core/base/sentence.h"
#include "core/data/transforms/random_window.h"
#include "core/data/transforms/torch_math.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

class RandomErasing : public Transform {
public:
    explicit RandomErasing(const Settings& settings)
        : m_p(settings.number("p")), m_range(windowRange(settings)) {
        // No values: each pixel gets a random one.
        if (!settings.value("value").isString())
            for (const double value : settings.numbers("value"))
                m_values.push_back(static_cast<float>(value));
    }

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        if (trace) *trace = "not applied";
        if (!happens(m_p, random)) return input;
        auto& tensor = std::get<TensorSample>(input);
        if (auto problem = valueProblem(static_cast<std::int64_t>(m_values.size()), tensor.dims[0]))
            return *problem;
        const std::int64_t height = tensor.dims[1], width = tensor.dims[2];
        for (int attempt = 0; attempt < WindowRange::kAttempts; ++attempt) {
            const auto [high, wide] = m_range.draw(static_cast<double>(height * width), random);
            if (high >= height || wide >= width) continue;
            std::vector<float> noise;
            if (m_values.empty()) noise = torchNormals(tensor.dims[0] * high * wide, random);
            PictureWindow window{0, 0, high, wide};
            window.top = random.integer(0, height - high + 1);
            window.left = random.integer(0, width - wide + 1);
            if (trace) *trace = windowText(window);
            erase(tensor, window, noise);
            return input;
        }
        return input;
    }

    static std::optional<Error> valueProblem(std::int64_t values, std::int64_t channels) {
        if (values <= 1 || channels < 0 || values == channels) return std::nullopt;
        return Error{"RandomErasing's value has " + counted(values, "number", "numbers") +
                         ", but the tensor has " + counted(channels, "channel", "channels") + ".",
                     "Give a single number, one per channel, or random."};
    }

private:
    void erase(TensorSample& tensor, const PictureWindow& window,
               const std::vector<float>& noise) const {
        auto from = noise.begin();
        for (std::int64_t channel = 0; channel < tensor.dims[0]; ++channel)
            for (std::int64_t y = window.top; y < window.top + window.height; ++y) {
                float* row = tensor.values.data() +
                             (channel * tensor.dims[1] + y) * tensor.dims[2] + window.left;
                if (!m_values.empty()) {
                    const auto one = static_cast<std::size_t>(m_values.size() == 1 ? 0 : channel);
                    std::fill_n(row, window.width, m_values[one]);
                } else {
                    std::copy_n(from, window.width, row);
                    from += window.width;
                }
            }
    }

    double m_p;
    WindowRange m_range;
    std::vector<float> m_values;
};

Result<SampleSpec> infer(const Settings& settings, const SampleSpec& input) {
    for (const char* key : {"scale", "ratio"})
        if (auto problem = rangeProblem("RandomErasing", settings, key)) return *problem;
    const bool random = settings.value("value").isString();
    const auto values = static_cast<std::int64_t>(settings.numbers("value").size());
    if (!random && values == 0)
        return Error{"RandomErasing's value is an empty list.",
                     "Give a single number, one per channel, or random."};
    if (auto problem = RandomErasing::valueProblem(random ? 0 : values, input.dims[0]))
        return *problem;
    return input;
}

}  // namespace

TransformKind randomErasingKind() {
    TransformKind kind;
    kind.info = {.id = "RandomErasing",
                 .family = "tensor",
                 .summary = "blots out a random rectangle now and then",
                 .details =
                     "A network that only ever looks at a cat's ears fails when they are "
                     "hidden. With a random part blotted out, it learns to use the rest "
                     "too. After ToTensor and Normalize, for training only.",
                 .python = "torchvision.transforms.RandomErasing",
                 .keywords = {"cutout", "hide", "occlusion", "rectangle", "augment"}};
    kind.random = true;
    kind.takesPicture = false;
    kind.takesTensor = true;
    kind.params = {
        chanceParam(),
        {.key = "scale",
         .type = ParamType::Floats,
         .defaultValue = List{0.02, 0.33},
         .hint = "The least and the most share of the area that is blotted out.",
         .arity = 2,
         .minimum = 0,
         .maximum = 1},
        {.key = "ratio",
         .type = ParamType::Floats,
         .defaultValue = List{0.3, 3.3},
         .hint = "The least and the most height per width of the rectangle.",
         .arity = 2,
         .minimum = 0,
         .minimumExcluded = true},
        {.key = "value",
         .type = ParamType::Floats,
         .defaultValue = 0,
         .hint = "What is put there: a number, one per channel, or random for noise.",
         .arity = 0,
         .choices = {"random"}},
        {.key = "inplace",
         .type = ParamType::Bool,
         .defaultValue = false,
         .hint = "Overwrite the tensor instead of making a new one. The result is the same."}};
    kind.infer = infer;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomErasing>(settings);
    };
    kind.badge = chanceBadge;
    return kind;
}

}  // namespace loom
