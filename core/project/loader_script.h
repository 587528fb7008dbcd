#pragma once

#include <string>

#include "core/project/project.h"

namespace loom {

/// The lines of Python that divide `train_data` and `test_data` and load them as the project does:
/// they leave `train_data`, `test_data`, `validation_data` where there is one, and `loader`. They
/// need `torch` and the names of torch.utils.data.
std::string loaderScript(const DataSection& data, const TrainingSection& training);

}  // namespace loom
