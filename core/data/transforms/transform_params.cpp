#include "core/data/transforms/transform_params.h"

#include <algorithm>
#include <cmath>

#include "core/base/sentence.h"
#include "core/data/transforms/torch_math.h"

namespace loom {

std::string sizeBadge(const Settings& settings, const std::string& key) {
    return settings.value(key).toText();
}

std::string chanceBadge(const Settings& settings) {
    return "p " + formatFloat(settings.number("p"), false);
}

WindowSize windowSize(const Settings& settings) {
    const auto sides = settings.integers("size", 2);
    return {sides[0], sides[1]};
}

std::string sizeText(const WindowSize& size) {
    return Shape{{size.height, size.width}}.toSentence();
}

std::string windowSizeProblem(const Settings& settings) {
    const std::size_t count = settings.integers("size").size();
    if (count == 1 || count == 2) return {};
    return "size is " + settings.value("size").toPython() +
           ", but it must be one number for a square or two for height and width.";
}

ParamSpec windowSizeParam(const std::string& hint) {
    return {.key = "size",
            .type = ParamType::Ints,
            .hint = hint,
            .required = true,
            .arity = 0,
            .minimum = 1,
            .maximum = 65'535,
            .unit = "pixels",
            .suggestion = 28};
}

WindowSize sidesOf(const SampleInput& input) {
    if (const auto* picture = std::get_if<Picture>(&input))
        return {picture->height, picture->width};
    const auto& dims = std::get<TensorSample>(input).dims;
    return {dims[1], dims[2]};
}

std::int64_t channelsOf(const SampleInput& input) {
    if (const auto* picture = std::get_if<Picture>(&input)) return picture->channels;
    return std::get<TensorSample>(input).dims[0];
}

ParamSpec chanceParam(double usual, const std::string& hint) {
    return {.key = "p",
            .type = ParamType::Float,
            .defaultValue = usual,
            .hint = hint.empty() ? "How often: 0 never, 0.5 every second picture, 1 always." : hint,
            .minimum = 0,
            .maximum = 1};
}

bool happens(double p, TorchRandom& random) {
    return random.uniform() < static_cast<float>(p);
}

ParamSpec interpolationParam(const std::string& usual, bool turning) {
    ParamSpec spec{.key = "interpolation",
                   .type = ParamType::Choice,
                   .defaultValue = usual,
                   .choices = {"nearest", "bilinear", "bicubic"}};
    if (turning) {
        spec.hint =
            "How pixels between pixels are found: nearest is the fastest and keeps the exact "
            "colours, bilinear is smooth, bicubic is sharper.";
    } else {
        spec.choices.insert(spec.choices.end(), {"nearest-exact", "box", "hamming", "lanczos"});
        spec.hint =
            "How pixels between pixels are found. bilinear is the usual choice, bicubic and "
            "lanczos are sharper, nearest keeps the exact colours.";
    }
    return spec;
}

ParamSpec antialiasParam() {
    return {.key = "antialias",
            .type = ParamType::Bool,
            .defaultValue = true,
            .hint =
                "Of tensors: whether bilinear and bicubic smooth while they shrink. Pictures are "
                "smoothed in any case, as Pillow does.",
            .optional = true,
            .noneText = "for pictures alone",
            .formerDefault = Value(),
            .defaultSince = "0.17"};
}

bool antialiasOf(const Settings& settings) {
    return !settings.isNone("antialias") && settings.flag("antialias");
}

std::optional<Error> tensorScaling(const std::string& name, const std::string& interpolation) {
    if (resizesTensors(interpolation)) return std::nullopt;
    return Error{sentence("{name} cannot scale a tensor by {way}: torchvision does so with "
                          "pictures alone.",
                          {{"name", name}, {"way", interpolation}}),
                 sentence("Put {name} before ToTensor, or choose bilinear.", {{"name", name}})};
}

ParamSpec fillParam(const std::string& hint) {
    return {.key = "fill", .type = ParamType::Floats, .defaultValue = 0, .hint = hint, .arity = 0};
}

Fill fillOf(const Settings& settings) {
    Fill fill;
    fill.perChannel = settings.value("fill").isList();
    if (!settings.isNone("fill")) fill.colour = settings.numbers("fill");
    return fill;
}

std::optional<Error> fillProblem(const std::string& name, const Fill& fill, std::int64_t channels) {
    const auto count = static_cast<std::int64_t>(fill.colour.size());
    // A list of one number counts for all channels, as in torchvision since 0.16.
    if (!fill.perChannel || count == 1) return std::nullopt;
    if (count > 1 && (channels < 0 || channels == count)) return std::nullopt;
    return Error{
        sentence(channels < 0 ? "{name}'s fill has {numbers}."
                              : "{name}'s fill has {numbers}, but the picture has {channels}.",
                 {{"name", name},
                  {"numbers", counted(count, "number", "numbers")},
                  {"channels", counted(channels, "channel", "channels")}}),
        "Give a single number, or one per channel."};
}

VersionChange fillChange() {
    return {"0.16",
            "A list of one number as fill counts for all channels of a picture; it was refused "
            "where the picture has three.",
            "Done as since 0.16, whichever torchvision is there."};
}

VersionChange mirrorChange() {
    return {"numpy 2.0",
            "Padding of more than the picture's side mirrors without end; numpy 1 left rows out.",
            "Done as since numpy 2.0, whichever numpy is there."};
}

VersionChange v2Change(const std::string& difference) {
    return {"0.15", "torchvision.transforms.v2 came with a class of this name. " + difference,
            "Done as in torchvision.transforms."};
}

ParamSpec paddingParam(bool required) {
    return {.key = "padding",
            .type = ParamType::Ints,
            .hint =
                "Pixels added around the picture: one number for every side, two for left and "
                "right, top and bottom, or four for left, top, right, bottom.",
            .required = required,
            .optional = !required,
            .arity = 0,
            .minimum = 0,
            .maximum = 4096,
            .unit = "pixels",
            .noneText = required ? "" : "none",
            .suggestion = required ? Value(4) : Value()};
}

ParamSpec paddingModeParam() {
    return {.key = "padding_mode",
            .type = ParamType::Choice,
            .defaultValue = "constant",
            .hint =
                "What the padding shows: one colour, the edge pixels repeated, or the picture "
                "mirrored (reflect leaves the edge pixel out, symmetric repeats it).",
            .choices = {"constant", "edge", "reflect", "symmetric"}};
}

std::optional<Padding> paddingOf(const Settings& settings) {
    Padding padding;
    padding.mode = settings.text("padding_mode");
    padding.fill = fillOf(settings).colour;
    if (padding.fill.empty()) padding.fill = {0};
    if (settings.isNone("padding")) return padding;
    const std::vector<std::int64_t> sides = settings.integers("padding");
    if (sides.size() != 1 && sides.size() != 2 && sides.size() != 4) return std::nullopt;
    // One number serves all sides, and two serve opposite ones.
    padding.left = sides[0];
    padding.top = sides[sides.size() == 1 ? 0 : 1];
    padding.right = sides[sides.size() == 4 ? 2 : 0];
    padding.bottom = sides.size() == 4 ? sides[3] : padding.top;
    return padding;
}

std::optional<Error> paddingLengthProblem(const std::string& name, const Settings& settings) {
    if (paddingOf(settings)) return std::nullopt;
    return Error{name + "'s padding is " + settings.value("padding").toPython() +
                     ", but it must be one number, two (left and right, top and bottom) or four "
                     "(left, top, right, bottom).",
                 "Write 4 for four pixels on every side."};
}

std::optional<Error> paddingProblem(const std::string& name, const Padding& padding, bool isTensor,
                                    const WindowSize& sides) {
    const bool reflect = padding.mode == "reflect";
    if (!isTensor || (!reflect && padding.mode != "symmetric")) return std::nullopt;
    const std::int64_t spare = reflect ? 1 : 0;
    const auto tooMuch = [&](std::int64_t side, std::int64_t before, std::int64_t after) {
        return side >= 0 && std::max(before, after) > side - spare;
    };
    if (!tooMuch(sides.height, padding.top, padding.bottom) &&
        !tooMuch(sides.width, padding.left, padding.right))
        return std::nullopt;
    return Error{name + " cannot mirror a tensor of " + sizeText(sides) +
                     " far enough: padding_mode " + padding.mode + " reaches " +
                     (reflect ? "one pixel less than" : "as far as") + " the side it mirrors.",
                 "Make padding smaller, or put " + name + " before ToTensor."};
}

ParamSpec anglesParam(const std::string& key, const std::string& hint) {
    const bool required = key == "degrees";
    return {.key = key,
            .type = ParamType::Floats,
            .hint = hint,
            .required = required,
            .optional = !required,
            .arity = 0,
            .minimum = -3600,
            .maximum = 3600,
            .unit = "°",
            .noneText = required ? "" : "none",
            .suggestion = required ? Value(15) : Value()};
}

std::vector<double> angleRanges(const Settings& settings, const std::string& key) {
    const std::vector<double> numbers = settings.numbers(key);
    if (settings.value(key).isNumber()) return {-numbers[0], numbers[0]};
    return numbers;
}

std::optional<Error> anglesProblem(const std::string& name, const Settings& settings,
                                   const std::string& key, bool allowFour) {
    const Value& value = settings.value(key);
    const std::string start = name + "'s " + key + " is " + value.toPython();
    if (value.isNumber() && value.asFloat() < 0)
        return Error{start + ", but a single number must be at least 0.",
                     "10 stands for −10° to 10°; write [−10, 0] for one direction."};
    const std::vector<double> ranges = angleRanges(settings, key);
    if (ranges.size() != 2 && !(allowFour && ranges.size() == 4))
        return Error{start + ", but it must be one number or two, the least and the most" +
                         (allowFour ? ", or four, for x and for y." : "."),
                     "Write 10 for −10° to 10°."};
    for (std::size_t i = 0; i < ranges.size(); i += 2)
        if (ranges[i] > ranges[i + 1])
            return Error{start + ", but the least must come before the most.",
                         "Exchange the two numbers."};
    return std::nullopt;
}

std::optional<Error> rangeProblem(const std::string& name, const Settings& settings,
                                  const std::string& key) {
    const std::vector<double> range = settings.numbers(key);
    const std::string start = name + "'s " + key + " is " + settings.value(key).toPython();
    if (range.size() != 2 || !settings.value(key).isList())
        return Error{start + ", but it must be two numbers, the least and the most.",
                     "Write both in brackets."};
    if (range[0] > range[1])
        return Error{start + ", but the least must come before the most.",
                     "Exchange the two numbers."};
    return std::nullopt;
}

ParamSpec centreParam() {
    return {.key = "center",
            .type = ParamType::Floats,
            .hint =
                "The point that stays where it is, x and y in pixels from the upper left "
                "corner.",
            .optional = true,
            .arity = 2,
            .minimum = -65'535,
            .maximum = 65'535,
            .unit = "pixels",
            .noneText = "the middle"};
}

std::optional<std::array<double, 2>> centreOf(const Settings& settings) {
    const std::vector<double> numbers = settings.numbers("center");
    if (settings.isNone("center") || numbers.empty()) return std::nullopt;
    return std::array<double, 2>{numbers[0], numbers.back()};
}

std::string drawnText(double number, int digits) {
    const double scale = std::pow(10.0, digits);
    const double rounded = std::round(number * scale) / scale;
    const std::string text = formatFloat(std::fabs(rounded), false);
    return rounded < 0 ? "−" + text : text;
}

std::string windowText(const PictureWindow& window) {
    return "x " + std::to_string(window.left) + ", y " + std::to_string(window.top) + ", " +
           std::to_string(window.width) + " × " + std::to_string(window.height);
}

}  // namespace loom
