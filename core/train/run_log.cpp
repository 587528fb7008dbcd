#include "core/train/run_log.h"

#include <utility>

namespace loom {

void RunLog::append(RunEvent event) {
    const std::lock_guard lock(m_mutex);
    m_events.push_back(std::move(event));
}

std::vector<RunEvent> RunLog::read(std::size_t& cursor) const {
    const std::lock_guard lock(m_mutex);
    if (cursor >= m_events.size()) return {};
    std::vector<RunEvent> fresh(m_events.begin() + static_cast<std::ptrdiff_t>(cursor),
                                m_events.end());
    cursor = m_events.size();
    return fresh;
}

std::size_t RunLog::size() const {
    const std::lock_guard lock(m_mutex);
    return m_events.size();
}

}  // namespace loom
