#pragma once

#include <string>

namespace loom::cli {

/// `datasets check PROJECT`: reads every sample and prints what is remarkable.
int runDatasetCheck(const std::string& projectPath, bool json);

}  // namespace loom::cli
