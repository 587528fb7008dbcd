#pragma once

#include <string>
#include <utility>

#include "core/graph/diagnostic.h"

namespace loom {

/// A repair in the data section: parameters of the data set and their new values; None takes one
/// away. The network stays as it is.
struct DatasetFix {
    Params params;
    Result<Graph> operator()(const Graph& graph) const { return graph; }
};

inline Fix datasetFix(const std::string& label, Params params) {
    return {label, DatasetFix{std::move(params)}};
}

/// What the repair changes of the data set; null for repairs of the network.
inline const Params* datasetParamsOf(const Fix& fix) {
    const auto* own = fix.apply.target<DatasetFix>();
    return own ? &own->params : nullptr;
}

}  // namespace loom
