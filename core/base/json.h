#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/value.h"

namespace loom {

/// Reads JSON (UTF-8). Errors: a sentence with line and column. Nesting deeper than 100 levels
/// and repeated keys are refused, so that no file can exhaust the stack or hide a value.
Result<Value> parseJson(std::string_view text);

/// Where and why a text is not JSON, for a sentence: from what the parser says of itself ("... at
/// line 3, column 5: ...") and the last piece of text that it looked at.
std::string jsonProblem(std::string_view parserSays, std::string_view lastRead);

/// Writes JSON with two-space indent; a list or object that fits into 100 columns stays on one
/// line, so that a block or a transform is one line of a diff. Ends with a newline.
std::string printJson(const Value& value);

/// One line without spaces at the ends, as `--json` prints it. NaN and infinities, for which
/// JSON has no word, become null.
std::string printJsonLine(const Value& value);

}  // namespace loom
