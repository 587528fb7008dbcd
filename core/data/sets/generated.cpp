#include "core/data/sets/generated.h"

#include "core/base/shape.h"

namespace loom {
namespace {

class GeneratedDataset : public Dataset {
public:
    GeneratedDataset(GeneratedPoints points, std::int64_t inputSize,
                     std::vector<std::string> classes)
        : m_points(std::move(points)), m_inputSize(inputSize), m_classes(std::move(classes)) {}

    std::int64_t size() const override {
        return static_cast<std::int64_t>(m_points.inputs.size()) / m_inputSize;
    }
    Result<Sample> sample(std::int64_t index) const override {
        if (index < 0 || index >= size())
            return Error{"Point " + groupDigits(index) + " was asked for, but there are only " +
                             groupDigits(size()) + ".",
                         "Take a smaller number."};
        const auto begin = m_points.inputs.begin() + index * m_inputSize;
        return Sample{TensorSample{{m_inputSize}, {begin, begin + m_inputSize}}, label(index)};
    }
    std::int64_t label(std::int64_t index) const override {
        return m_points.labels.empty() ? 0 : m_points.labels[static_cast<std::size_t>(index)];
    }
    std::vector<float> answer(std::int64_t index) const override {
        if (m_points.answers.empty()) return {};
        return {m_points.answers.at(static_cast<std::size_t>(index))};
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    std::vector<std::string> answerNames() const override {
        return m_points.answers.empty() ? std::vector<std::string>{}
                                        : std::vector<std::string>{"y"};
    }
    std::vector<std::string> inputNames() const override {
        return m_inputSize == 1 ? std::vector<std::string>{"x"}
                                : std::vector<std::string>{"x", "y"};
    }
    SampleSpec spec() const override { return {true, {m_inputSize}}; }
    std::string nameOf(std::int64_t index) const override {
        return "point " + std::to_string(index);
    }
    std::int64_t bytesInMemory() const override {
        return static_cast<std::int64_t>((m_points.inputs.size() + m_points.answers.size()) *
                                             sizeof(float) +
                                         m_points.labels.size() * sizeof(std::int64_t));
    }

private:
    GeneratedPoints m_points;
    std::int64_t m_inputSize;
    std::vector<std::string> m_classes;
};

std::int64_t pointCount(const Settings& settings, Split split) {
    const std::int64_t count = settings.integer("samples");
    return split == Split::Train ? count : (count + 4) / 5;
}

}  // namespace

ParamSpec noiseParam(double byDefault, const std::string& hint) {
    return {.key = "noise",
            .type = ParamType::Float,
            .defaultValue = byDefault,
            .hint = hint,
            .minimum = 0};
}

DatasetKind generatedKind(PointSource source) {
    DatasetKind kind;
    kind.info = source.info;

    kind.params = source.params;
    kind.params.push_back(
        {.key = "samples",
         .type = ParamType::Int,
         .defaultValue = 500,
         .hint = "Points to train with; a fifth as many more are there to test with.",
         .minimum = 1,
         .maximum = 10000000});
    kind.params.push_back({.key = "seed",
                           .type = ParamType::Int,
                           .defaultValue = 0,
                           .hint = "The same seed gives the same points.",
                           .minimum = 0});
    kind.spec = [size = source.inputSize](const Settings&) { return SampleSpec{true, {size}}; };
    kind.target = [classes = source.classes](const Settings& settings) {
        const auto count = static_cast<std::int64_t>(classes(settings).size());
        return count == 0 ? TargetSpec{TargetSpec::Type::Numbers, 0, {1}}
                          : TargetSpec{TargetSpec::Type::ClassIndex, count};
    };
    kind.classNamesOf = source.classes;
    kind.locate = [](const Settings& settings) {
        DatasetLocation location;
        location.found = true;
        location.message =
            groupDigits(pointCount(settings, Split::Train)) + " points to train with and " +
            groupDigits(pointCount(settings, Split::Test)) + " to test with are made on the spot.";
        return location;
    };
    kind.open = [source = std::move(source)](
                    const Settings& settings,
                    Split split) -> Result<std::shared_ptr<const Dataset>> {
        TorchRandom random(2 * static_cast<std::uint64_t>(settings.integer("seed")) +
                           (split == Split::Train ? 0 : 1));
        return std::shared_ptr<const Dataset>(std::make_shared<GeneratedDataset>(
            source.make(settings, pointCount(settings, split), random), source.inputSize,
            source.classes(settings)));
    };
    return kind;
}

}  // namespace loom
