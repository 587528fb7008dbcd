#pragma once

namespace loom {

/// Python's argument for weights that are not trained whatever the script says later, such as
/// Embedding's: a block that sets it to True is frozen.
inline constexpr const char* kFreezeKey = "_freeze";

}  // namespace loom
