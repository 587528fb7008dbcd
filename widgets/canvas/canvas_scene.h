#pragma once

#include <QGraphicsScene>
#include <map>
#include <unordered_map>

#include "widgets/bridge/document_controller.h"
#include "widgets/canvas/block_item.h"
#include "widgets/canvas/wire_item.h"

namespace loom {

/// The drawing: one item per block and wire of the document, kept in step with it.
class CanvasScene : public QGraphicsScene {
    Q_OBJECT
public:
    explicit CanvasScene(DocumentController& document, QObject* parent = nullptr);
    ~CanvasScene() override;

    DocumentController& document() const { return m_document; }
    BlockItem* block(const NodeId& id) const;
    WireItem* wire(const Edge& edge) const;
    const std::unordered_map<NodeId, BlockItem*>& blocks() const { return m_blocks; }
    const std::vector<WireItem*>& wires() const { return m_wires; }

    /// In the order of the graph.
    std::vector<NodeId> selectedBlocks() const;
    std::vector<Edge> selectedWires() const;
    void select(const std::vector<NodeId>& ids, bool add = false);
    QRectF blocksRect() const;  ///< around all blocks; empty without any
    QRectF blocksRect(const std::vector<NodeId>& ids) const;

    /// The port within `radius` of a point, the nearest first.
    std::optional<PortHandle> portAt(const QPointF& point, double radius) const;
    BlockItem* blockAt(const QPointF& point) const;
    WireItem* wireAt(const QPointF& point, double tolerance) const;
    /// The wire that a block standing on `rect` would be put into.
    WireItem* wireUnder(const QRectF& rect, const NodeId& except) const;

    /// Redraws the wires of blocks that were moved on screen and not yet in the document.
    void blocksDragged(const std::vector<NodeId>& ids);
    /// Puts every block back to where the document has it.
    void resetPositions();

private:
    void rebuild();
    void applyDiff(const GraphDiff& diff);
    void showReport();
    void addBlock(const Node& node);
    void updateBlock(const Node& node, const PortUse& use);
    void removeBlock(const NodeId& id);
    void routeWire(WireItem* wire, const std::vector<QRectF>& blocks);
    void routeAll();
    void placeLabels(const std::vector<WireItem*>& wires);
    std::vector<QRectF> blockRects() const;

    DocumentController& m_document;
    std::unordered_map<NodeId, BlockItem*> m_blocks;
    std::vector<WireItem*> m_wires;
};

}  // namespace loom
