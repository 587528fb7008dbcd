#pragma once

#include <map>
#include <string>

#include "core/base/pickle.h"
#include "core/base/result.h"
#include "core/exchange/weights.h"

/// What readers of PyTorch files share: the pickle of such a file, inert, and its numbers.
namespace loom::torch_tree {

/// Thrown to leave nested values with one sentence; caught by every reader of this folder.
struct Refusal {
    std::string message;
    std::string hint = "Save the weights again with torch.save(model.state_dict(), path).";
};

/// A file's object tree and the bytes of its storages.
struct TorchTree {
    PickleValue root;
    std::map<std::string, std::string> storages;
};

Result<TorchTree> open(const std::string& path);

bool isTensor(const PickleValue& value);
/// A contiguous copy of what a tensor object describes, with every bound checked. Throws Refusal.
PlainTensor tensorFrom(const PickleValue& value, const TorchTree& file);

}  // namespace loom::torch_tree
