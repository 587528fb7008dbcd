#pragma once

#include <utility>

#include "core/backend/layer.h"

/// Ways to make a BuiltLayer, for the families' `build` functions.
namespace loom::backend {

using TensorFunction = std::function<at::Tensor(const at::Tensor&)>;
using TensorsFunction = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>;

/// A function of all inputs without parameters to learn.
inline std::shared_ptr<BuiltLayer> pureOfAll(TensorsFunction function) {
    auto built = std::make_shared<BuiltLayer>();
    built->forward = std::move(function);
    return built;
}

/// A function of one tensor without parameters to learn.
inline std::shared_ptr<BuiltLayer> pure(TensorFunction function) {
    return pureOfAll([function = std::move(function)](const std::vector<at::Tensor>& in) {
        return std::vector<at::Tensor>{function(in[0])};
    });
}

/// A torch module (a holder such as torch::nn::Linear) that maps one tensor to one.
template <class Module>
std::shared_ptr<BuiltLayer> moduleLayer(Module module) {
    auto built = std::make_shared<BuiltLayer>();
    built->module = module.ptr();
    built->forward = [module](const std::vector<at::Tensor>& in) mutable {
        return std::vector<at::Tensor>{module(in[0])};
    };
    return built;
}

}  // namespace loom::backend
