#pragma once

#include <string>
#include <vector>

#include "core/base/params.h"

namespace loom {

/// The folder that data sets of this program share, `~/.torchloom/data`.
std::string homeDataFolder();

/// Where data sets are looked for: `root` alone when it is given, else the usual places: the
/// environment's TORCHLOOM_DATA, `./data`, `~/.torchloom/data`, `~/data`.
std::vector<std::string> dataRoots(const std::string& root);

/// The parameter that every data set has.
ParamSpec rootParam(const std::string& hint);

bool isFile(const std::string& path);
bool isFolder(const std::string& path);

}  // namespace loom
