#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <QString>
#include <QStringList>
#include <unordered_map>
#include <vector>

#include "core/catalogue/layer_kind.h"
#include "core/check/shape_report.h"
#include "core/graph/layout.h"
#include "core/graph/level.h"

namespace loom {

constexpr double kGrid = 20;  ///< dots of the canvas; widths of blocks are multiples of it
constexpr double kSnap = 10;  ///< where blocks may stand
constexpr double kBlockHeight = 52;
constexpr double kBlockGap = 80;  ///< between a block and the next that is put behind it

/// One end for wires on a block.
struct PortHandle {
    PortRef ref;
    bool output = false;
    friend bool operator==(const PortHandle&, const PortHandle&) = default;
};

/// What a block shows and how large that is. A function of the document alone, so that the
/// canvas, the layout and the tests agree.
struct BlockGeometry {
    QString name, kind, badge;
    QString family;
    ShownKind shown = ShownKind::Block;
    QString prefix;                         ///< of a group: the path in front of its name
    QString detail;                         ///< of a group: a line between name and badge
    QString owner;                          ///< the block whose module this one uses
    QStringList inputLabels, outputLabels;  ///< of a group with several; else empty
    double textLeft = 16;
    bool known = true;  ///< false: this version has no such kind
    QSizeF size;
    std::vector<QPointF> inputs;  ///< from the top-left corner
    std::vector<QPointF> outputs;
    friend bool operator==(const BlockGeometry&, const BlockGeometry&) = default;
};

/// The highest ports of a block that wires end at; -1 without any.
struct PortUse {
    int input = -1, output = -1;
};
/// Of every block with wires, in one pass.
std::unordered_map<NodeId, PortUse> portUses(const Graph& graph);

/// Named as seen from inside of the group `around`: `conv1` for `layer1.0.conv1`.
BlockGeometry blockGeometry(const Graph& graph, const Node& node, const ShapeReport& report,
                            const std::string& around = {});
BlockGeometry blockGeometry(const Node& node, const PortUse& use, const ShapeReport& report,
                            const std::string& around = {});

/// Sizes of all blocks, for layoutGraph.
std::map<NodeId, BlockSize> blockSizes(const Graph& graph, const ShapeReport& report);

/// `conv1, Conv2d, 32 5×5; gives 32×26×26`: for screen readers and tool tips.
QString blockDescription(const Graph& graph, const Node& node, const ShapeReport& report);

}  // namespace loom
