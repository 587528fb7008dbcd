#include "core/data/transforms/colour_kinds.h"
#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

const char* const kFamily = "colour";

/// An operation on pictures and tensors alike.
template <class Work>
ColourOperation onBoth(Work work) {
    return [work](SampleInput& input) { std::visit(work, input); };
}

template <class Work>
ColourOperation onPictures(Work work) {
    return [work](SampleInput& input) { work(std::get<Picture>(input)); };
}

std::optional<Error> solarizeProblem(const Settings& settings, const SampleSpec& input) {
    const double threshold = settings.number("threshold");
    if (!input.isTensor || threshold <= 1) return std::nullopt;
    return Error{
        "RandomSolarize's threshold is " + formatFloat(threshold, false) +
            ", but a tensor's numbers go from 0 to 1.",
        "Set a threshold of at most 1, such as 0.5, or put RandomSolarize before ToTensor."};
}

}  // namespace

TransformKind randomGrayscaleKind() {
    TransformKind kind = chanceKind(
        {.info = {.id = "RandomGrayscale",
                  .family = kFamily,
                  .summary = "takes the colours away now and then",
                  .details =
                      "Some pictures lose their colours and keep their channels, three equal ones "
                      "of three. The network then cannot rely on colours alone and learns shapes "
                      "too. For training only.",
                  .python = "torchvision.transforms.RandomGrayscale",
                  .keywords = {"gray", "grey", "black and white", "augment"},
                  .formula = "R = G = B = 0.299 · R + 0.587 · G + 0.114 · B, with probability p"},
         .usualChance = 0.1,
         .takesTensor = true,
         .comparesInFloat32 = true,
         .operation = [](const Settings&) {
             return onBoth([](auto& sample) { makeGrey(sample); });
         }});
    kind.info.changes.push_back(v2Change("The grey of tensors differs in its last bits."));
    return kind;
}

TransformKind randomInvertKind() {
    return chanceKind(
        {.info = {.id = "RandomInvert",
                  .family = kFamily,
                  .summary = "turns colours into their opposite now and then",
                  .details =
                      "White becomes black, red becomes cyan, as on a film negative. Useful where "
                      "light on dark and dark on light mean the same, such as writing. For "
                      "training only.",
                  .python = "torchvision.transforms.RandomInvert",
                  .keywords = {"negative", "opposite", "augment"},
                  .formula = "y = 255 − x, with probability p"},
         .takesTensor = true,
         .operation = [](const Settings&) {
             return onBoth([](auto& sample) { invert(sample); });
         }});
}

TransformKind randomPosterizeKind() {
    return chanceKind(
        {.info = {.id = "RandomPosterize",
                  .family = kFamily,
                  .summary = "keeps few shades of each colour now and then",
                  .details =
                      "Of the eight bits of every number only the highest stay: with 2 bits four "
                      "shades of red, green and blue each, as on a printed poster. The network "
                      "learns to do without fine shades. For training only.",
                  .python = "torchvision.transforms.RandomPosterize",
                  .keywords = {"bits", "shades", "quantise", "augment"},
                  .formula = "y = ⌊x / 2^(8 − bits)⌋ · 2^(8 − bits), with probability p"},
         .params = {{.key = "bits",
                     .type = ParamType::Int,
                     .hint = "How many of the eight bits of each number stay: 8 changes nothing, "
                             "1 leaves two shades.",
                     .required = true,
                     .minimum = 0,
                     .maximum = 8,
                     .unit = "bits",
                     .suggestion = 4}},
         .operation =
             [](const Settings& settings) {
                 return onPictures([bits = static_cast<int>(settings.integer("bits"))](
                                       Picture& picture) { posterize(picture, bits); });
             },
         .badge =
             [](const Settings& settings) {
                 return std::to_string(settings.integer("bits")) + " bits";
             }});
}

