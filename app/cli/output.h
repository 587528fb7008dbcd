#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/value.h"
#include "core/graph/diagnostic.h"

/// Results go to standard output, messages to standard error; both are UTF-8 whatever a file holds.
namespace loom::cli {

/// One JSON value on a line of its own.
void printResult(const Value& value);
void printLine(const std::string& line);

void printMessage(const std::string& line);
/// The sentence, and below it what to do.
void printError(const Error& error);
void printDiagnostics(const std::vector<Diagnostic>& diagnostics);

/// Prints the sentence and gives the exit code back.
int fail(const Error& error, int exitCode = 1);

/// Lines of cells, columns as wide as needed; columns from `firstNumber` on are right-aligned.
void printTable(const std::vector<std::vector<std::string>>& rows, std::size_t firstNumber);

/// "97.3 %"; "–" for NaN.
std::string percentText(double fraction);
/// "0.3021"; "–" for NaN.
std::string lossText(double loss);
/// "2 min 5 s", "1 h 03 min".
std::string durationText(double seconds);

}  // namespace loom::cli
