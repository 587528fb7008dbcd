#pragma once

#include "core/project/project.h"

namespace loom {

/// The project's data set with what the network decides of it: where an Input takes whole numbers
/// (int64) and `dtype` of the set is left to it, the set delivers whole numbers. Whoever feeds the
/// network opens this one.
Choice deliveredDataset(const Project& project);

/// Whether a data set, or every one of those it is made of, delivers whole numbers.
bool deliversWhole(const Choice& dataset);

/// The project with parameters of its data set changed; None takes one away.
Project withDatasetParams(Project project, const Params& params);

}  // namespace loom
