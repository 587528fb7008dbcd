#pragma once

#include <string>
#include <string_view>

#include "core/graph/diagnostic.h"

namespace loom {

/// A Diagnostic's `section` is a path: first the page that mends it, "network", "data" or
/// "training"; behind that it may say more, as the project file names it ("data.test_transforms.2",
/// "training.loss"), or `kUnfinished`.
inline constexpr const char* kUnfinished = "network.unfinished";

/// "data" of "data.test_transforms.2".
std::string pageOf(const Diagnostic& diagnostic);
/// Whether it stands at this place or inside of it.
bool liesIn(const Diagnostic& diagnostic, std::string_view place);
/// Nothing is wrong, only not drawn yet: a window shows it as advice. Training needs it mended as
/// any other of its severity.
bool isUnfinished(const Diagnostic& diagnostic);

}  // namespace loom
