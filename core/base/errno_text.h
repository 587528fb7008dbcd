#pragma once

#include <string>

namespace loom {

/// Why the system refused, for the middle of a sentence: "the disk is full", "this user may not".
std::string errnoText(int code);

}  // namespace loom
