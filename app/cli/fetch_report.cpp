#include "app/cli/fetch_report.h"

#include <algorithm>
#include <cstdio>

#include "app/cli/output.h"
#include "core/base/value.h"
#include "core/data/files/disk_space.h"

namespace loom::cli {

namespace {

using Doing = DownloadProgress::Doing;

const char* nameOf(Doing doing) {
    return doing == Doing::Fetching   ? "fetching"
           : doing == Doing::Checking ? "checking"
                                      : "unpacking";
}

Dict toEvent(const DownloadProgress& progress) {
    return Dict{{"event", "progress"},
                {"doing", nameOf(progress.doing)},
                {"file", progress.file},
                {"file_number", progress.fileNumber},
                {"file_count", progress.fileCount},
                {"bytes", progress.bytes},
                {"total_bytes", progress.totalBytes},
                {"bytes_per_second", progress.bytesPerSecond}};
}

std::string statusText(const DownloadProgress& progress) {
    std::string text = progress.file;
    if (progress.fileCount > 1)
        text += " (" + std::to_string(progress.fileNumber) + " of " +
                std::to_string(progress.fileCount) + ")";
    if (progress.doing != Doing::Fetching) text += std::string("  ") + nameOf(progress.doing);
    text += "  " + bytesText(progress.bytes);
    if (progress.totalBytes > 0) text += " of " + bytesText(progress.totalBytes);
    if (progress.doing == Doing::Fetching && progress.bytesPerSecond >= 1) {
        text += "  " + bytesText(static_cast<std::int64_t>(progress.bytesPerSecond)) + "/s";
        if (progress.totalBytes > progress.bytes)
            text += "  " +
                    clockText(static_cast<double>(progress.totalBytes - progress.bytes) /
                              progress.bytesPerSecond) +
                    " left";
    }
    return text;
}

}  // namespace

void FetchReport::show(const DownloadProgress& progress) {
    const std::string stage = progress.file + nameOf(progress.doing);
    const auto now = Clock::now();
    const auto pause =
        m_json || m_bar.isTerminal() ? std::chrono::milliseconds(250) : std::chrono::seconds(10);
    if (stage == m_lastStage && now - m_last < pause) return;
    m_last = now;
    m_lastStage = stage;
    if (m_json) {
        printResult(toEvent(progress));
        std::fflush(stdout);
    } else if (m_bar.isTerminal()) {
        m_bar.draw(progress.totalBytes > 0
                       ? std::min(1.0, static_cast<double>(progress.bytes) /
                                           static_cast<double>(progress.totalBytes))
                       : 0,
                   statusText(progress));
    } else {
        printMessage(statusText(progress));
    }
}

}  // namespace loom::cli
