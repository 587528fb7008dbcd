#pragma once

#include <vector>

#include "core/graph/graph.h"

namespace loom {

/// What a view must update to show `after` instead of `before`.
struct GraphDiff {
    std::vector<NodeId> added;
    std::vector<NodeId> removed;
    std::vector<NodeId> changed;  ///< parameters, kind or position
    std::vector<Edge> edgesAdded;
    std::vector<Edge> edgesRemoved;
    bool groupsChanged = false;  ///< how groups are drawn: collapsed, moved, renamed
    bool empty() const;
};

GraphDiff diff(const Graph& before, const Graph& after);

}  // namespace loom
