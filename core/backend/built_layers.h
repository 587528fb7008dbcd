#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/backend/layer.h"

namespace loom::backend {

/// A block that is one module of LibTorch, called with its first input.
template <class Module>
std::shared_ptr<BuiltLayer> moduleLayer(Module module) {
    auto built = std::make_shared<BuiltLayer>();
    built->module = module.ptr();
    built->forward = [module](const std::vector<at::Tensor>& in) mutable {
        return std::vector{module(in[0])};
    };
    return built;
}

/// A block without parameters: one tensor from its first.
template <class Function>
std::shared_ptr<BuiltLayer> functionLayer(Function function) {
    auto built = std::make_shared<BuiltLayer>();
    built->forward = [function = std::move(function)](const std::vector<at::Tensor>& in) {
        return std::vector<at::Tensor>{function(in[0])};
    };
    return built;
}

/// A block without parameters that gives values and where they stood; `withIndices` says whether
/// the second output is there.
template <class Function>
std::shared_ptr<BuiltLayer> indexingLayer(bool withIndices, Function function) {
    auto built = std::make_shared<BuiltLayer>();
    built->forward = [withIndices, function = std::move(function)](
                         const std::vector<at::Tensor>& in) -> std::vector<at::Tensor> {
        auto [values, places] = function(in[0]);
        if (!withIndices) return {values};
        return {values, places};
    };
    return built;
}

}  // namespace loom::backend
