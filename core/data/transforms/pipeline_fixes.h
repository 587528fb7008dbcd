#pragma once

#include <string>
#include <vector>

#include "core/data/transform.h"

namespace loom {

/// A way out of the mistake at which `inferPipeline` stopped, or of what its end lacks for a
/// network.
struct PipelineFix {
    std::string label;                   ///< what a button says: "Move Normalize behind ToTensor"
    std::vector<TransformChoice> steps;  ///< the list after it
    int chosen = -1;                     ///< the step it is about in that list; -1: it is taken out
};

/// The nearest way first, to take the step out last. Empty when nothing is wrong.
std::vector<PipelineFix> pipelineFixes(const std::vector<TransformChoice>& choices,
                                       const SampleSpec& input);

/// The first step that makes a tensor of numbers of a picture, ToTensor or ToDtype; the size where
/// none does.
std::size_t findConverter(const std::vector<TransformChoice>& steps);

}  // namespace loom
