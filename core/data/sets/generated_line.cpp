#include <cmath>
#include <numbers>

#include "core/data/sets/generated.h"

namespace loom {

DatasetKind lineKind() {
    PointSource source;
    source.info = {
        .id = "Line",
        .family = "generated",
        .summary = "points of a line with noise, made on the spot",
        .details =
            "The first lesson: one number x goes in, one number y = slope · x + intercept "
            "comes out, with a little noise. A single Linear layer finds slope and "
            "intercept again: they are its weight and its bias. Nothing is downloaded.",
        .keywords = {"regression", "line", "points", "generated", "lesson", "y = 3x + 0.8"},
        .formula = "y = slope · x + intercept + noise · n,  x between 0 and 1, n normal"};
    source.params = {{.key = "slope",
                      .type = ParamType::Float,
                      .defaultValue = 3.0,
                      .hint = "How much y grows when x grows by 1."},
                     {.key = "intercept",
                      .type = ParamType::Float,
                      .defaultValue = 0.8,
                      .hint = "What y is where x is 0."},
                     noiseParam(0.05, "Standard deviation of what is added to y by chance.")};
    source.inputSize = 1;
    source.classes = [](const Settings&) { return std::vector<std::string>{}; };
    source.make = [](const Settings& s, std::int64_t count, TorchRandom& random) {
        const double slope = s.number("slope"), intercept = s.number("intercept"),
                     noise = s.number("noise");
        GeneratedPoints points;
        for (std::int64_t i = 0; i < count; ++i) {
            const double x = random.uniform();
            // Box and Muller's way from two even draws to a normal one; 1 − u is never 0.
            const double radius = std::sqrt(-2 * std::log(1 - double(random.uniform())));
            const double normal = radius * std::cos(2 * std::numbers::pi * random.uniform());
            points.inputs.push_back(static_cast<float>(x));
            points.answers.push_back(static_cast<float>(slope * x + intercept + noise * normal));
        }
        return points;
    };
    return generatedKind(std::move(source));
}

}  // namespace loom
