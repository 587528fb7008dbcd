#pragma once

#include <map>
#include <string>

#include "core/base/result.h"

namespace loom {

/// All entries of a zip archive by name, with their checksums verified. Errors name the file.
Result<std::map<std::string, std::string>> readZip(const std::string& path,
                                                   const std::string& bytes);

}  // namespace loom
