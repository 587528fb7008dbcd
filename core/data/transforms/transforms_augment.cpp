#include "core/base/sentence.h"
#include "core/data/transforms/augment_operations.h"
#include "core/data/transforms/augment_policies.h"
#include "core/data/transforms/colour_kinds.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

using Unit = MagnitudeUnit;

const char* const kFamily = "automatic augmentation";

/// The magnitudes of AutoAugment and RandAugment.
const std::vector<AugmentChoice> kUsualChoices = {
    {"Identity"},
    {"ShearX", Unit::Plain, 0, 0.3, true},
    {"ShearY", Unit::Plain, 0, 0.3, true},
    {"TranslateX", Unit::OfWidth, 0, 150.0 / 331.0, true},
    {"TranslateY", Unit::OfHeight, 0, 150.0 / 331.0, true},
    {"Rotate", Unit::Plain, 0, 30, true},
    {"Brightness", Unit::Plain, 0, 0.9, true},
    {"Color", Unit::Plain, 0, 0.9, true},
    {"Contrast", Unit::Plain, 0, 0.9, true},
    {"Sharpness", Unit::Plain, 0, 0.9, true},
    {"Posterize", Unit::FewerBits, 8, 4},
    {"Solarize", Unit::Plain, 255, 0},
    {"AutoContrast"},
    {"Equalize"},
};

const std::vector<AugmentChoice> kWideChoices = {
    {"Identity"},
    {"ShearX", Unit::Plain, 0, 0.99, true},
    {"ShearY", Unit::Plain, 0, 0.99, true},
    {"TranslateX", Unit::Plain, 0, 32, true},
    {"TranslateY", Unit::Plain, 0, 32, true},
    {"Rotate", Unit::Plain, 0, 135, true},
    {"Brightness", Unit::Plain, 0, 0.99, true},
    {"Color", Unit::Plain, 0, 0.99, true},
    {"Contrast", Unit::Plain, 0, 0.99, true},
    {"Sharpness", Unit::Plain, 0, 0.99, true},
    {"Posterize", Unit::FewerBits, 8, 6},
    {"Solarize", Unit::Plain, 255, 0},
    {"AutoContrast"},
    {"Equalize"},
};

/// The magnitudes of AutoAugment's policies count to ten.
constexpr std::int64_t kPolicyBins = 10;

std::vector<AugmentChoice> policyChoices() {
    std::vector<AugmentChoice> choices = kUsualChoices;
    choices.push_back({"Invert"});
    return choices;
}

Surroundings surroundingsOf(const Settings& settings) {
    Surroundings around{interpolationNamed(settings.text("interpolation")), {0}};
    if (!settings.isNone("fill")) around.fill = settings.numbers("fill");
    return around;
}

/// How many numbers `fill` gives in a list, for one channel each; a plain number is for all.
std::optional<std::int64_t> fillCount(const Settings& settings) {
    if (!settings.value("fill").isList()) return std::nullopt;
    return static_cast<std::int64_t>(settings.numbers("fill").size());
}

std::optional<Error> fillProblem(const std::string& name, std::optional<std::int64_t> count,
                                 std::int64_t channels) {
    const std::string hint = "Give a single number, or a list of one per channel.";
    if (count && *count == 0) return Error{name + "'s fill is an empty list.", hint};
    if (!count || *count == 1 || channels < 0 || *count == channels) return std::nullopt;
    return Error{sentence("{name}'s fill has {numbers}, but the picture has {channels}.",
                          {{"name", name},
                           {"numbers", counted(std::int64_t(*count), "number", "numbers")},
                           {"channels", counted(channels, "channel", "channels")}}),
                 hint};
}

/// A transform that chooses operations for each picture.
class Augment : public Transform {
public:
    Augment(std::string name, const Settings& settings, AugmentSpace space)
        : m_name(std::move(name)),
          m_around(surroundingsOf(settings)),
          m_fillCount(fillCount(settings)),
          m_space(std::move(space)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        auto& picture = std::get<Picture>(input);
        if (auto problem = fillProblem(m_name, m_fillCount, picture.channels)) return *problem;
        augment(picture, random, trace);
        if (trace && trace->empty()) *trace = "not applied";
        return input;
    }

protected:
    virtual void augment(Picture& picture, TorchRandom& random, std::string* trace) const = 0;

    const AugmentSpace& space() const { return m_space; }
    void perform(std::size_t index, double magnitude, Picture& picture, std::string* trace) const {
        const AugmentOperation& operation = m_space.operation(index);
        operation.apply(picture, magnitude, m_around);
        if (trace) *trace += (trace->empty() ? "" : ", ") + told(operation, magnitude);
    }

private:
    std::string m_name;
    Surroundings m_around;
    std::optional<std::int64_t> m_fillCount;
    AugmentSpace m_space;
};

