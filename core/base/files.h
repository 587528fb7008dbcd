#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace loom {

/// The whole file. Errors name the file and say whether it is missing, a folder, unreadable or
/// larger than `maximumBytes`.
Result<std::string> readFile(const std::string& path, std::uint64_t maximumBytes = std::uint64_t(16)
                                                                                   << 30);

/// Writes to a temporary name beside `path`, flushes to disk and renames, so that a full disk or
/// a crash leaves the old file whole. What killed writers of the same file left beside it is
/// removed.
Status writeFileAtomically(const std::string& path, std::string_view bytes);

/// Removes what killed writers of any file left in `folder`; for folders of our own only.
void sweepTemporaries(const std::string& folder);

/// Makes the folder and its parents.
Status makeFolder(const std::string& path);

/// "~/data" with the home folder in place of "~".
std::string expandHome(const std::string& path);

}  // namespace loom
