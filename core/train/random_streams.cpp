#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/backend/random_streams.h"

#include "core/backend/borrowed_streams.h"

namespace loom::backend {
namespace {

/// The CPU's first, then one of each CUDA device.
std::vector<at::Generator> defaultGenerators() {
    std::vector<at::Generator> all = {at::detail::getDefaultCPUGenerator()};
    if (!at::hasCUDA()) return all;
    const auto devices = static_cast<std::int64_t>(torch::cuda::device_count());
    for (std::int64_t index = 0; index < devices; ++index)
        all.push_back(at::globalContext().defaultGenerator(
            at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index))));
    return all;
}

}  // namespace

void StreamLock::lock() {
    std::unique_lock lock(m_mutex);
    const std::uint64_t mine = m_asked++;
    m_turn.wait(lock, [&] { return m_served == mine; });
}

bool StreamLock::try_lock() {
    const std::lock_guard lock(m_mutex);
    if (m_asked != m_served) return false;
    ++m_asked;
    return true;
}

void StreamLock::unlock() {
    const std::lock_guard lock(m_mutex);
    ++m_served;
    m_turn.notify_all();
}

StreamLock& randomStreams() {
    static StreamLock lock;
    return lock;
}

BorrowedStreams::BorrowedStreams(std::int64_t seed)
    : BorrowedStreams(std::unique_lock(randomStreams()), seed) {}

BorrowedStreams::BorrowedStreams(std::unique_lock<StreamLock> held, std::int64_t seed)
    : m_lock(std::move(held)), m_generators(defaultGenerators()) {
    for (const at::Generator& generator : m_generators) m_before.push_back(generator.get_state());
    torch::manual_seed(static_cast<std::uint64_t>(seed));
}

std::unique_ptr<BorrowedStreams> BorrowedStreams::ifFree(std::int64_t seed) {
    std::unique_lock held(randomStreams(), std::try_to_lock);
    if (!held) return nullptr;
    return std::unique_ptr<BorrowedStreams>(new BorrowedStreams(std::move(held), seed));
}

BorrowedStreams::~BorrowedStreams() {
    for (std::size_t i = 0; i < m_generators.size(); ++i) m_generators[i].set_state(m_before[i]);
}

}  // namespace loom::backend
