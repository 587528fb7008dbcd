#include "widgets/canvas/minimap.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "widgets/canvas/canvas_view.h"
#include "widgets/style/theme.h"

namespace loom {

Minimap::Minimap(CanvasView& view) : QWidget(&view), m_view(view) {
    setFixedSize(152, 96);
    setCursor(Qt::PointingHandCursor);
    setToolTip(tr("The whole network. Click to go there."));
    setAccessibleName(tr("Overview of the network"));
    connect(&view, &CanvasView::viewChanged, this, qOverload<>(&QWidget::update));
    connect(&view.document(), &DocumentController::reportChanged, this,
            qOverload<>(&QWidget::update));
    connect(&view.document(), &DocumentController::graphChanged, this,
            qOverload<>(&QWidget::update));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QTransform Minimap::sceneToMap() const {
    const QRectF visible = m_view.mapToScene(m_view.viewport()->rect()).boundingRect();
    QRectF all = m_view.drawing().blocksRect();
    all = all.isEmpty() ? visible : all.adjusted(-40, -40, 40, 40);
    // The frame is always seen, but a view far away does not shrink the network to a dot.
    if (visible.width() < all.width() * 3 && visible.height() < all.height() * 6)
        all = all.united(visible);
    const QRectF room = QRectF(rect()).adjusted(8, 8, -8, -8);
    const double scale = std::min(room.width() / std::max(all.width(), 1.0),
                                  room.height() / std::max(all.height(), 1.0));
    QTransform transform;
    transform.translate(room.center().x(), room.center().y());
    transform.scale(scale, scale);
    transform.translate(-all.center().x(), -all.center().y());
    return transform;
}

void Minimap::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(t.hairline, 1));
    painter.setBrush(t.surface);
    const QRectF card = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.drawRoundedRect(card, 8, 8);
    const QTransform transform = sceneToMap();
    painter.setClipRect(QRectF(rect()).adjusted(3, 3, -3, -3));
    painter.setPen(Qt::NoPen);
    for (const auto& [id, block] : m_view.drawing().blocks()) {
        QRectF place = transform.mapRect(block->sceneRect());
        if (place.height() < 3) place.setHeight(3);
        if (place.width() < 4) place.setWidth(4);
        painter.setBrush(block->severity() == Severity::Error
                             ? t.danger
                             : familyColor(block->geometry().family));
        painter.drawRoundedRect(place, 2, 2);
    }
    const QRectF frame =
        transform.mapRect(m_view.mapToScene(m_view.viewport()->rect()).boundingRect());
    QColor inside = t.accent;
    inside.setAlpha(18);
    painter.setPen(QPen(t.accent, 1.2));
    painter.setBrush(inside);
    painter.drawRoundedRect(frame.intersected(QRectF(rect()).adjusted(4, 4, -4, -4)), 3, 3);
}

void Minimap::goTo(const QPointF& at) {
    m_view.centerOn(sceneToMap().inverted().map(at));
}

void Minimap::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) goTo(event->position());
}

void Minimap::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) goTo(event->position());
}

}  // namespace loom
