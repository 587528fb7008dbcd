#pragma once

#include <vector>

#include "core/catalogue/training_kinds.h"
#include "core/graph/diagnostic.h"
#include "core/project/project.h"

namespace loom {

/// What is wrong with the parts that a project takes of its data, with its sampler, and with what
/// is done to its batches. `views`: into how many one sample is made; `output`: what the network
/// gives for one sample, or null while that is not known.
std::vector<Diagnostic> checkSampling(const Project& project, const TargetSpec& target,
                                      std::int64_t views, const Shape* output);

}  // namespace loom
