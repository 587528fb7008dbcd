#pragma once

#include <QGraphicsScene>
#include <map>
#include <unordered_map>

#include "core/graph/level.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/canvas/block_item.h"
#include "widgets/canvas/frame_item.h"
#include "widgets/canvas/wire_item.h"

namespace loom {

/// The drawing: one item per thing that a level of the document shows, kept in step with it. Items
/// are known by the level's keys: a block's id, `path.` for a collapsed group.
class CanvasScene : public QGraphicsScene {
    Q_OBJECT
public:
    explicit CanvasScene(DocumentController& document, QObject* parent = nullptr);
    ~CanvasScene() override;

    DocumentController& document() const { return m_document; }
    const Level& level() const { return m_level; }
    /// The group whose inside is shown; empty: the whole network.
    const std::string& scope() const { return m_level.scope(); }
    void setScope(const std::string& path);

    BlockItem* block(const std::string& key) const;
    /// The wire with these ends on the canvas, or the one that this wire of the network is part of.
    WireItem* wire(const Edge& edge) const;
    const std::unordered_map<std::string, BlockItem*>& blocks() const { return m_blocks; }
    const std::vector<WireItem*>& wires() const { return m_wires; }
    const std::vector<FrameItem*>& frames() const { return m_frames; }

    /// Keys in the order of the graph.
    std::vector<std::string> selectedKeys() const;
    /// Blocks of the network, those inside of selected groups too, in the order of the graph.
    std::vector<NodeId> selectedBlocks() const;
    /// The wires of the network behind the selected ones.
    std::vector<Edge> selectedWires() const;
    /// The group that is selected and nothing else: its box, or all that stands in its frame.
    std::string selectedGroup() const;
    /// By key or by id; a block inside of a collapsed group selects its box.
    void select(const std::vector<std::string>& keys, bool add = false);
    QRectF blocksRect() const;  ///< around all blocks; empty without any
    QRectF blocksRect(const std::vector<std::string>& keys) const;

    /// The port within `radius` of a point, the nearest first.
    std::optional<PortHandle> portAt(const QPointF& point, double radius) const;
    BlockItem* blockAt(const QPointF& point) const;
    /// The frame whose title is there.
    FrameItem* titleAt(const QPointF& point) const;
    WireItem* wireAt(const QPointF& point, double tolerance) const;
    /// The wire that a block standing on `rect` would be put into.
    WireItem* wireUnder(const QRectF& rect, const std::string& except) const;

    /// Redraws the wires of blocks that were moved on screen and not yet in the document.
    void blocksDragged(const std::vector<std::string>& keys);
    /// Puts every block back to where the document has it.
    void resetPositions();

Q_SIGNALS:
    void scopeChanged();

private:
    void rebuild();
    void clearItems();
    void sync();
    void showReport();
    void updateBlock(const ShownItem& item, const std::unordered_map<NodeId, const Node*>& nodes,
                     const std::unordered_map<NodeId, PortUse>& uses);
    void placeItems();
    void placeOutside();
    void placeFrames();
    void routeWire(WireItem* wire, const std::vector<QRectF>& blocks);
    void routeAll();
    void placeLabels(const std::vector<WireItem*>& wires);
    std::vector<QRectF> blockRects() const;

    DocumentController& m_document;
    Level m_level;
    std::unordered_map<std::string, BlockItem*> m_blocks;
    std::vector<WireItem*> m_wires;
    std::vector<FrameItem*> m_frames;
};

}  // namespace loom
