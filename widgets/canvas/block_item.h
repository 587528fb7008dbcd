#pragma once

#include <QGraphicsItem>
#include <optional>

#include "widgets/canvas/block_geometry.h"

namespace loom {

/// How a port answers a wire that is being dragged.
enum class PortMark { None, Fits, Bridge, Impossible };

/// A block on the canvas: a view of an id. The document owns the data.
class BlockItem : public QGraphicsItem {
public:
    enum { Type = UserType + 1 };
    explicit BlockItem(NodeId id);

    int type() const override { return Type; }
    const NodeId& id() const { return m_id; }
    const BlockGeometry& geometry() const { return m_geometry; }
    void setGeometry(BlockGeometry geometry);
    /// nullopt: nothing is wrong.
    void setSeverity(std::optional<Severity> severity);
    std::optional<Severity> severity() const { return m_severity; }
    void setMark(const PortHandle& port, PortMark mark);
    void clearMarks();
    void setHoveredPort(const std::optional<PortHandle>& port);
    void setHovered(bool hovered);
    /// A frame around the block while something would land on it.
    void setTarget(bool target);

    QRectF rect() const { return QRectF(QPointF(), m_geometry.size); }
    QRectF sceneRect() const { return rect().translated(pos()); }
    QPointF portPoint(
        const PortHandle& port) const;  ///< in the scene; the block's edge for a port it lacks
    std::vector<PortHandle> ports() const;

    QRectF boundingRect() const override;
    QPainterPath shape() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

protected:
    QVariant itemChange(GraphicsItemChange change, const QVariant& value) override;

private:
    void paintCard(QPainter* painter, double detail, bool selected) const;
    void paintText(QPainter* painter, double detail) const;
    void paintPorts(QPainter* painter) const;
    void paintBadge(QPainter* painter) const;

    NodeId m_id;
    BlockGeometry m_geometry;
    std::optional<Severity> m_severity;
    std::optional<PortHandle> m_hoveredPort;
    std::vector<PortMark> m_inputMarks, m_outputMarks;
    bool m_hovered = false;
    bool m_target = false;
};

}  // namespace loom
