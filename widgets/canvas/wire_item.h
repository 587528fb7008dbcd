#pragma once

#include <QGraphicsItem>
#include <QPainterPath>

#include "core/graph/level.h"

namespace loom {

class WireLabel;

/// A wire on the canvas: a view of one wire of the network, or of several that are drawn as one.
class WireItem : public QGraphicsItem {
public:
    enum { Type = UserType + 2 };
    explicit WireItem(ShownWire wire);
    ~WireItem() override;

    int type() const override { return Type; }
    /// Its ends on the canvas.
    const Edge& edge() const { return m_wire.shown; }
    /// The wires of the network that it stands for; they come from one output.
    const std::vector<Edge>& wires() const { return m_wire.wires; }
    void setWires(const std::vector<Edge>& wires) { m_wire.wires = wires; }
    const QPainterPath& path() const { return m_path; }
    void setPath(const QPainterPath& path);
    /// Whether the path is already the one for these ends and obstacles; remembers them.
    bool isRouted(const QPointF& from, const QPointF& to, const std::vector<QRectF>& obstacles);
    /// The size that flows here, `32×26×26`; empty while it is not known.
    void setText(const QString& text);
    QSizeF labelSize() const;
    /// In the scene; an empty rectangle hides the label.
    void placeLabel(const QRectF& rect);
    QRectF labelRect() const;
    QString text() const { return m_text; }
    void setFault(bool fault);
    bool hasFault() const { return m_fault; }
    /// Lit up: under the mouse, or while a block would be put into it.
    void setHighlighted(bool highlighted);
    bool isHighlighted() const { return m_highlighted; }
    WireLabel* label() const { return m_label; }

    QRectF boundingRect() const override;
    QPainterPath shape() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    ShownWire m_wire;
    QPainterPath m_path;
    QPointF m_from, m_to;
    std::vector<QRectF> m_obstacles;
    QString m_text;
    WireLabel* m_label;
    bool m_fault = false;
    bool m_highlighted = false;
};

/// The text beside a wire: an item of its own so that no wire is drawn over it.
class WireLabel : public QGraphicsItem {
public:
    enum { Type = UserType + 3 };
    explicit WireLabel(const WireItem& wire) : m_wire(wire) { setZValue(1); }
    int type() const override { return Type; }
    void setRect(const QRectF& rect);
    QRectF rect() const { return m_rect; }
    QRectF boundingRect() const override { return m_rect; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    const WireItem& m_wire;
    QRectF m_rect;
};

}  // namespace loom
