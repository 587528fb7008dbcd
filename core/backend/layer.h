#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/backend/torch.h"

namespace loom::backend {

/// A block ready to run: its module (null for pure operations) and how inputs become outputs.
/// Parameters and buffers are named as in PyTorch, relative to the block.
struct BuiltLayer {
    std::shared_ptr<torch::nn::Module> module;
    /// A bare `nn.Parameter` of size 1×(dims), registered under the block's own id: the block's
    /// output, expanded to the batch. `module` and `forward` are empty then.
    at::Tensor parameter = {};
    std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)> forward;
};

struct ParameterList {
    std::vector<std::string> names;
    std::vector<at::Tensor> tensors;
};

}  // namespace loom::backend
