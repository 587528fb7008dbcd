#pragma once

#include <string>

namespace loom::cli {

/// A bar with a line of text behind it on the terminal that standard error is; nothing where it is
/// none.
class ProgressBar {
public:
    ProgressBar();
    ~ProgressBar() { clear(); }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    bool isTerminal() const { return m_isTerminal; }
    void draw(double fraction, const std::string& status);
    void clear();

private:
    const bool m_isTerminal;
    bool m_isDrawn = false;
};

/// "1:05", "2:00:07".
std::string clockText(double seconds);

}  // namespace loom::cli
