#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/catalogue/layer_kind.h"
#include "core/graph/diagnostic.h"
#include "core/graph/graph.h"

namespace loom {

struct BlockReport {
    NodeId id;
    bool known = false;         ///< shapes were found
    std::vector<Shape> inputs;  ///< what arrives, by port; empty where an optional one is free
    Inference inference;
    std::int64_t activationBytes = 0;  ///< for one sample, float32
};

/// What the network does with a sample, block by block, before anything runs.
struct ShapeReport {
    std::vector<NodeId> order;  ///< execution order
    std::map<NodeId, BlockReport> blocks;
    std::vector<Diagnostic> diagnostics;
    std::int64_t parameters = 0;
    std::int64_t macs = 0;             ///< one sample
    std::int64_t activationBytes = 0;  ///< one sample
    /// The shape on a wire's source port, if known.
    const Shape* shapeAt(const PortRef& output) const;
    const BlockReport* find(const NodeId& id) const;
};

/// Shapes, counts and everything that is wrong with the drawing. `dataShape` is what the data
/// section delivers to Input blocks that do not fix their own shape.
ShapeReport inferShapes(const Graph& graph, const std::optional<Shape>& dataShape);

/// Ids of all blocks of a kind, in the graph's order.
std::vector<NodeId> nodesOfKind(const Graph& graph, const std::string& kind);

}  // namespace loom
