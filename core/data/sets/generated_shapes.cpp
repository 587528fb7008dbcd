#include <cmath>
#include <numbers>

#include "core/data/sets/generated.h"

namespace loom {
namespace {

constexpr double kPi = std::numbers::pi;

/// A place in the plane, before noise.
struct Place {
    double x = 0;
    double y = 0;
};

/// Points of `classes` curves, taking turns: `place(class, i, n)` is the i-th of the class's n.
/// Noise is torch.randn's, x before y.
GeneratedPoints alongCurves(
    std::int64_t count, std::int64_t classes, double noise, TorchRandom& random,
    const std::function<Place(std::int64_t, std::int64_t, std::int64_t)>& place) {
    GeneratedPoints points;
    points.inputs.reserve(static_cast<std::size_t>(2 * count));
    points.labels.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t label = i % classes;
        const std::int64_t ofClass = count / classes + (label < count % classes ? 1 : 0);
        const Place at = place(label, i / classes, ofClass);
        for (const double coordinate : {at.x, at.y})
            points.inputs.push_back(static_cast<float>(coordinate + noise * random.normal()));
        points.labels.push_back(label);
    }
    return points;
}

/// numpy.linspace(0, 1, n)[i].
double share(std::int64_t i, std::int64_t n) {
    return n > 1 ? static_cast<double>(i) / static_cast<double>(n - 1) : 0;
}

std::vector<std::string> numbered(const std::string& word, std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back(word + " " + std::to_string(i));
    return names;
}

ParamSpec classCount(const std::string& key, std::int64_t byDefault, const std::string& hint) {
    return {.key = key,
            .type = ParamType::Int,
            .defaultValue = Value(byDefault),
            .hint = hint,
            .minimum = 2,
            .maximum = 100};
}

}  // namespace

DatasetKind spiralsKind() {
    PointSource source;
    source.info = {
        .id = "Spirals",
        .family = "generated",
        .summary = "arms of a spiral that wind around each other, made on the spot",
        .details =
            "Two numbers go in, the place of a point; the answer is the arm it lies on. No "
            "straight "
            "line parts the arms, so a single Linear layer fails; one or two hidden layers with a "
            "bent function between them learn it in seconds, and the more turns there are, the "
            "more "
            "neurons they need.",
        .keywords = {"spiral", "points", "classification", "lesson", "playground", "toy"},
        .formula =
            "r between 0 and 1,  φ = 2π · (turns · r + arm / arms)\n"
            "x = r · sin φ + noise · n,  y = r · cos φ + noise · n"};
    source.params = {
        classCount("arms", 2, "Arms of the spiral; each is a class."),
        {.key = "turns",
         .type = ParamType::Float,
         .defaultValue = 1.0,
         .hint = "How often an arm winds around the middle.",
         .minimum = 0,
         .maximum = 100},
        noiseParam(0.02,
                   "Standard deviation of what moves each point by chance; the spiral's "
                   "radius is 1.")};
    source.classes = [](const Settings& s) { return numbered("arm", s.integer("arms")); };
    source.make = [](const Settings& s, std::int64_t count, TorchRandom& random) {
        const std::int64_t arms = s.integer("arms");
        const double turns = s.number("turns");
        return alongCurves(
            count, arms, s.number("noise"), random,
            [&](std::int64_t arm, std::int64_t i, std::int64_t n) {
                const double radius = share(i, n);
                const double angle =
                    2 * kPi *
                    (turns * radius + static_cast<double>(arm) / static_cast<double>(arms));
                return Place{radius * std::sin(angle), radius * std::cos(angle)};
            });
    };
    return generatedKind(std::move(source));
}

DatasetKind moonsKind() {
    PointSource source;
    source.info = {
        .id = "Moons",
        .family = "generated",
        .summary = "two half circles that reach into each other, made on the spot",
        .details =
            "Two numbers go in, the place of a point; the answer is the half circle it lies "
            "on, the upper or the lower. A straight line gets nine of ten right, a hidden "
            "layer all. The shapes are those of scikit-learn's make_moons.",
        .keywords = {"make_moons", "half circles", "points", "classification", "lesson", "sklearn",
                     "toy"},
        .formula = "upper: (cos φ, sin φ),  lower: (1 − cos φ, ½ − sin φ),  φ between 0 and π"};
    source.params = {
        noiseParam(0.1,
                   "Standard deviation of what moves each point by chance; the circles' "
                   "radius is 1.")};
    source.classes = [](const Settings&) { return std::vector<std::string>{"upper", "lower"}; };
    source.make = [](const Settings& s, std::int64_t count, TorchRandom& random) {
        return alongCurves(count, 2, s.number("noise"), random,
                           [](std::int64_t moon, std::int64_t i, std::int64_t n) {
                               const double angle = kPi * share(i, n);
                               return moon == 0 ? Place{std::cos(angle), std::sin(angle)}
                                                : Place{1 - std::cos(angle), 0.5 - std::sin(angle)};
                           });
    };
    return generatedKind(std::move(source));
}

