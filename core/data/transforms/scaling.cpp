#include "core/data/transforms/scaling.h"

#include <utility>

#include "core/base/sentence.h"
#include "core/data/transforms/resample.h"
#include "core/data/transforms/torch_math.h"

namespace loom {
namespace {

/// Larger sides than any picture file may have.
constexpr std::int64_t kMaximumSide = 65'535;

}  // namespace

std::optional<Error> scalingProblem(const std::string& name, const WindowSize& sides,
                                    const WindowSize& made) {
    if (made.height >= 1 && made.width >= 1 && made.height <= kMaximumSide &&
        made.width <= kMaximumSide)
        return std::nullopt;
    return Error{sentence("{name} would make a picture of {sides} into {made}.",
                          {{"name", name}, {"sides", sizeText(sides)}, {"made", sizeText(made)}}),
                 "Choose a size from 1 to 65,535."};
}

Scaling scalingOf(const std::string& name, const Settings& settings, bool ofBytes) {
    return {name, settings.text("interpolation"), antialiasOf(settings), ofBytes};
}

Result<SampleInput> Scaling::apply(SampleInput input, const WindowSize& size) const {
    const WindowSize sides = sidesOf(input);
    if (auto problem = scalingProblem(name, sides, size)) return *problem;
    if (size.height == sides.height && size.width == sides.width) return input;
    const auto* picture = std::get_if<Picture>(&input);
    if (picture && !ofBytes)
        return SampleInput(resample(*picture, static_cast<int>(size.width),
                                    static_cast<int>(size.height), interpolation));
    if (auto problem = tensorScaling(name, interpolation)) return *problem;
    if (picture)
        return SampleInput(
            torchResized(*picture, size.height, size.width, interpolation, antialias));
    return SampleInput(torchResized(std::get<TensorSample>(input), size.height, size.width,
                                    interpolation, antialias));
}

}  // namespace loom
