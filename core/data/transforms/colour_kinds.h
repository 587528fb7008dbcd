#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/data/transforms/transform_params.h"

namespace loom {

// What the transforms of the colours share.

/// What a transform does to one sample, in place.
using ColourOperation = std::function<void(SampleInput&)>;

/// The same spec; of a tensor, colours are only told apart with one or three channels.
Result<SampleSpec> inferColours(const std::string& name, const SampleSpec& input);
/// Why `name` cannot work on this sample, by its channels.
std::optional<Error> channelsProblem(const std::string& name, const SampleInput& input);

/// A kind that draws `torch.rand(1)` and works on the sample if it is below its parameter `p`.
struct ChanceKind {
    KindInfo info;
    double usualChance = 0.5;
    std::vector<ParamSpec> params = {};  ///< before `p`
    bool takesTensor = false;
    bool comparesInFloat32 = false;  ///< torch.rand(1) < p, not torch.rand(1).item() < p
    std::function<ColourOperation(const Settings&)> operation = {};
    std::function<std::string(const Settings&)> badge = {};  ///< before the chance
    /// What of the parameters does not fit the sample.
    std::function<std::optional<Error>(const Settings&, const SampleSpec&)> problem = {};
};
TransformKind chanceKind(ChanceKind kind);

/// A drawn number with two digits after the point and a real minus: "−0.03".
std::string drawnNumber(double number);

}  // namespace loom
