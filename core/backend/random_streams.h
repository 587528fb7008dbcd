#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace loom::backend {

/// Held by whoever draws from PyTorch's default generators: a training during its steps, and anyone
/// who computes beside it, through BorrowedStreams. A run then equals the same script in Python
/// whatever is tried while it goes on.
///
/// Threads: any; who waits gets it in the order of asking, so that neither a run of short steps nor
///          a row of predictions keeps the other out.
class StreamLock {
public:
    void lock();
    bool try_lock();
    void unlock();

private:
    std::mutex m_mutex;
    std::condition_variable m_turn;
    std::uint64_t m_asked = 0;   ///< who comes next gets this number
    std::uint64_t m_served = 0;  ///< the number that holds it or may take it
};

StreamLock& randomStreams();

}  // namespace loom::backend
