#include "core/data/transforms/colour_kinds.h"

#include <cmath>

#include "core/data/transforms/transform_kinds.h"

namespace loom {
namespace {

Error wrongChannels(const std::string& name, std::int64_t channels) {
    return {name + " works on one channel (grey) or three (red, green, blue), but a tensor of " +
                std::to_string(channels) + " channels arrives here.",
            "Take " + name + " away."};
}

bool fits(std::int64_t channels) {
    return channels == 1 || channels == 3;
}

class ByChance : public Transform {
public:
    ByChance(std::string name, double chance, ColourOperation operation)
        : m_name(std::move(name)), m_chance(chance), m_operation(std::move(operation)) {}

    Result<SampleInput> apply(SampleInput input, TorchRandom& random,
                              std::string* trace) const override {
        if (auto problem = channelsProblem(m_name, input)) return *problem;
        const bool applies = static_cast<double>(random.uniform()) < m_chance;
        if (trace) *trace = applies ? "applied" : "not applied";
        if (applies) m_operation(input);
        return input;
    }

private:
    std::string m_name;
    double m_chance;
    ColourOperation m_operation;
};

}  // namespace

Result<SampleSpec> inferColours(const std::string& name, const SampleSpec& input) {
    if (input.isTensor && input.dims[0] >= 0 && !fits(input.dims[0]))
        return wrongChannels(name, input.dims[0]);
    return input;
}

std::optional<Error> channelsProblem(const std::string& name, const SampleInput& input) {
    if (fits(channelsOf(input))) return std::nullopt;
    return wrongChannels(name, channelsOf(input));
}

TransformKind chanceKind(ChanceKind given) {
    TransformKind kind;
    kind.info = given.info;
    kind.params = given.params;
    kind.params.push_back(chanceParam(given.usualChance));
    kind.random = true;
    kind.takesTensor = given.takesTensor;
    kind.infer = [name = given.info.id, problem = given.problem](
                     const Settings& settings, const SampleSpec& input) -> Result<SampleSpec> {
        if (problem)
            if (auto wrong = problem(settings, input)) return *wrong;
        return inferColours(name, input);
    };
    kind.make = [given](const Settings& settings) -> std::shared_ptr<const Transform> {
        const double p = settings.number("p");
        const double chance =
            given.comparesInFloat32 ? static_cast<double>(static_cast<float>(p)) : p;
        return std::make_shared<ByChance>(given.info.id, chance, given.operation(settings));
    };
    kind.badge = [badge = given.badge](const Settings& settings) {
        const std::string own = badge ? badge(settings) + ", " : std::string();
        return own + "p " + formatFloat(settings.number("p"), false);
    };
    return kind;
}

std::string drawnNumber(double number) {
    const double shown = std::round(number * 100) / 100;
    return std::string(shown < 0 ? "−" : "") + formatFloat(std::abs(shown), false);
}

}  // namespace loom
