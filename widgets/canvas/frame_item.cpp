#include "widgets/canvas/frame_item.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <algorithm>

#include "widgets/style/theme.h"

namespace loom {

void FrameItem::setContent(std::vector<std::string> keys, const QString& title, int depth) {
    m_keys = std::move(keys);
    setZValue(-20 + std::min(depth, 15));
    if (title == m_title) return;
    m_title = title;
    update();
}

void FrameItem::setRect(const QRectF& rect) {
    if (rect == m_rect) return;
    prepareGeometryChange();
    m_rect = rect;
}

QRectF FrameItem::titleRect() const {
    static const QFontMetricsF bold(uiFont(12, QFont::DemiBold));
    return QRectF(m_rect.left() + 8, m_rect.top() + 6, bold.horizontalAdvance(m_title) + 18, 24);
}

void FrameItem::setHovered(bool hovered) {
    if (hovered == m_hovered) return;
    m_hovered = hovered;
    update();
}

QPainterPath FrameItem::shape() const {
    QPainterPath path;
    path.addRect(titleRect());
    return path;
}

void FrameItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) {
    const Tokens& t = tokens();
    const double detail =
        QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    QColor ground = t.surface;
    ground.setAlpha(Theme::instance().isDark() ? 70 : 120);
    painter->setPen(QPen(m_hovered ? t.accent : t.field, std::max(1.0, 1 / detail)));
    painter->setBrush(ground);
    painter->drawRoundedRect(m_rect, 12, 12);
    if (detail < 0.3) return;
    QFont bold = uiFont(12, QFont::DemiBold);
    QRectF place = titleRect();
    if (detail < 0.6) {
        bold = uiFont(20, QFont::DemiBold);
        place.setWidth(m_rect.width() - 16);
        place.setHeight(30);
    } else if (m_hovered) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(t.accentSoft);
        painter->drawRoundedRect(place, 6, 6);
    }
    painter->setFont(bold);
    painter->setPen(m_hovered ? t.accent : t.canvasLabel);
    painter->drawText(place.adjusted(8, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, m_title);
}

}  // namespace loom