TransformKind randomSolarizeKind() {
    return chanceKind(
        {.info = {.id = "RandomSolarize",
                  .family = kFamily,
                  .summary = "inverts the bright parts now and then",
                  .details =
                      "Numbers from the threshold on turn into their opposite, as on a film that "
                      "was lit once more while it was developed. 128 inverts the brighter half, "
                      "256 nothing. After ToTensor, numbers go from 0 to 1. For training only.",
                  .python = "torchvision.transforms.RandomSolarize",
                  .keywords = {"threshold", "negative", "overexposed", "augment"},
                  .formula = "y = 255 − x if x ≥ threshold, else x, with probability p"},
         .params = {{.key = "threshold",
                     .type = ParamType::Float,
                     .hint = "From which brightness on, 0 to 255; after ToTensor 0 to 1.",
                     .required = true,
                     .minimum = 0,
                     .maximum = 256,
                     .suggestion = 128.0}},
         .takesTensor = true,
         .operation =
             [](const Settings& settings) {
                 return onBoth([threshold = settings.number("threshold")](auto& sample) {
                     solarize(sample, threshold);
                 });
             },
         .badge =
             [](const Settings& settings) {
                 return "from " + formatFloat(settings.number("threshold"), false);
             },
         .problem = solarizeProblem});
}

TransformKind randomAdjustSharpnessKind() {
    TransformKind kind = chanceKind(
        {.info = {.id = "RandomAdjustSharpness",
                  .family = kFamily,
                  .summary = "sharpens or softens now and then",
                  .details =
                      "Mixes the picture with a smoothed copy of itself: a factor of 0 gives the "
                      "smooth one, 1 changes nothing, 2 exaggerates the difference, so that edges "
                      "stand out. Cameras differ in it, so a network should not mind. For training "
                      "only.",
                  .python = "torchvision.transforms.RandomAdjustSharpness",
                  .keywords = {"sharpen", "soften", "edges", "augment"},
                  .formula = "y = smooth(x) + sharpness_factor · (x − smooth(x)), with probability "
                             "p\nsmooth(x) = the mean of 3 × 3 pixels, the middle one counted five "
                             "times"},
         .params = {{.key = "sharpness_factor",
                     .type = ParamType::Float,
                     .hint = "0 softens, 1 changes nothing, 2 sharpens.",
                     .required = true,
                     .minimum = 0,
                     .maximum = 1000,
                     .suggestion = 2.0}},
         .takesTensor = true,
         .operation =
             [](const Settings& settings) {
                 return onBoth([factor = settings.number("sharpness_factor")](auto& sample) {
                     adjustSharpness(sample, factor);
                 });
             },
         .badge =
             [](const Settings& settings) {
                 return "factor " + formatFloat(settings.number("sharpness_factor"), false);
             }});
    kind.info.changes.push_back(v2Change("The outcome of tensors differs in its last bits."));
    return kind;
}

TransformKind randomAutocontrastKind() {
    TransformKind kind = chanceKind(
        {.info = {.id = "RandomAutocontrast",
                  .family = kFamily,
                  .summary = "stretches each colour to the full range now and then",
                  .details =
                      "In every channel the darkest number becomes 0 and the brightest 255, and "
                      "those between follow. Pale pictures gain contrast; a picture of one colour "
                      "stays as it is. For training only.",
                  .python = "torchvision.transforms.RandomAutocontrast",
                  .keywords = {"contrast", "stretch", "histogram", "augment"},
                  .formula = "y = (x − min) · 255 / (max − min), with probability p"},
         .takesTensor = true,
         .operation = [](const Settings&) {
             return onBoth([](auto& sample) { autocontrast(sample); });
         }});
    kind.info.changes.push_back(v2Change("The outcome of tensors differs in its last bits."));
    return kind;
}

TransformKind randomEqualizeKind() {
    return chanceKind(
        {.info = {.id = "RandomEqualize",
                  .family = kFamily,
                  .summary = "spreads the shades evenly now and then",
                  .details =
                      "Shades are moved so that dark, middle and bright ones fill about as many "
                      "pixels each: what hid in a dark corner becomes visible. Each channel by "
                      "itself. For training only.",
                  .python = "torchvision.transforms.RandomEqualize",
                  .keywords = {"histogram", "contrast", "even", "augment"},
                  .formula = "y = ⌊(pixels darker than x + step / 2) / step⌋, with probability p\n"
                             "step = ⌊pixels darker than the brightest one / 255⌋"},
         .operation = [](const Settings&) {
             return onPictures([](Picture& picture) { equalize(picture); });
         }});
}

}  // namespace loom
