#pragma once

#include <QRectF>

#include "widgets/canvas/shown_geometry.h"

namespace loom {

/// What someone sees who looks at a scope: blocks and collapsed groups with their sizes.
struct Seen {
    Graph graph;
    std::map<std::string, BlockSize> sizes;

    Seen(const Graph& whole, const std::string& scope) {
        const Level level(whole, scope, portCounts);
        graph = level.asGraph(whole);
        sizes = shownSizes(whole, level, {});
    }
    QRectF rectOf(const Node& node) const {
        const BlockSize& size = sizes.at(node.id);
        return QRectF(node.position.x, node.position.y, size.width, size.height);
    }
};

}  // namespace loom
