#pragma once

#include "core/project/project_file.h"

namespace loom {

/// The project that a parsed file describes. Errors and remarks begin with `name`.
Result<LoadedProject> readProject(const Value& root, const std::string& name);

}  // namespace loom
