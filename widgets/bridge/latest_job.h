#pragma once

#include <QMetaObject>
#include <QObject>
#include <QThreadPool>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace loom {

/// Work that must not hold up the window, where only the newest request counts: a preview, a
/// prediction. A request made while another runs replaces it.
///
/// Threads: members on the GUI's thread; `work` runs on the pool and looks at `cancelled` now and
/// then;
///          `done` runs on the GUI's thread, never after the job is gone or asked anew.
template <class R>
class LatestJob {
public:
    LatestJob() = default;
    ~LatestJob() { cancel(); }
    LatestJob(const LatestJob&) = delete;
    LatestJob& operator=(const LatestJob&) = delete;

    void start(std::function<R(const std::atomic<bool>& cancelled)> work,
               std::function<void(R)> done) {
        cancel();
        m_ticket = std::make_shared<Ticket>();
        m_ticket->done = std::move(done);
        QThreadPool::globalInstance()->start(
            [work = std::move(work), ticket = m_ticket, receiver = m_receiver.get()] {
                if (ticket->cancelled) return;
                auto result = std::make_shared<R>(work(ticket->cancelled));
                // cancel() takes the same lock before the receiver goes.
                const std::lock_guard lock(ticket->mutex);
                if (ticket->cancelled) return;
                QMetaObject::invokeMethod(
                    receiver,
                    [result, ticket] {
                        if (ticket->cancelled) return;
                        ticket->cancelled = true;
                        ticket->done(std::move(*result));
                    },
                    Qt::QueuedConnection);
            });
    }

    void cancel() {
        if (!m_ticket) return;
        const std::lock_guard lock(m_ticket->mutex);
        m_ticket->cancelled = true;
    }

    bool isRunning() const { return m_ticket && !m_ticket->cancelled; }

private:
    struct Ticket {
        std::mutex mutex;
        std::atomic<bool> cancelled = false;
        std::function<void(R)> done;
    };
    std::shared_ptr<Ticket> m_ticket;
    std::unique_ptr<QObject> m_receiver = std::make_unique<QObject>();
};

}  // namespace loom
