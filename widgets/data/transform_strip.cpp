#include "widgets/data/transform_strip.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollArea>
#include <QToolTip>
#include <algorithm>
#include <utility>

#include "widgets/style/icons.h"
#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kArrow = 26;
constexpr int kHeight = 206;
constexpr int kPicture = 108;
constexpr int kPad = 10;
constexpr int kInnerLine = 17;
constexpr int kInnerShown = 6;
constexpr int kWidest = 300;

QFont titleFont() {
    return uiFont(12, QFont::DemiBold);
}
QFont badgeFont() {
    return monoFont(11);
}

constexpr int kViewGap = 3;

/// Several views in the room of one picture: as many columns as leave each as large as can be.
struct ViewGrid {
    int columns = 1;
    int side = kPicture;
};

ViewGrid viewGrid(int count) {
    const int rows = count > 6 ? 3 : 2;
    return {(count + rows - 1) / rows, (kPicture - (rows - 1) * kViewGap) / rows};
}

}  // namespace

TransformStrip::TransformStrip(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Steps"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

int TransformStrip::bodyWidth(const StripCard& card) const {
    int width = kPicture;
    if (const int count = static_cast<int>(card.others.size()) + 1; count > 1) {
        const ViewGrid grid = viewGrid(count);
        width = grid.columns * (grid.side + kViewGap) - kViewGap;
    }
    int inner = 0;
    for (const QString& name : card.inner)
        inner = std::max(inner, QFontMetrics(uiFont(11)).horizontalAdvance(name) + 18);
    return width + (inner > 0 ? inner + kPad : 0);
}

int TransformStrip::cardWidth(const StripCard& card) const {
    // Room for the cross at the end of the title's line.
    const int title = QFontMetrics(titleFont()).horizontalAdvance(card.title) + 18;
    const QFontMetrics small(badgeFont());
    const int text =
        std::max({small.horizontalAdvance(card.badge), small.horizontalAdvance(card.caption),
                  small.horizontalAdvance(card.draws)});
    return std::clamp(std::max({title, std::min(text, 200), bodyWidth(card)}) + 2 * kPad,
                      kPicture + 2 * kPad, kWidest);
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

void TransformStrip::paintBody(QPainter& painter, const StripCard& card, QRect body) const {
    const Tokens& t = tokens();
    const int used = bodyWidth(card);
    const int count = static_cast<int>(card.others.size()) + 1;
    const ViewGrid grid = count > 1 ? viewGrid(count) : ViewGrid();
    const int pictures = count > 1 ? grid.columns * (grid.side + kViewGap) - kViewGap : kPicture;
    const int left = body.center().x() - used / 2;
    if (card.picture.isNull()) {
        painter.setPen(card.failed ? t.danger : t.muted);
        painter.setFont(uiFont(11));
        painter.drawText(QRect(left, body.top(), kPicture, kPicture),
                         Qt::AlignCenter | Qt::TextWordWrap,
                         card.failed ? tr("no picture\nafter this step") : tr("no picture yet"));
    } else if (count == 1) {
        paintSample(painter, card.picture, QRect(left, body.top(), kPicture, kPicture));
    } else {
        for (int i = 0; i < count; ++i)
            paintSample(painter,
                        i == 0 ? card.picture : card.others[static_cast<std::size_t>(i - 1)],
                        QRect(left + i % grid.columns * (grid.side + kViewGap),
                              body.top() + i / grid.columns * (grid.side + kViewGap), grid.side,
                              grid.side));
    }
    painter.setFont(uiFont(11));
    const int x = left + pictures + kPad;
    const int shown = std::min<int>(static_cast<int>(card.inner.size()), kInnerShown);
    for (int i = 0; i < shown; ++i) {
        const QRect line(x, body.top() + i * kInnerLine, body.right() - x, kInnerLine);
        const bool more = i + 1 == kInnerShown && card.inner.size() > kInnerShown;
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.accentSoft);
        painter.drawRoundedRect(line.adjusted(0, 1, 0, -1), 4, 4);
        painter.setPen(t.text);
        const QString text = more ? tr("%1 more").arg(card.inner.size() - i) : card.inner[i];
        painter.drawText(line.adjusted(6, 0, -2, 0), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(text, Qt::ElideRight, line.width() - 8));
    }
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

    paintBody(painter, card, QRect(inner.left(), inner.top() + 40, inner.width(), kPicture));
    painter.setFont(badgeFont());
    const QFontMetrics small(badgeFont());
    const QRect lines(inner.left(), inner.top() + 40 + kPicture + 6, inner.width(), 16);
    painter.setPen(card.failed ? t.danger : t.muted);
    painter.drawText(lines, Qt::AlignVCenter,
                     small.elidedText(card.caption, Qt::ElideRight, inner.width()));
    // What chance decided stands out: it is the other thing each time.
    painter.setPen(t.accent);
    painter.drawText(lines.translated(0, 16), Qt::AlignVCenter,
                     small.elidedText(card.draws, Qt::ElideRight, inner.width()));

    if (number > 0 && number == m_hovered && !m_dragging && !m_readOnly) {
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
    if (card > 0 && !m_readOnly && closeRect(card).contains(place)) {
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
    if (event->buttons() & Qt::LeftButton && m_pressed > 0 && !m_readOnly) {
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
    if (direction != 0 && event->modifiers() & Qt::AltModifier && !m_readOnly) {
        const int to = m_selected + direction;
        if (m_selected < 1 || to < 1 || to > last) return;
        const int from = m_selected;
        m_selected = to;
        Q_EMIT moveAsked(from - 1, to - 1);
    } else if (direction != 0) {
        setSelected(std::clamp(m_selected + direction, 0, last));
    } else if ((event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) &&
               m_selected > 0 && !m_readOnly) {
        Q_EMIT removeAsked(m_selected - 1);
    } else if (event->key() == Qt::Key_D && event->modifiers() == Qt::ControlModifier &&
               m_selected > 0 && !m_readOnly) {
        Q_EMIT duplicateAsked(m_selected - 1);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void TransformStrip::contextMenuEvent(QContextMenuEvent* event) {
    const int card =
        event->reason() == QContextMenuEvent::Keyboard ? m_selected : cardAt(event->pos());
    if (card < 1 || m_readOnly) return;
    setSelected(card);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const int step = card - 1;
    menu->addAction(tr("Duplicate\tCtrl+D"), this, [this, step] { Q_EMIT duplicateAsked(step); });
    QAction* earlier = menu->addAction(tr("Move earlier\tAlt+←"), this, [this, step] {
        m_selected = step;
        Q_EMIT moveAsked(step, step - 1);
    });
    QAction* later = menu->addAction(tr("Move later\tAlt+→"), this, [this, step] {
        m_selected = step + 2;
        Q_EMIT moveAsked(step, step + 1);
    });
    earlier->setEnabled(step > 0);
    later->setEnabled(card + 1 < static_cast<int>(m_cards.size()));
    menu->addSeparator();
    menu->addAction(tr("Remove\tDel"), this, [this, step] { Q_EMIT removeAsked(step); });
    menu->popup(event->globalPos());
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

QScrollArea* makeStripScroll(TransformStrip* strip) {
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setWidget(strip);
    area->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFixedHeight(strip->sizeHint().height() + 12);
    area->viewport()->setAutoFillBackground(false);
    strip->setAutoFillBackground(false);
    QObject::connect(strip, &TransformStrip::selectionChanged, area, [strip, area](int card) {
        if (card >= 0 && card < static_cast<int>(strip->cards().size()))
            area->ensureVisible(strip->cardRect(card).center().x(), 0, 120, 0);
    });
    return area;
}

}  // namespace loom
