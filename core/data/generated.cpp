#include <cmath>
#include <numbers>

#include "core/base/random.h"
#include "core/base/shape.h"
#include "core/data/dataset.h"

namespace loom {
namespace {

/// Points of a line with noise: one number in, one number out.
class LineDataset : public Dataset {
public:
    LineDataset(const Settings& s, std::int64_t count, std::uint64_t seed) {
        const double slope = s.number("slope"), intercept = s.number("intercept"),
                     noise = s.number("noise");
        TorchRandom random(seed);
        for (std::int64_t i = 0; i < count; ++i) {
            const double x = random.uniform();
            // Box and Muller's way from two even draws to a normal one; 1 − u is never 0.
            const double radius = std::sqrt(-2 * std::log(1 - double(random.uniform())));
            const double normal = radius * std::cos(2 * std::numbers::pi * random.uniform());
            m_x.push_back(static_cast<float>(x));
            m_y.push_back(static_cast<float>(slope * x + intercept + noise * normal));
        }
    }

    std::int64_t size() const override { return static_cast<std::int64_t>(m_x.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Point " + groupDigits(index) + " was asked for, but there are only " +
                             groupDigits(size()) + ".",
                         "Take a smaller number."};
        return Sample{TensorSample{{1}, {m_x[static_cast<std::size_t>(index)]}}, 0};
    }
    std::int64_t label(std::int64_t) const override { return 0; }
    std::vector<float> answer(std::int64_t index) const override {
        return {m_y.at(static_cast<std::size_t>(index))};
    }
    const std::vector<std::string>& classes() const override {
        static const std::vector<std::string> none;
        return none;
    }
    SampleSpec spec() const override { return {true, {1}}; }
    std::string nameOf(std::int64_t index) const override {
        return "point " + std::to_string(index);
    }
    std::int64_t bytesInMemory() const override { return size() * 8; }

private:
    std::vector<float> m_x, m_y;
};

}  // namespace

DatasetKind lineKind() {
    DatasetKind kind;
    kind.info = {
        .id = "Line",
        .family = "generated",
        .summary = "points of a line with noise, made on the spot",
        .details =
            "The first lesson: one number x goes in, one number y = slope · x + intercept "
            "comes out, with a little noise. A single Linear layer finds slope and "
            "intercept again: they are its weight and its bias. Nothing is downloaded.",
        .keywords = {"regression", "line", "points", "generated", "lesson", "y = 3x + 0.8"}};
    kind.params = {{.key = "slope",
                    .type = ParamType::Float,
                    .defaultValue = 3.0,
                    .hint = "How much y grows when x grows by 1."},
                   {.key = "intercept",
                    .type = ParamType::Float,
                    .defaultValue = 0.8,
                    .hint = "What y is where x is 0."},
                   {.key = "noise",
                    .type = ParamType::Float,
                    .defaultValue = 0.05,
                    .hint = "Standard deviation of what is added to y by chance.",
                    .minimum = 0},
                   {.key = "samples",
                    .type = ParamType::Int,
                    .defaultValue = 500,
                    .hint = "Points to train with; a fifth as many more are there to test with.",
                    .minimum = 1,
                    .maximum = 10000000},
                   {.key = "seed",
                    .type = ParamType::Int,
                    .defaultValue = 0,
                    .hint = "The same seed gives the same points.",
                    .minimum = 0}};
    kind.spec = [](const Settings&) { return SampleSpec{true, {1}}; };
    kind.target = [](const Settings&) { return TargetSpec{TargetSpec::Type::Numbers, 0, {1}}; };
    kind.locate = [](const Settings& s) {
        DatasetLocation location;
        location.found = true;
        const std::int64_t count = s.integer("samples");
        location.message = groupDigits(count) + " points to train with and " +
                           groupDigits((count + 4) / 5) + " to test with are made on the spot.";
        return location;
    };
    kind.open = [](const Settings& s, Split split) -> Result<std::shared_ptr<const Dataset>> {
        const std::int64_t count = s.integer("samples");
        const auto seed = static_cast<std::uint64_t>(s.integer("seed"));
        const bool train = split == Split::Train;
        return std::shared_ptr<const Dataset>(std::make_shared<LineDataset>(
            s, train ? count : (count + 4) / 5, 2 * seed + (train ? 0 : 1)));
    };
    return kind;
}

}  // namespace loom
