#pragma once

#include <QGraphicsItem>
#include <optional>

#include "widgets/canvas/block_geometry.h"

namespace loom {

/// How a port answers a wire that is being dragged.
enum class PortMark { None, Fits, Bridge, Impossible };

/// A block, a collapsed group, or an end outside of the group that is open: a view of a key of the
/// level. The document owns the data.
class BlockItem : public QGraphicsItem {
public:
    enum { Type = UserType + 1 };
    BlockItem(std::string key, ShownKind shown);

    int type() const override { return Type; }
    const std::string& id() const { return m_id; }
    ShownKind shown() const { return m_shown; }
    bool isGroup() const { return m_shown == ShownKind::Group; }
    /// It only says where wires come from or go to.
    bool isOutside() const { return m_shown == ShownKind::Source || m_shown == ShownKind::Target; }
    const BlockGeometry& geometry() const { return m_geometry; }
    void setGeometry(BlockGeometry geometry);
    /// nullopt: nothing is wrong; Info: something is not drawn yet.
    void setSeverity(std::optional<Severity> severity);
    std::optional<Severity> severity() const { return m_severity; }
    /// Its weights stay as they are in training: a snowflake says so.
    void setFrozen(bool frozen);
    bool isFrozen() const { return m_frozen; }
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
    void paintStack(QPainter* painter) const;
    void paintGroupText(QPainter* painter) const;
    void paintPortLabels(QPainter* painter) const;
    void paintOutside(QPainter* painter, double detail) const;
    void paintPorts(QPainter* painter) const;
    void paintBadge(QPainter* painter) const;
    void paintSnowflake(QPainter* painter) const;

    std::string m_id;
    ShownKind m_shown;
    BlockGeometry m_geometry;
    std::optional<Severity> m_severity;
    std::optional<PortHandle> m_hoveredPort;
    std::vector<PortMark> m_inputMarks, m_outputMarks;
    bool m_hovered = false;
    bool m_target = false;
    bool m_frozen = false;
};

}  // namespace loom
