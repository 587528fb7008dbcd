#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace loom {

enum class Severity { Info, Warning, Error };

std::string toText(Severity severity);

/// A repair the user can take with one key: itself an edit.
struct Fix {
    std::string label;  ///< a verb: "Insert Flatten"
    std::function<Result<Graph>(const Graph&)> apply;
};

/// Something a user should know about the design, on the block where it shows.
struct Diagnostic {
    Severity severity = Severity::Error;
    NodeId node;          ///< empty: the whole project
    std::string message;  ///< what arrived, what was expected, with the numbers; names the block
    std::string hint;     ///< what to do
    std::vector<Fix> fixes = {};
    /// Where it is mended, as a path: the page (network, data, training), then the field of the
    /// project file. See core/check/problem_place.h.
    std::string section = "network";
    int inputPort = -1;  ///< the input at fault, for a red wire; -1: none in particular
};

bool hasErrors(const std::vector<Diagnostic>& diagnostics);

}  // namespace loom
