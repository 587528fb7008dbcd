#include "app/quit_signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

namespace loom {

namespace {

/// A signal handler may do little more than write a byte.
int pipeEnds[2] = {-1, -1};

void onSignal(int signal) {
    const int before = errno;
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = ::write(pipeEnds[1], &byte, 1);
    ::signal(signal, SIG_DFL);
    errno = before;
}

}  // namespace

QuitSignals::QuitSignals(QObject* parent) : QObject(parent) {
    if (::pipe2(pipeEnds, O_CLOEXEC | O_NONBLOCK) != 0) return;
    m_notifier = new QSocketNotifier(pipeEnds[0], QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, [this] {
        char bytes[16];
        [[maybe_unused]] const ssize_t count = ::read(pipeEnds[0], bytes, sizeof bytes);
        Q_EMIT asked();
    });
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        // What whoever started the program has turned off (nohup) stays so.
        if (::signal(signal, onSignal) == SIG_IGN) ::signal(signal, SIG_IGN);
}

QuitSignals::~QuitSignals() {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_DFL);
    for (int& end : pipeEnds) {
        if (end >= 0) ::close(end);
        end = -1;
    }
}

}  // namespace loom
