#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exchange/weights.h"

namespace loom {

/// A tensor that a network has a place for.
struct TensorSize {
    std::string name;
    std::vector<std::int64_t> dims;
};

/// A file's weights under a network's names. Points into the file's Weights.
struct FittedWeights {
    std::map<std::string, const PlainTensor*> tensors;  ///< by the network's names
    std::vector<const NamedTensor*> unused;             ///< of the file, in its order
    /// Those of `unused` that `load_state_dict(strict=True)` would refuse, by their names without
    /// what was left out of them.
    std::vector<std::string> surplus;
    std::vector<std::string> remarks;  ///< sentences: what was left out, renamed or filled in
    const PlainTensor* find(const std::string& name) const;
};

/// Finds a network's tensors in a file by name, as torchvision's and PyTorch's loaders do: without
/// what wrappers put before all names (`module.`, `_orig_mod.`, an attribute's name, a key of the
/// checkpoint), under names that torchvision has changed since a file was published, without heads
/// that only train a model, and with counters that files from before PyTorch 0.4.1 lack.
///
/// Errors: several parts of the file fit the network equally well.
Result<FittedWeights> fitNames(const Weights& file, const std::vector<TensorSize>& network);

}  // namespace loom
