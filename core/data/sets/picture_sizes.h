#pragma once

#include <string>
#include <vector>

#include "core/data/pictures/picture.h"

namespace loom {

/// Some pictures of a folder, and where it holds none, of a folder below it.
std::vector<std::string> picturesBelow(const std::string& folder);

/// RGB pictures of the one size that some of these files, evenly chosen, all have, by their first
/// bytes; of sides of -1 where two differ, or none can be read. It is a guess where there are many:
/// a run tells of a picture that is otherwise.
SampleSpec specOfFiles(const std::vector<std::string>& paths);

}  // namespace loom
