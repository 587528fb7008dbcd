#pragma once

#include <vector>

#include "core/project/project_file.h"

namespace loom {

/// What a project names that this version does not know, and keeps: kinds of blocks, data sets,
/// transforms, losses and the like, and their parameters. One remark each.
std::vector<Diagnostic> unknownParts(const Project& project);

/// Everything that reading a file had to say, what matters most first: a newer version,
/// unknownParts, and the reader's other remarks.
std::vector<Diagnostic> remarksOnLoading(const LoadedProject& loaded);

}  // namespace loom
