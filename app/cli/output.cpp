#include "app/cli/output.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/base/json.h"
#include "core/base/text.h"

namespace loom::cli {

namespace {

template <class... Numbers>
std::string format(const char* pattern, Numbers... numbers) {
    char text[96];
    std::snprintf(text, sizeof text, pattern, numbers...);
    return text;
}

}  // namespace

void printResult(const Value& value) {
    std::string line = printJsonLine(value);
    if (line.empty() || line.back() != '\n') line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
}

void printLine(const std::string& line) {
    std::fprintf(stdout, "%s\n", cleanText(line).c_str());
}

void printMessage(const std::string& line) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s\n", cleanText(line).c_str());
}

void printError(const Error& error) {
    printMessage("torchloom-cli: " + error.message);
    if (!error.hint.empty()) printMessage("  " + error.hint);
}

void printDiagnostics(const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) {
        printMessage(toText(diagnostic.severity) + ": " + diagnostic.message);
        if (!diagnostic.hint.empty()) printMessage("  " + diagnostic.hint);
    }
}

int fail(const Error& error, int exitCode) {
    printError(error);
    return exitCode;
}

void printTable(const std::vector<std::vector<std::string>>& rows, std::size_t firstNumber) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], characterCount(row[i]));
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - characterCount(row[i]), ' ');
            line += i == 0 ? "" : "  ";
            line += i < firstNumber ? row[i] + space : space + row[i];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        printLine(line);
    }
}

std::string percentText(double fraction) {
    return std::isnan(fraction) ? "–" : format("%.2f %%", 100 * fraction);
}

std::string lossText(double loss) {
    if (std::isnan(loss)) return "–";
    return loss != 0 && std::abs(loss) < 1e-3 ? format("%.2e", loss) : format("%.4f", loss);
}

std::string durationText(double seconds) {
    if (seconds < 10) return format("%.1f s", seconds);
    const auto whole = static_cast<long long>(std::llround(seconds));
    if (whole < 60) return format("%lld s", whole);
    if (whole < 3600) return format("%lld min %lld s", whole / 60, whole % 60);
    return format("%lld h %02lld min", whole / 3600, whole % 3600 / 60);
}

}  // namespace loom::cli
