#pragma once

#include "core/graph/level.h"
#include "core/project/project_check.h"
#include "widgets/canvas/block_geometry.h"

namespace loom {

/// The ends for wires of a block as its kind says; for levels and boundaries of groups.
PortCounts portCounts(const Node& node);

/// What all blocks of a group make up together.
struct GroupFigures {
    int blocks = 0;
    std::int64_t parameters = 0;
    std::int64_t macs = 0;
    std::int64_t activationBytes = 0;
    std::string family;  ///< of the block with most parameters, for its colour
};
GroupFigures groupFigures(const Graph& graph, const ShapeReport& report, const std::string& path);

/// What any item of a level shows. A function of the document alone, as blockGeometry.
BlockGeometry shownGeometry(const Graph& graph, const Level& level, const ShownItem& item,
                            const ShapeReport& report);
/// What a key is called in a sentence: `layer1.0` for the group's key as for a block's id.
QString shownName(const std::string& key);
/// Sizes of blocks and collapsed groups by key.
std::map<std::string, BlockSize> shownSizes(const Graph& graph, const Level& level,
                                            const ShapeReport& report);
/// Around the items of an open group, with room for its title.
QRectF frameAround(const QRectF& items);

}  // namespace loom
