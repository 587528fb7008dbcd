#include "core/exchange/weights.h"

namespace loom {

const PlainTensor* Weights::find(const std::string& name) const {
    for (const NamedTensor& entry : tensors)
        if (entry.name == name) return &entry.tensor;
    return nullptr;
}

}  // namespace loom
