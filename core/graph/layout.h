#pragma once

#include <map>

#include "core/graph/graph.h"

namespace loom {

struct BlockSize {
    double width = 140;
    double height = 52;
};

struct LayoutOptions {
    double rowWidth = 1000;  ///< a longer chain continues in a row below
    double gapX = 80;        ///< between columns: room for the size written on a wire
    double gapY = 28;        ///< between blocks of a column
    double rowGap = 76;      ///< between rows: room for the wire that leads back to the left
    double grid = 10;
};

/// Where blocks stand so that wires run from left to right and a person can follow them: columns by
/// distance from the start, branches side by side, blocks without wires in a last row. Positions
/// are top-left corners, the smallest at (0, 0). The same graph gives the same picture.
std::map<NodeId, Position> layoutGraph(const Graph& graph, const std::map<NodeId, BlockSize>& sizes,
                                       const LayoutOptions& options = {});

}  // namespace loom
