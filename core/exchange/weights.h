#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace loom {

/// A tensor in plain memory: contiguous, little-endian.
struct PlainTensor {
    std::string dtype = "float32";  ///< PyTorch's names: float32, int64, uint8, ...
    std::vector<std::int64_t> dims;
    std::vector<std::uint8_t> bytes;
};

struct NamedTensor {
    std::string name;  ///< state_dict key: `<node id>.<parameter>`
    PlainTensor tensor;
};

/// A network's weights and buffers, in the order of the model's `state_dict()`.
struct Weights {
    std::vector<NamedTensor> tensors;
    /// Where in a file the tensors lay when it holds several dicts of them ("generator",
    /// "state.ema"; "" is its root): the names then begin with such a place and a dot.
    std::vector<std::string> places = {};
    std::vector<std::string> remarks = {};  ///< sentences about where in a file they were found
    const PlainTensor* find(const std::string& name) const;
};

}  // namespace loom
