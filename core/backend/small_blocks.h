#pragma once

#include <vector>

#include "core/backend/compiled_network.h"
#include "core/check/shape_report.h"
#include "core/exchange/weights.h"

namespace loom::backend {

/// The blocks of few numbers (kFewNumbers), whose course a run keeps for whoever watches a line
/// being learned.
class SmallBlocks {
public:
    SmallBlocks() = default;
    explicit SmallBlocks(const ShapeReport& shapes);
    /// What they hold now, by their names in the state_dict.
    Weights numbers(const CompiledNetwork& network) const;

private:
    std::vector<NodeId> m_blocks;
};

}  // namespace loom::backend
