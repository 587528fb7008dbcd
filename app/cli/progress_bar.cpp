#include "app/cli/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/text.h"

namespace loom::cli {

ProgressBar::ProgressBar() : m_isTerminal(isatty(STDERR_FILENO) != 0) {}

void ProgressBar::draw(double fraction, const std::string& status) {
    if (!m_isTerminal) return;
    winsize size{};
    const int columns =
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    const int room = std::min(30, columns - static_cast<int>(characterCount(status)) - 3);
    std::string bar;
    const auto filled = static_cast<int>(fraction * room);
    for (int i = 0; i < room; ++i) bar += i < filled ? "█" : "░";
    const std::string shown =
        firstCharacters(cleanText(status), static_cast<std::size_t>(std::max(0, columns - 1)));
    std::fprintf(stderr, "\r\033[K%s%s%s", bar.c_str(), bar.empty() ? "" : " ", shown.c_str());
    std::fflush(stderr);
    m_isDrawn = true;
}

void ProgressBar::clear() {
    if (!m_isDrawn) return;
    std::fprintf(stderr, "\r\033[K");
    std::fflush(stderr);
    m_isDrawn = false;
}

std::string clockText(double seconds) {
    const auto whole = static_cast<long long>(std::llround(seconds));
    char text[48];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole % 3600 / 60,
                      whole % 60);
    else
        std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
    return text;
}

}  // namespace loom::cli