class AutoAugment : public Augment {
public:
    explicit AutoAugment(const Settings& settings)
        : Augment("AutoAugment", settings, AugmentSpace(policyChoices(), kPolicyBins)),
          m_policy(augmentPolicy(settings.text("policy"))) {}

private:
    void augment(Picture& picture, TorchRandom& random, std::string* trace) const override {
        const auto& steps = m_policy[static_cast<std::size_t>(
            random.integer(0, static_cast<std::int64_t>(m_policy.size())))];
        const std::array<float, 2> chances = {random.uniform(), random.uniform()};
        const std::array<std::int64_t, 2> coins = {random.integer(0, 2), random.integer(0, 2)};
        // Magnitudes are fractions of the picture as it came; no operation changes its sides.
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (chances[i] > static_cast<float>(steps[i].probability)) continue;
            const std::size_t index = space().indexOf(steps[i].operation);
            double magnitude = space().magnitude(index, steps[i].bin, picture);
            if (space().isSigned(index) && coins[i] == 0) magnitude = -magnitude;
            perform(index, magnitude, picture, trace);
        }
    }

    const AugmentPolicy& m_policy;
};

/// Draws one operation after the other.
class DrawnAugment : public Augment {
public:
    /// Without `bin` it is drawn too.
    DrawnAugment(std::string name, const Settings& settings,
                 const std::vector<AugmentChoice>& choices, std::int64_t operations,
                 std::int64_t bins, std::optional<std::int64_t> bin)
        : Augment(std::move(name), settings, AugmentSpace(choices, bins)),
          m_operations(operations),
          m_bins(bins),
          m_bin(bin) {}

private:
    void augment(Picture& picture, TorchRandom& random, std::string* trace) const override {
        for (std::int64_t i = 0; i < m_operations; ++i) {
            const auto index = static_cast<std::size_t>(
                random.integer(0, static_cast<std::int64_t>(space().size())));
            double magnitude = 0;
            if (space().hasMagnitudes(index)) {
                const std::int64_t bin = m_bin ? *m_bin : random.integer(0, m_bins);
                magnitude = space().magnitude(index, static_cast<std::size_t>(bin), picture);
            }
            if (space().isSigned(index) && random.integer(0, 2) != 0) magnitude = -magnitude;
            perform(index, magnitude, picture, trace);
        }
    }

    std::int64_t m_operations;
    std::int64_t m_bins;
    std::optional<std::int64_t> m_bin;
};

ParamSpec interpolationParam() {
    return {.key = "interpolation",
            .type = ParamType::Choice,
            .defaultValue = "nearest",
            .hint =
                "How pixels between pixels are found when the picture is turned, sheared or "
                "moved: nearest is fast, bilinear smoother, bicubic sharper.",
            .choices = {"nearest", "bilinear", "bicubic"}};
}

ParamSpec fillParam() {
    return {.key = "fill",
            .type = ParamType::Floats,
            .hint =
                "The colour of what a turned, sheared or moved picture leaves empty, 0 to 255: "
                "one number, or one per channel.",
            .optional = true,
            .arity = 0,
            .minimum = 0,
            .maximum = 255,
            .noneText = "black"};
}

ParamSpec binsParam() {
    return {.key = "num_magnitude_bins",
            .type = ParamType::Int,
            .defaultValue = 31,
            .hint = "Into how many steps the strength of the operations is divided.",
            .minimum = 2,
            .maximum = 10'000};
}

TransformKind augmentKind(KindInfo info, std::vector<ParamSpec> params) {
    TransformKind kind;
    kind.info = std::move(info);
    kind.random = true;
    kind.params = std::move(params);
    kind.params.push_back(interpolationParam());
    kind.params.push_back(fillParam());
    kind.infer = [name = kind.info.id](const Settings& settings,
                                       const SampleSpec& input) -> Result<SampleSpec> {
        if (auto problem = fillProblem(name, fillCount(settings), input.dims[0])) return *problem;
        return input;
    };
    return kind;
}

Result<SampleSpec> inferRandAugment(const Settings& settings, const SampleSpec& input) {
    const std::int64_t magnitude = settings.integer("magnitude");
    const std::int64_t bins = settings.integer("num_magnitude_bins");
    if (magnitude >= bins)
        return Error{"RandAugment's magnitude is " + std::to_string(magnitude) +
                         ", but with num_magnitude_bins " + std::to_string(bins) +
                         " it goes from 0 to " + std::to_string(bins - 1) + ".",
                     "Make magnitude smaller or num_magnitude_bins larger."};
    if (auto problem = fillProblem("RandAugment", fillCount(settings), input.dims[0]))
        return *problem;
    return input;
}

}  // namespace

