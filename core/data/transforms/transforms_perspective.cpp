#include <algorithm>

#include "core/data/transforms/torch_math.h"
#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

using Corners = std::array<std::array<std::int64_t, 2>, 4>;  ///< x and y, clockwise from upper left

/// Source: torchvision's `_get_perspective_coeffs`, solved in float64 since its release 0.18.
/// nullopt: the corners fall together.
std::optional<PerspectiveMatrix> matrixOf(const Corners& from, const Corners& to) {
    std::vector<double> a, b;
    for (std::size_t corner = 0; corner < 4; ++corner) {
        const auto [x, y] = to[corner];
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const std::int64_t wanted = from[corner][axis];
            std::array<std::int64_t, 8> row{};
            row[axis * 3] = x;
            row[axis * 3 + 1] = y;
            row[axis * 3 + 2] = 1;
            row[6] = -wanted * x;
            row[7] = -wanted * y;
            for (const std::int64_t number : row) a.push_back(static_cast<double>(number));
            b.push_back(static_cast<double>(wanted));
        }
    }
    PerspectiveMatrix matrix{};
    const std::vector<float> found = leastSquares(a, b, matrix.size());
    if (found.size() != matrix.size()) return std::nullopt;
    std::copy(found.begin(), found.end(), matrix.begin());
    return matrix;
}

class RandomPerspective : public Transform {
public:
    explicit RandomPerspective(const Settings& settings)
        : m_distortion(settings.number("distortion_scale")),
          m_p(settings.number("p")),
          m_interpolation(interpolationNamed(settings.text("interpolation"))),
          m_fill(fillOf(settings)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        if (!happens(m_p, random)) {
            if (trace) *trace = "not applied";
            return input;
        }
        const auto& picture = std::get<Picture>(input);
        if (auto problem = fillProblem("RandomPerspective", m_fill, picture.channels))
            return *problem;
        const std::int64_t w = picture.width, h = picture.height;
        const Corners from = {{{0, 0}, {w - 1, 0}, {w - 1, h - 1}, {0, h - 1}}};
        const Corners to = draw(w, h, random);
        if (trace) {
            *trace = "corners";
            for (const auto& [x, y] : to)
                *trace += " (" + std::to_string(x) + ", " + std::to_string(y) + ")";
        }
        const auto matrix = matrixOf(from, to);
        if (!matrix)
            return Error{"RandomPerspective cannot tilt a picture of " + sizeText({h, w}) +
                             ": its corners would fall together.",
                         "Make distortion_scale smaller, or put a Resize before it."};
        return SampleInput(warpedPerspective(picture, *matrix, m_interpolation, m_fill.colour));
    }

private:
    Corners draw(std::int64_t width, std::int64_t height, TorchRandom& random) const {
        const auto reach = [&](std::int64_t side) {
            return static_cast<std::int64_t>(m_distortion * static_cast<double>(side / 2));
        };
        const auto near = [&](std::int64_t side) { return random.integer(0, reach(side) + 1); };
        const auto far = [&](std::int64_t side) {
            return random.integer(side - reach(side) - 1, side);
        };
        Corners corners{};
        corners[0][0] = near(width);
        corners[0][1] = near(height);
        corners[1][0] = far(width);
        corners[1][1] = near(height);
        corners[2][0] = far(width);
        corners[2][1] = far(height);
        corners[3][0] = near(width);
        corners[3][1] = far(height);
        return corners;
    }

    double m_distortion;
    double m_p;
    Interpolation m_interpolation;
    Fill m_fill;
};

}  // namespace

TransformKind randomPerspectiveKind() {
    TransformKind kind;
    kind.info = {
        .id = "RandomPerspective",
        .family = "geometry",
        .summary = "tilts the picture in space now and then",
        .details =
            "Each corner moves inwards by a random amount, as if the picture were "
            "a sheet seen from the side. Good for signs, pages and other flat "
            "things that a camera sees from anywhere. What the picture leaves "
            "free becomes black.",
        .python = "torchvision.transforms.RandomPerspective",
        .keywords = {"tilt", "distort", "corners", "camera", "augment"},
        .formula =
            "y(u, v) = x((a·u + b·v + c) / (g·u + h·v + 1), (d·u + e·v + f) / (g·u + h·v + 1))",
        .changes = {{"0.18",
                     "The numbers a to h are found in float64; in float32 before, so that single "
                     "pixels differ.",
                     "Done as since 0.18, whichever torchvision is there."},
                    fillChange()}};
    kind.random = true;
    kind.params = {{.key = "distortion_scale",
                    .type = ParamType::Float,
                    .defaultValue = 0.5,
                    .hint = "How far the corners may move: 0 not at all, 1 as far as the middle.",
                    .minimum = 0,
                    .maximum = 1},
                   chanceParam(),
                   interpolationParam("bilinear", true),
                   fillParam("The colour of what the picture does not cover, 0 (black) to 255: "
                             "one number, or one per channel.")};
    kind.infer = [](const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (auto problem = fillProblem("RandomPerspective", fillOf(settings), input.dims[0]))
            return *problem;
        return input;
    };
    kind.make = [](const Settings& settings) -> std::shared_ptr<const Transform> {
        return std::make_shared<RandomPerspective>(settings);
    };
    kind.badge = chanceBadge;
    return kind;
}

}  // namespace loom