DatasetKind circlesKind() {
    PointSource source;
    source.info = {
        .id = "Circles",
        .family = "generated",
        .summary = "a small circle within a large one, made on the spot",
        .details =
            "Two numbers go in, the place of a point; the answer is the circle it lies on. "
            "No straight line does better than chance, as the one class lies inside the "
            "other. The shapes are those of scikit-learn's make_circles.",
        .keywords = {"make_circles", "rings", "points", "classification", "lesson", "sklearn",
                     "toy"},
        .formula = "outer: (cos φ, sin φ),  inner: factor · (cos φ, sin φ),  φ between 0 and 2π"};
    source.params = {{.key = "factor",
                      .type = ParamType::Float,
                      .defaultValue = 0.5,
                      .hint = "Radius of the inner circle; the outer one's is 1.",
                      .minimum = 0,
                      .maximum = 1},
                     noiseParam(0.05, "Standard deviation of what moves each point by chance.")};
    source.classes = [](const Settings&) { return std::vector<std::string>{"outer", "inner"}; };
    source.make = [](const Settings& s, std::int64_t count, TorchRandom& random) {
        const double factor = s.number("factor");
        return alongCurves(count, 2, s.number("noise"), random,
                           [factor](std::int64_t circle, std::int64_t i, std::int64_t n) {
                               const double angle =
                                   2 * kPi * static_cast<double>(i) / static_cast<double>(n);
                               const double radius = circle == 0 ? 1 : factor;
                               return Place{radius * std::cos(angle), radius * std::sin(angle)};
                           });
    };
    return generatedKind(std::move(source));
}

DatasetKind blobsKind() {
    PointSource source;
    source.info = {
        .id = "Blobs",
        .family = "generated",
        .summary = "round clouds of points, made on the spot",
        .details =
            "Two numbers go in, the place of a point; the answer is the cloud it belongs to. "
            "Straight lines part clouds that do not overlap, so a single Linear layer is enough, "
            "and its decision regions are easy to draw. As scikit-learn's make_blobs: the middles "
            "are drawn evenly from a square, the points around them from a normal distribution.",
        .keywords = {"make_blobs", "clusters", "clouds", "gaussian", "points", "classification",
                     "lesson", "sklearn", "toy"},
        .formula = "(x, y) = centre + cluster_std · n,  n normal"};
    source.params = {
        classCount("centers", 3, "Clouds; each is a class."),
        {.key = "cluster_std",
         .type = ParamType::Float,
         .defaultValue = 1.0,
         .hint = "Standard deviation of a cloud: how far it spreads.",
         .minimum = 0},
        {.key = "center_box",
         .type = ParamType::Floats,
         .defaultValue = List{-10.0, 10.0},
         .hint = "The middles of the clouds lie between these two numbers, in both directions.",
         .arity = 2}};
    source.classes = [](const Settings& s) { return numbered("cloud", s.integer("centers")); };
    source.make = [](const Settings& s, std::int64_t count, TorchRandom& random) {
        const std::int64_t centers = s.integer("centers");
        const std::vector<double> box = s.numbers("center_box");
        // The middles are the same for both splits, so they have a stream of their own.
        TorchRandom places(static_cast<std::uint64_t>(s.integer("seed")));
        std::vector<Place> middles;
        for (std::int64_t i = 0; i < centers; ++i) {
            const double x = box[0] + (box.back() - box[0]) * places.uniform();
            middles.push_back({x, box[0] + (box.back() - box[0]) * places.uniform()});
        }
        return alongCurves(count, centers, s.number("cluster_std"), random,
                           [&](std::int64_t cloud, std::int64_t, std::int64_t) {
                               return middles[static_cast<std::size_t>(cloud)];
                           });
    };
    return generatedKind(std::move(source));
}

}  // namespace loom
