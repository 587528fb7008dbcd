#pragma once

#include <QPointF>
#include <QRectF>
#include <string>

#include "core/graph/graph.h"

/// Where things find place on the canvas of someone who looks at `scope`.
namespace loom {

/// Moves what stands behind `id` along the wires to the right until the block has a free place.
Graph makeRoom(const Graph& graph, const NodeId& id, const std::string& scope = {});

/// Puts a block that was given no place of its own between its neighbours along the wires.
Graph placeBetween(const Graph& graph, const NodeId& id, const std::string& scope = {});

/// A free place for a block without wires: below everything, at the left.
QPointF freePlace(const Graph& graph, const std::string& scope = {});

/// Opens a group where its box stands; what is around it gives way.
Graph expandGroup(const Graph& graph, const std::string& path, const std::string& scope = {});
/// Puts a box in the place of a group's blocks; what is around it closes up.
Graph collapseGroup(const Graph& graph, const std::string& path, const std::string& scope = {});
/// The same for a group that is collapsed already and whose blocks took `before`.
Graph placeBox(const Graph& graph, const std::string& path, const std::string& scope,
               const QRectF& before);
/// Around the items under which these blocks are seen.
QRectF shownRect(const Graph& graph, const std::vector<NodeId>& ids, const std::string& scope = {});

}  // namespace loom
