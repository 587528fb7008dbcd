#include "widgets/data/compare_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kGap = 16;
constexpr int kTitle = 22;

}  // namespace

CompareView::CompareView(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Before and after"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CompareView::setPictures(const QImage& before, const QImage& after) {
    m_before = before;
    m_after = after;
    m_views.clear();
    update();
}

void CompareView::setViews(const QImage& before, std::vector<QImage> views) {
    setPictures(before, views.empty() ? QImage() : views.front());
    m_views = std::move(views);
    update();
}

void CompareView::setTitles(const QString& before, const QString& after) {
    m_titleBefore = before;
    m_titleAfter = after;
    update();
}

void CompareView::setMode(Mode mode) {
    m_mode = mode;
    update();
}

QRect CompareView::half(bool after) const {
    const QRect room = rect().adjusted(0, kTitle, 0, 0);
    if (m_mode == Mode::Slider && m_views.empty()) return room;
    const int width = (room.width() - kGap) / 2;
    return {after ? room.right() + 1 - width : room.left(), room.top(), width, room.height()};
}

QRect CompareView::placed(const QImage& image, QRect room) const {
    QSize size = image.size();
    size.scale(room.size(), Qt::KeepAspectRatio);
    return {QPoint(room.center().x() - (size.width() - 1) / 2,
                   room.center().y() - (size.height() - 1) / 2),
            size};
}

void CompareView::paintTitled(QPainter& painter, const QImage& image, bool after) const {
    const QRect room = half(after);
    painter.setFont(uiFont(12, QFont::DemiBold));
    painter.setPen(tokens().muted);
    const QString title = after ? m_titleAfter : m_titleBefore;
    painter.drawText(QRect(room.left(), 0, room.width(), kTitle), Qt::AlignHCenter | Qt::AlignTop,
                     painter.fontMetrics().elidedText(title, Qt::ElideRight, room.width()));
    if (after && m_views.size() > 1) {
        paintViews(painter);
    } else if (image.isNull()) {
        painter.setFont(uiFont(12));
        painter.drawText(room, Qt::AlignCenter | Qt::TextWordWrap,
                         tr("No picture: the numbers say more"));
    } else {
        paintSample(painter, image, placed(image, room));
    }
}

void CompareView::paintViews(QPainter& painter) const {
    const QRect room = half(true);
    const auto count = static_cast<int>(m_views.size());
    // As near to a square as the number allows, wider than high: 5 as 3 + 2, 10 as 4 + 4 + 2.
    const int columns = static_cast<int>(std::ceil(std::sqrt(double(count))));
    const int rows = (count + columns - 1) / columns;
    const QSize cell(room.width() / columns - 6, room.height() / rows - 6);
    for (int i = 0; i < count; ++i) {
        const QRect place(QPoint(room.left() + i % columns * (cell.width() + 6),
                                 room.top() + i / columns * (cell.height() + 6)),
                          cell);
        const QImage& image = m_views[static_cast<std::size_t>(i)];
        if (!image.isNull()) paintSample(painter, image, placed(image, place));
    }
}

void CompareView::paintSlider(QPainter& painter) const {
    const Tokens& t = tokens();
    const QRect room = half(false);
    painter.setFont(uiFont(12, QFont::DemiBold));
    painter.setPen(t.muted);
    painter.drawText(QRect(0, 0, width(), kTitle), Qt::AlignLeft | Qt::AlignTop, m_titleBefore);
    painter.drawText(QRect(0, 0, width(), kTitle), Qt::AlignRight | Qt::AlignTop, m_titleAfter);
    const int x = room.left() + static_cast<int>(std::lround(m_edge * room.width()));
    if (!m_before.isNull()) {
        painter.setClipRect(QRect(room.left(), room.top(), x - room.left(), room.height()));
        paintSample(painter, m_before, placed(m_before, room));
    }
    if (!m_after.isNull()) {
        painter.setClipRect(QRect(x, room.top(), room.right() + 1 - x, room.height()));
        paintSample(painter, m_after, placed(m_after, room));
    }
    painter.setClipping(false);
    painter.setPen(QPen(t.accent, 2));
    painter.drawLine(x, room.top(), x, room.bottom());
    painter.setBrush(t.accent);
    painter.drawEllipse(QPoint(x, room.center().y()), 9, 9);
    painter.setPen(QPen(t.onAccent, 1.6, Qt::SolidLine, Qt::RoundCap));
    const int y = room.center().y();
    for (const int side : {-1, 1}) {
        painter.drawLine(x + side * 5, y, x + side * 2, y - 3);
        painter.drawLine(x + side * 5, y, x + side * 2, y + 3);
    }
    if (hasFocus()) {
        painter.setPen(QPen(t.accent, 1, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(QPoint(x, y), 13, 13);
    }
}

void CompareView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_mode == Mode::Slider && m_views.empty()) {
        paintSlider(painter);
        return;
    }
    paintTitled(painter, m_before, false);
    paintTitled(painter, m_after, true);
}

void CompareView::setEdge(double edge) {
    m_edge = std::clamp(edge, 0.0, 1.0);
    update();
}

void CompareView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && m_mode == Mode::Slider)
        setEdge(event->position().x() / std::max(1, width()));
}

void CompareView::mouseMoveEvent(QMouseEvent* event) {
    if (m_mode == Mode::Slider && event->buttons() & Qt::LeftButton)
        setEdge(event->position().x() / std::max(1, width()));
    const QPoint place = event->position().toPoint();
    const bool slider = m_mode == Mode::Slider && m_views.empty();
    for (const bool after : {false, true}) {
        if (slider && after != (place.x() >= m_edge * width())) continue;
        if (after && m_views.size() > 1) continue;
        const QImage& image = after ? m_after : m_before;
        if (image.isNull()) continue;
        const QRect target = placed(image, half(after));
        if (!target.contains(place)) continue;
        Q_EMIT hovered(after, {(place.x() - target.left()) * image.width() / target.width(),
                               (place.y() - target.top()) * image.height() / target.height()});
        return;
    }
    Q_EMIT hovered(false, {-1, -1});
}

void CompareView::keyPressEvent(QKeyEvent* event) {
    const int direction = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (direction != 0 && m_mode == Mode::Slider)
        setEdge(m_edge + 0.05 * direction);
    else
        QWidget::keyPressEvent(event);
}

void CompareView::leaveEvent(QEvent*) {
    Q_EMIT hovered(false, {-1, -1});
}

}  // namespace loom
