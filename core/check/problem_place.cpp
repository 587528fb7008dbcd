#include "core/check/problem_place.h"

namespace loom {

std::string pageOf(const Diagnostic& diagnostic) {
    return diagnostic.section.substr(0, diagnostic.section.find('.'));
}

bool liesIn(const Diagnostic& diagnostic, std::string_view place) {
    const std::string& section = diagnostic.section;
    return section.starts_with(place) &&
           (section.size() == place.size() || section[place.size()] == '.');
}

bool isUnfinished(const Diagnostic& diagnostic) {
    return liesIn(diagnostic, kUnfinished);
}

}  // namespace loom
