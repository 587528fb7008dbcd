#pragma once

#include <chrono>
#include <string>

#include "app/cli/progress_bar.h"
#include "core/data/download/download.h"

namespace loom::cli {

/// Tells how a download goes: a bar on a terminal, a line now and then in a log, or JSON events.
class FetchReport {
public:
    explicit FetchReport(bool json) : m_json(json) {}
    void show(const DownloadProgress& progress);
    void end() { m_bar.clear(); }

private:
    using Clock = std::chrono::steady_clock;

    const bool m_json;
    ProgressBar m_bar;
    Clock::time_point m_last = {};
    std::string m_lastStage;
};

}  // namespace loom::cli
