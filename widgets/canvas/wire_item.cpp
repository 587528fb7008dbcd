#include "widgets/canvas/wire_item.h"

#include <QFontMetricsF>
#include <QGraphicsScene>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <algorithm>

#include "widgets/style/theme.h"

namespace loom {

WireItem::WireItem(ShownWire wire) : m_wire(std::move(wire)), m_label(new WireLabel(*this)) {
    setFlag(ItemIsSelectable);
    setZValue(0);
}

WireItem::~WireItem() {
    if (m_label->scene()) m_label->scene()->removeItem(m_label);
    delete m_label;
}

void WireItem::setPath(const QPainterPath& path) {
    prepareGeometryChange();
    m_path = path;
    update();
}

bool WireItem::isRouted(const QPointF& from, const QPointF& to,
                        const std::vector<QRectF>& obstacles) {
    const bool same = !m_path.isEmpty() && from == m_from && to == m_to && obstacles == m_obstacles;
    m_from = from;
    m_to = to;
    m_obstacles = obstacles;
    return same;
}

void WireItem::setText(const QString& text) {
    if (text == m_text) return;
    m_text = text;
    m_label->update();
}

QSizeF WireItem::labelSize() const {
    static const QFontMetricsF mono(monoFont(11));
    return m_text.isEmpty() ? QSizeF() : QSizeF(mono.horizontalAdvance(m_text) + 8, 16);
}

void WireItem::placeLabel(const QRectF& rect) {
    m_label->setRect(rect);
}

QRectF WireItem::labelRect() const {
    return m_label->rect();
}

void WireItem::setFault(bool fault) {
    if (fault == m_fault) return;
    m_fault = fault;
    update();
    m_label->update();
}

void WireItem::setHighlighted(bool highlighted) {
    if (highlighted == m_highlighted) return;
    m_highlighted = highlighted;
    update();
}

QRectF WireItem::boundingRect() const {
    return m_path.controlPointRect().adjusted(-6, -6, 6, 6);
}

QPainterPath WireItem::shape() const {
    QPainterPathStroker stroker;
    stroker.setWidth(10);
    return stroker.createStroke(m_path);
}

void WireItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
    const Tokens& t = tokens();
    const bool selected = option->state & QStyle::State_Selected;
    const double detail =
        QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    QPen pen(m_fault ? t.danger : t.wire, 1.8);
    if (m_fault) pen.setDashPattern({4, 3});
    if (selected || m_highlighted) {
        if (!m_fault) pen.setColor(t.accent);
        pen.setWidthF(3);
    }
    // From afar a wire keeps at least one pixel.
    pen.setWidthF(std::max(pen.widthF(), 1.0 / detail));
    pen.setCapStyle(Qt::FlatCap);
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawPath(m_path);
}

void WireLabel::setRect(const QRectF& rect) {
    if (rect == m_rect) return;
    prepareGeometryChange();
    m_rect = rect;
    setVisible(!rect.isEmpty());
}

void WireLabel::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    const double detail =
        QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    if (detail < 0.6 || m_wire.text().isEmpty()) return;
    const Tokens& t = tokens();
    static const QFont mono = monoFont(11);
    QColor ground = t.canvas;
    ground.setAlpha(225);
    painter->setPen(Qt::NoPen);
    painter->setBrush(ground);
    painter->drawRoundedRect(m_rect, 4, 4);
    painter->setFont(mono);
    painter->setPen(m_wire.hasFault() ? t.danger : m_wire.isSelected() ? t.accent : t.canvasLabel);
    painter->drawText(m_rect, Qt::AlignCenter, m_wire.text());
}

}  // namespace loom
