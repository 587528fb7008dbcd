#pragma once

#include <QPointF>

#include "core/graph/graph.h"

namespace loom {

/// Moves what stands behind `id` along the wires to the right until the block has a free place.
Graph makeRoom(const Graph& graph, const NodeId& id);

/// Puts a block that was given no place of its own between its neighbours along the wires.
Graph placeBetween(const Graph& graph, const NodeId& id);

/// A free place for a block without wires: below everything, at the left.
QPointF freePlace(const Graph& graph);

}  // namespace loom