TransformKind autoAugmentKind() {
    TransformKind kind = augmentKind(
        {.id = "AutoAugment",
         .family = kFamily,
         .summary = "applies one of 25 pairs of changes that a search found to help",
         .details =
             "Somebody let a computer try which changes of the pictures make networks learn best "
             "on ImageNet, CIFAR-10 or street numbers (SVHN), and wrote down 25 pairs for each. "
             "For every picture one pair is drawn, and each of its two changes is made with its "
             "own probability. Choose the policy whose pictures resemble yours. For training only.",
         .python = "torchvision.transforms.AutoAugment",
         .keywords = {"policy", "augment", "automatic", "search"},
         .formula = "y = op₂(op₁(x, ±m₁), ±m₂)\n"
                    "(op₁, p₁, m₁), (op₂, p₂, m₂) drawn from 25 pairs, each op made with its "
                    "probability p"},
        {{.key = "policy",
          .type = ParamType::Choice,
          .defaultValue = "imagenet",
          .hint = "The data set for which the changes were searched: imagenet (photos), cifar10 "
                  "(small photos) or svhn (digits).",
          .choices = {"imagenet", "cifar10", "svhn"}}});
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<AutoAugment>(settings);
    };
    kind.badge = [](const Settings& settings) { return settings.text("policy"); };
    kind.info.changes.push_back(fillChange());
    kind.info.changes.push_back(
        v2Change("Draws in another order, so that the same seed chooses other operations."));
    return kind;
}

TransformKind randAugmentKind() {
    TransformKind kind = augmentKind(
        {.id = "RandAugment",
         .family = kFamily,
         .summary = "applies a few changes drawn from fourteen, at a strength you choose",
         .details =
             "For every picture num_ops changes are drawn: shearing, moving, turning, brightness, "
             "colour, contrast, sharpness, posterize, solarize, autocontrast, equalize, or "
             "nothing. "
             "All have the same strength, magnitude, so there are two numbers to try instead of a "
             "long search. Larger networks and longer training bear more. For training only.",
         .python = "torchvision.transforms.RandAugment",
         .keywords = {"augment", "automatic", "magnitude"},
         .formula = "y = op(… op(op(x, ±m), ±m) …, ±m), num_ops times, each op drawn from 14\n"
                    "m = the op's largest value · magnitude / (num_magnitude_bins − 1)"},
        {{.key = "num_ops",
          .type = ParamType::Int,
          .defaultValue = 2,
          .hint = "How many changes follow each other.",
          .minimum = 0,
          .maximum = 100},
         {.key = "magnitude",
          .type = ParamType::Int,
          .defaultValue = 9,
          .hint = "How strong they are: 0 next to nothing, num_magnitude_bins − 1 the most.",
          .minimum = 0,
          .maximum = 9'999},
         binsParam()});
    kind.infer = inferRandAugment;
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<DrawnAugment>(
            "RandAugment", settings, kUsualChoices, settings.integer("num_ops"),
            settings.integer("num_magnitude_bins"), settings.integer("magnitude"));
    };
    kind.badge = [](const Settings& settings) {
        return std::to_string(settings.integer("num_ops")) + " × magnitude " +
               std::to_string(settings.integer("magnitude"));
    };
    kind.info.changes.push_back(fillChange());
    kind.info.changes.push_back(
        v2Change("Computes some operations in another way, so that pixels differ."));
    return kind;
}

TransformKind trivialAugmentWideKind() {
    TransformKind kind = augmentKind(
        {.id = "TrivialAugmentWide",
         .family = kFamily,
         .summary = "applies one change drawn from fourteen, at a random strength",
         .details =
             "For every picture one change is drawn, and how strong it is, from next to nothing to "
             "very much. There is nothing to tune, and it is often as good as AutoAugment and "
             "RandAugment: a good first choice for photos. For training only.",
         .python = "torchvision.transforms.TrivialAugmentWide",
         .keywords = {"augment", "automatic", "simple"},
         .formula = "y = op(x, ±m), op drawn from 14\n"
                    "m = the op's largest value · bin / (num_magnitude_bins − 1), bin drawn"},
        {binsParam()});
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        const std::int64_t bins = settings.integer("num_magnitude_bins");
        return std::make_shared<DrawnAugment>("TrivialAugmentWide", settings, kWideChoices, 1, bins,
                                              std::nullopt);
    };
    kind.badge = [](const Settings&) { return std::string(); };
    kind.info.changes.push_back(fillChange());
    kind.info.changes.push_back(
        v2Change("Computes some operations in another way, so that pixels differ."));
    return kind;
}

}  // namespace loom
