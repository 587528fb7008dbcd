#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "core/project/project.h"
#include "core/train/run_folder.h"

namespace loom {

/// The same blocks and wires, wherever they are drawn.
bool sameDrawing(const Graph& a, const Graph& b);

/// Whether weights of one project fit the other: their blocks with parameters have the same names,
/// kinds and numbers of them. Unknown where sizes are, as without the data.
std::optional<bool> weightsFit(const Project& a, const Project& b);

/// The newest run below `runsFolder` whose weights fit the project's network. Reads files, so not
/// for the window's thread; `cancelled` ends it early.
std::optional<RunRecord> latestFittingRun(const std::string& runsFolder, const Project& project,
                                          const std::atomic<bool>& cancelled);

}  // namespace loom
