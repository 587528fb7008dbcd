#include "core/base/sentence.h"
#include "core/data/transforms/elastic.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

Bending bendingOf(const Settings& settings) {
    const auto two = [&](const char* key) {
        const std::vector<double> numbers = settings.numbers(key);
        return std::array<double, 2>{numbers.front(), numbers.back()};
    };
    return {two("alpha"), two("sigma"), settings.text("interpolation"), settings.number("fill")};
}

std::optional<Error> bendingProblem(const Bending& bending, const WindowSize& sides) {
    if ((bending.sigma[0] > 0) != (bending.sigma[1] > 0))
        return Error{
            "ElasticTransform's sigma is 0 for one axis alone, but each of the two is "
            "smoothed by both.",
            "Make both greater than 0, or both 0 for no smoothing."};
    const std::int64_t reach = bending.reach();
    const auto small = [&](std::int64_t side) { return side >= 0 && side <= reach; };
    if (!small(sides.height) && !small(sides.width)) return std::nullopt;
    return Error{
        sentence("ElasticTransform with this sigma needs sides of more than {reach}, but "
                 "{size} arrives here.",
                 {{"reach", counted(reach, "pixel", "pixels")}, {"size", sizeText(sides)}}),
        "Make sigma smaller, or put a Resize before it."};
}

class ElasticTransform : public Transform {
public:
    explicit ElasticTransform(Bending bending) : m_bending(std::move(bending)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        const WindowSize sides = sidesOf(input);
        if (auto problem = bendingProblem(m_bending, sides)) return *problem;
        const auto draw = [&] {
            std::vector<float> drawn(static_cast<std::size_t>(sides.height * sides.width));
            for (float& number : drawn) number = random.uniform();
            return drawn;
        };
        const std::vector<float> x = draw(), y = draw();
        if (trace) *trace = "every pixel of its own";
        return bent(input, m_bending, x, y);
    }

private:
    Bending m_bending;
};

}  // namespace

TransformKind elasticTransformKind() {
    TransformKind kind;
    kind.info = {.id = "ElasticTransform",
                 .family = "geometry",
                 .summary = "bends the picture as if seen through water",
                 .details =
                     "Each pixel moves a little, neighbours together, so that straight "
                     "lines become wavy. For hand-written digits this is like another "
                     "hand; for cells and tissue, like another sample. alpha says how far, "
                     "sigma how smoothly.",
                 .python = "torchvision.transforms.ElasticTransform",
                 .keywords = {"wave", "warp", "distort", "water", "deform", "augment"},
                 .formula =
                     "y(p) = x(p + α · smooth(noise) / side), noise drawn from −1 to 1, smoothed "
                     "by a bell of width σ"};
    kind.random = true;
    kind.takesTensor = true;
    const auto pair = [](const char* key, double usual, const char* hint) {
        return ParamSpec{.key = key,
                         .type = ParamType::Floats,
                         .defaultValue = usual,
                         .hint = hint,
                         .arity = 2,
                         .minimum = 0,
                         .maximum = 10'000};
    };
    kind.params = {pair("alpha", 50.0, "How far pixels move: one number, or one each for x and y."),
                   pair("sigma", 5.0,
                        "How smoothly: 5 moves areas of some ten pixels together; one number, or "
                        "one each for x and y."),
                   interpolationParam("bilinear", true),
                   {.key = "fill",
                    .type = ParamType::Float,
                    .defaultValue = 0,
                    .hint = "The colour of what the picture does not cover, 0 (black) to 255."}};
    kind.params[1].maximum = 100;
    kind.params[2].choices = {"nearest", "bilinear"};
    kind.params[2].hint =
        "How pixels between pixels are found: bilinear is smooth, nearest keeps "
        "the exact colours.";
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (auto problem = bendingProblem(bendingOf(settings), {input.dims[1], input.dims[2]}))
            return *problem;
        return input;
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<ElasticTransform>(bendingOf(settings));
    };
    kind.badge = [](const Settings& settings) { return "α " + settings.value("alpha").toText(); };
    kind.info.changes.push_back(
        v2Change("The displacement is smoothed in another way, so that single pixels differ."));
    return kind;
}

}  // namespace loom
