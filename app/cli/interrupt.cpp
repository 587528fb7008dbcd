#include "app/cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include "app/cli/command.h"

namespace loom::cli {

namespace {

volatile sig_atomic_t interrupted = 0;

void onSignal(int) {
    if (interrupted) _exit(kInterrupted);
    interrupted = 1;
}

}  // namespace

void catchInterrupts() {
    struct sigaction action {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
}

bool isInterrupted() {
    return interrupted != 0;
}

}  // namespace loom::cli
