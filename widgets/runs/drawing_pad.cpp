#include "widgets/runs/drawing_pad.h"

#include <QMouseEvent>
#include <QPainter>

#include "widgets/style/theme.h"

namespace loom {

namespace {
constexpr int kSide = 280;
// In MNIST a stroke is about two of 28 pixels wide.
constexpr double kPen = 22;
}  // namespace

DrawingPad::DrawingPad(QWidget* parent) : QWidget(parent) {
    setMinimumSize(160, 110);
    setAccessibleName(tr("Picture"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void DrawingPad::clear() {
    m_image = QImage(kSide, kSide, QImage::Format_Grayscale8);
    m_image.fill(Qt::black);
    update();
}

void DrawingPad::setPicture(const QImage& picture) {
    m_image = picture;
    update();
}

void DrawingPad::setEmptyText(const QString& text) {
    m_emptyText = text;
    update();
}

QRect DrawingPad::target() const {
    QSize size = m_image.isNull() ? QSize(kSide, kSide) : m_image.size();
    size.scale(QSize(width() - 2, height() - 2), Qt::KeepAspectRatio);
    return {(width() - size.width()) / 2, (height() - size.height()) / 2, size.width(),
            size.height()};
}

void DrawingPad::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    painter.setPen(t.hairline);
    painter.setBrush(t.canvas);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
    if (m_image.isNull()) {
        painter.setPen(t.muted);
        painter.setFont(uiFont(12));
        painter.drawText(rect().adjusted(24, 0, -24, 0), Qt::AlignCenter | Qt::TextWordWrap,
                         m_emptyText);
        return;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform, m_image.width() > 120);
    painter.drawImage(target(), m_image);
}

void DrawingPad::strokeTo(QPointF place) {
    const QRect area = target();
    const auto onImage = [&](QPointF point) {
        return QPointF((point.x() - area.x()) * m_image.width() / area.width(),
                       (point.y() - area.y()) * m_image.height() / area.height());
    };
    QPainter painter(&m_image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Qt::white, kPen, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawLine(onImage(m_last), onImage(place));
    m_last = place;
    update();
}

void DrawingPad::mousePressEvent(QMouseEvent* event) {
    if (!m_drawing) return;
    if (m_image.isNull()) clear();
    m_last = event->position();
    strokeTo(m_last + QPointF(0.1, 0.1));
}

void DrawingPad::mouseMoveEvent(QMouseEvent* event) {
    if (m_drawing && event->buttons() & Qt::LeftButton) strokeTo(event->position());
}

void DrawingPad::mouseReleaseEvent(QMouseEvent*) {
    if (m_drawing) Q_EMIT drawn();
}

}  // namespace loom
