#include "app/cli/interrupt.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "app/cli/command.h"

namespace loom::cli {

namespace {

/// One wish to stop may come as several signals: `timeout` sends it to the program and to its
/// group.
constexpr long kSameWish = 1000;  // milliseconds

volatile sig_atomic_t interrupted = 0;
volatile sig_atomic_t firstSecond = 0, firstMillisecond = 0;

void onSignal(int) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long millisecond = now.tv_nsec / 1'000'000;
    if (!interrupted) {
        firstSecond = static_cast<sig_atomic_t>(now.tv_sec);
        firstMillisecond = static_cast<sig_atomic_t>(millisecond);
        interrupted = 1;
    } else if ((static_cast<long>(now.tv_sec) - firstSecond) * 1000 + millisecond -
                   firstMillisecond >=
               kSameWish) {
        // The user insists: nothing more is saved.
        _exit(kFailed);
    }
}

}  // namespace

void catchInterrupts() {
    struct sigaction action {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    // A terminal that is closed; under nohup it is ignored, and stays so.
    struct sigaction before {};
    if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, nullptr);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
    // A file beyond the limit of its size shows as a failed write.
    sigaction(SIGXFSZ, &action, nullptr);
}

bool isInterrupted() {
    return interrupted != 0;
}

}  // namespace loom::cli
