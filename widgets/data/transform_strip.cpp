#include "widgets/data/transform_strip.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>

#include "widgets/style/icons.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kArrow = 26;
constexpr int kHeight = 190;
constexpr int kPicture = 108;
constexpr int kPad = 10;

QFont titleFont() {
    return uiFont(12, QFont::DemiBold);
}
QFont badgeFont() {
    return monoFont(11);
}

}  // namespace

TransformStrip::TransformStrip(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Steps"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

int TransformStrip::cardWidth(const StripCard& card) const {
    // Room for the cross at the end of the title's line.
    const int title = QFontMetrics(titleFont()).horizontalAdvance(card.title) + 18;
    const int badge = QFontMetrics(badgeFont()).horizontalAdvance(card.badge);
    const int caption = QFontMetrics(badgeFont()).horizontalAdvance(card.caption);
    return std::clamp(std::max({title, badge, caption, kPicture}) + 2 * kPad, kPicture + 2 * kPad,
                      260);
}

void TransformStrip::setCards(std::vector<StripCard> cards) {
    m_cards = std::move(cards);
    if (m_selected >= static_cast<int>(m_cards.size()))
        setSelected(static_cast<int>(m_cards.size()) - 1);
    relayout();
}

void TransformStrip::relayout() {
    m_rects.clear();
    int x = 1;
    for (const StripCard& card : m_cards) {
        const int width = cardWidth(card);
        m_rects.emplace_back(x, 1, width, kHeight);
        x += width + kArrow;
    }
    updateGeometry();
    setFixedSize(sizeHint());
    update();
}

QSize TransformStrip::sizeHint() const {
    return {m_rects.empty() ? kPicture : m_rects.back().right() + 2, kHeight + 2};
}

QRect TransformStrip::cardRect(int card) const {
    return m_rects.at(static_cast<std::size_t>(card));
}

QRect TransformStrip::closeRect(int card) const {
    const QRect rect = cardRect(card);
    return {rect.right() - 24, rect.top() + 7, 18, 18};
}

int TransformStrip::cardAt(QPoint place) const {
    for (std::size_t i = 0; i < m_rects.size(); ++i)
        if (m_rects[i].contains(place)) return static_cast<int>(i);
    return -1;
}

void TransformStrip::setSelected(int card) {
    if (card == m_selected) return;
    m_selected = card;
    update();
    Q_EMIT selectionChanged(card);
}

int TransformStrip::dropStep(int x) const {
    int step = 0;
    for (std::size_t i = 1; i < m_rects.size(); ++i) {
        if (static_cast<int>(i) == m_pressed) continue;
        if (x > m_rects[i].center().x()) ++step;
    }
    return step;
}

void TransformStrip::paintCard(QPainter& painter, const StripCard& card, QRect rect,
                               int number) const {
    const Tokens& t = tokens();
    const bool selected = number == m_selected;
    const QColor border = card.failed           ? t.danger
                          : selected            ? t.accent
                          : number == m_hovered ? t.field
                                                : t.hairline;
    painter.setPen(QPen(border, selected ? 2 : 1));
    painter.setBrush(t.surface);
    const double inset = selected ? 1.0 : 0.5;
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), 8, 8);

    const QRect inner = rect.adjusted(kPad, 8, -kPad, -8);
    painter.setFont(titleFont());
    painter.setPen(card.failed ? t.danger : t.text);
    painter.drawText(
        QRect(inner.left(), inner.top(), inner.width(), 18), Qt::AlignVCenter,
        QFontMetrics(titleFont()).elidedText(card.title, Qt::ElideRight, inner.width() - 16));
    painter.setFont(badgeFont());
    painter.setPen(t.muted);
    painter.drawText(
        QRect(inner.left(), inner.top() + 19, inner.width(), 16), Qt::AlignVCenter,
        QFontMetrics(badgeFont()).elidedText(card.badge, Qt::ElideRight, inner.width()));

    const QRect frame(rect.center().x() - kPicture / 2, inner.top() + 40, kPicture, kPicture);
    if (card.picture.isNull()) {
        painter.setPen(card.failed ? t.danger : t.muted);
        painter.setFont(uiFont(11));
        painter.drawText(frame, Qt::AlignCenter | Qt::TextWordWrap,
                         card.failed ? tr("no picture\nafter this step") : tr("no picture yet"));
    } else {
        QSize size = card.picture.size();
        size.scale(frame.size(), Qt::KeepAspectRatio);
        const QRect target(frame.center().x() - size.width() / 2,
                           frame.center().y() - size.height() / 2, size.width(), size.height());
        // Small pictures keep their pixels visible; large ones are smoothed.
        painter.setRenderHint(QPainter::SmoothPixmapTransform, card.picture.width() > kPicture);
        painter.drawImage(target, card.picture);
    }
    painter.setFont(badgeFont());
    painter.setPen(card.failed ? t.danger : t.muted);
    painter.drawText(
        QRect(inner.left(), inner.bottom() - 16, inner.width(), 16), Qt::AlignVCenter,
        QFontMetrics(badgeFont()).elidedText(card.caption, Qt::ElideRight, inner.width()));

    if (number > 0 && number == m_hovered && !m_dragging) {
        const QRect close = closeRect(number);
        painter.drawPixmap(close.adjusted(3, 3, -3, -3),
                           iconPixmap(QStringLiteral("close"), t.muted, 12, devicePixelRatioF()));
    }
}

void TransformStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        const QRect rect = m_rects[i];
        const int number = static_cast<int>(i);
        if (i > 0) {
            const int x = rect.left() - kArrow / 2;
            painter.setPen(QPen(t.muted, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            painter.drawLine(x - 5, rect.center().y(), x + 5, rect.center().y());
            painter.drawPolyline(
                QPolygon{{QPoint(x + 1, rect.center().y() - 4), QPoint(x + 5, rect.center().y()),
                          QPoint(x + 1, rect.center().y() + 4)}});
        }
        if (m_dragging && number == m_pressed) painter.setOpacity(0.25);
        paintCard(painter, m_cards[i], rect, number);
        painter.setOpacity(1);
    }
    if (hasFocus() && m_selected >= 0 && m_selected < static_cast<int>(m_rects.size())) {
        QPen dots(t.accent, 1, Qt::DotLine);
        painter.setPen(dots);
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(cardRect(m_selected)).adjusted(3.5, 3.5, -3.5, -3.5), 6, 6);
    }
    if (!m_dragging) return;
    // Where it would land, and the card under the mouse.
    const int step = dropStep(m_mouse.x());
    int place = m_rects.front().right();
    int seen = 0;
    for (std::size_t i = 1; i < m_rects.size() && seen < step; ++i) {
        if (static_cast<int>(i) == m_pressed) continue;
        place = m_rects[i].right();
        ++seen;
    }
    painter.setPen(QPen(t.accent, 3, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(place + kArrow / 2, 8, place + kArrow / 2, kHeight - 8);
    painter.setOpacity(0.9);
    paintCard(painter, m_cards[static_cast<std::size_t>(m_pressed)],
              cardRect(m_pressed).translated(m_mouse.x() - m_pressedAt.x(), 0), m_pressed);
}

void TransformStrip::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    const QPoint place = event->position().toPoint();
    const int card = cardAt(place);
    if (card > 0 && closeRect(card).contains(place)) {
        Q_EMIT removeAsked(card - 1);
        return;
    }
    m_pressed = card;
    m_pressedAt = m_mouse = place;
    m_dragging = false;
    setSelected(card);
}

void TransformStrip::mouseMoveEvent(QMouseEvent* event) {
    m_mouse = event->position().toPoint();
    if (event->buttons() & Qt::LeftButton && m_pressed > 0) {
        if ((m_mouse - m_pressedAt).manhattanLength() >= QApplication::startDragDistance())
            m_dragging = true;
    }
    m_hovered = cardAt(m_mouse);
    setCursor(m_dragging      ? Qt::ClosedHandCursor
              : m_hovered > 0 ? Qt::PointingHandCursor
                              : Qt::ArrowCursor);
    update();
}

void TransformStrip::mouseReleaseEvent(QMouseEvent*) {
    const int from = m_pressed;
    const bool dragged = m_dragging;
    const int to = dragged ? dropStep(m_mouse.x()) : -1;
    m_dragging = false;
    m_pressed = -1;
    unsetCursor();
    update();
    if (!dragged || to == from - 1) return;
    m_selected = to + 1;
    Q_EMIT moveAsked(from - 1, to);
}

void TransformStrip::keyPressEvent(QKeyEvent* event) {
    const int direction = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    const int last = static_cast<int>(m_cards.size()) - 1;
    if (direction != 0 && event->modifiers() & Qt::AltModifier) {
        const int to = m_selected + direction;
        if (m_selected < 1 || to < 1 || to > last) return;
        const int from = m_selected;
        m_selected = to;
        Q_EMIT moveAsked(from - 1, to - 1);
    } else if (direction != 0) {
        setSelected(std::clamp(m_selected + direction, 0, last));
    } else if ((event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) &&
               m_selected > 0) {
        Q_EMIT removeAsked(m_selected - 1);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void TransformStrip::leaveEvent(QEvent*) {
    m_hovered = -1;
    update();
}

bool TransformStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int card = cardAt(help->pos());
        if (card < 0)
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), m_cards[static_cast<std::size_t>(card)].toolTip,
                               this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace loom
