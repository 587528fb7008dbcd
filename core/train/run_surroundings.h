#pragma once

#include <string>

#include "core/train/plan.h"

namespace loom {

/// What differs between the program and machine that wrote the run in `folder` and this one, where
/// it changes the last bits of what is computed: LibTorch, the number of threads, the device, the
/// BLAS. One sentence for a run that goes on; empty when all are the same or the record says
/// nothing. To be asked before the record is written anew.
std::string otherSurroundings(const std::string& folder, const Environment& now);

}  // namespace loom
