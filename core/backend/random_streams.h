#pragma once

#include <mutex>

namespace loom::backend {

/// Held by whoever draws from PyTorch's default generators: a training during its steps, and anyone
/// who builds a network beside it, since building draws initial weights. A run then equals the same
/// script in Python whatever is tried while it goes on.
std::mutex& randomStreams();

}  // namespace loom::backend
