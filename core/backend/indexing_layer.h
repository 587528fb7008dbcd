#pragma once

#include <tuple>
#include <utility>

#include "core/backend/building.h"

namespace loom::backend {

/// A block without parameters that gives values and where they stood; `withIndices` says whether
/// the second output is there.
inline std::shared_ptr<BuiltLayer> indexingLayer(
    bool withIndices, std::function<std::tuple<at::Tensor, at::Tensor>(const at::Tensor&)> find) {
    return pureOfAll([withIndices, find = std::move(find)](
                         const std::vector<at::Tensor>& in) -> std::vector<at::Tensor> {
        auto [values, places] = find(in[0]);
        if (!withIndices) return {values};
        return {values, places};
    });
}

}  // namespace loom::backend
