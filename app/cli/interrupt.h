#pragma once

namespace loom::cli {

/// From now on SIGINT and SIGTERM only note that the user wants to stop; a second one ends the
/// program at once. SIGPIPE no longer ends it: a reader that leaves shows as a failed write.
void catchInterrupts();
bool isInterrupted();

}  // namespace loom::cli
