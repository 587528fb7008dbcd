#pragma once

#include <string>
#include <vector>

#include "core/base/params.h"

namespace loom {

/// A kind by name with what was set of it, as the project names a data set, a transform, a loss.
struct Choice {
    std::string kind;
    Params params = {};
    Dict extras = {};
    friend bool operator==(const Choice&, const Choice&) = default;
};

/// What a parameter of type Kinds holds. Expects a value that `checkParam` passed.
std::vector<Choice> nestedChoices(const Value& list);
/// The other way.
Value nestedValue(const std::vector<Choice>& choices);

}  // namespace loom
