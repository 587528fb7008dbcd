#pragma once

#include <string>

#include "core/graph/diagnostic.h"

namespace loom {

/// A repair in the training section: another loss, with its defaults. The network stays as it is.
struct LossFix {
    std::string kind;
    Result<Graph> operator()(const Graph& graph) const { return graph; }
};

inline Fix lossFix(const std::string& kind) {
    return {"Use " + kind, LossFix{kind}};
}

/// The loss that the repair takes; null for other repairs.
inline const std::string* lossOf(const Fix& fix) {
    const auto* own = fix.apply.target<LossFix>();
    return own ? &own->kind : nullptr;
}

}  // namespace loom
