#pragma once

#include <string>

#include "core/data/transforms/transform_params.h"

namespace loom {

/// How a sample is brought to another size: a picture by Pillow's ways, a tensor by PyTorch's.
struct Scaling {
    std::string name;  ///< the kind's, for sentences
    std::string interpolation;
    bool antialias = true;
    bool ofBytes = false;  ///< a picture stands for what ToImage gives, which PyTorch scales

    /// Errors where a side would be 0 or beyond what a picture may have.
    Result<SampleInput> apply(SampleInput input, const WindowSize& size) const;
};
/// Of `interpolation` and `antialias`.
Scaling scalingOf(const std::string& name, const Settings& settings, bool ofBytes = false);
/// Why a picture of those sides cannot be made into one of `made`.
std::optional<Error> scalingProblem(const std::string& name, const WindowSize& sides,
                                    const WindowSize& made);

}  // namespace loom
