#include "core/backend/small_blocks.h"

#include <cstddef>

#include "core/backend/tensors.h"
#include "core/train/session.h"

namespace loom::backend {

SmallBlocks::SmallBlocks(const ShapeReport& shapes) {
    // More would be more than anybody watches.
    constexpr std::size_t kMost = 32;
    for (const auto& [id, block] : shapes.blocks)
        if (block.known && block.inference.parameters > 0 &&
            block.inference.parameters <= kFewNumbers && m_blocks.size() < kMost)
            m_blocks.push_back(id);
}

Weights SmallBlocks::numbers(const CompiledNetwork& network) const {
    Weights few;
    if (m_blocks.empty()) return few;
    for (const auto& [name, tensor] : network.state())
        for (const NodeId& block : m_blocks)
            if (name.starts_with(block + ".")) few.tensors.push_back({name, toPlain(tensor)});
    return few;
}

}  // namespace loom::backend
