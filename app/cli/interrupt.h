#pragma once

namespace loom::cli {

/// From now on SIGINT, SIGTERM and SIGHUP only note that the user wants to stop; another one, a
/// second later or more, ends the program at once, with 1. SIGPIPE and SIGXFSZ no longer end it:
/// a reader that leaves, and a file that may not grow, show as failed writes.
void catchInterrupts();
bool isInterrupted();

}  // namespace loom::cli
