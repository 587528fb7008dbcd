#include "widgets/data/thumbnail_grid.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <iterator>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/icons.h"
#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {
constexpr int kGap = 8;
constexpr int kCaption = 18;
constexpr int kHeading = 30;
constexpr int kSmallestSide = 40;
constexpr int kLargestSide = 220;
/// Read ahead of the screen, so that slow scrolling never shows empty places.
constexpr int kAheadRows = 3;
}  // namespace

ThumbnailGrid::ThumbnailGrid(QWidget* parent) : QAbstractScrollArea(parent) {
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Pictures"));
    viewport()->setAutoFillBackground(false);
    setViewportMargins(10, 0, 6, 0);
    viewport()->setMouseTracking(true);
    connect(&m_thumbnails, &Thumbnails::arrived, viewport(), qOverload<>(&QWidget::update));
    connect(&Theme::instance(), &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void ThumbnailGrid::setData(std::shared_ptr<const BrowserData> opened) {
    m_thumbnails.setData(opened);
    m_data = std::move(opened);
    setSections({});
}

void ThumbnailGrid::setSections(std::vector<BrowserSection> sections) {
    m_blocks.clear();
    m_count = 0;
    m_current = -1;
    for (BrowserSection& section : sections) {
        Block block;
        block.first = m_count;
        m_count += static_cast<std::int64_t>(section.items.size());
        block.section = std::move(section);
        m_blocks.push_back(std::move(block));
    }
    verticalScrollBar()->setValue(0);
    layOut();
}

void ThumbnailGrid::setEmptyText(const QString& text) {
    m_emptyText = text;
    viewport()->update();
}

void ThumbnailGrid::setSide(int side) {
    const std::int64_t kept = m_current >= 0 ? m_current : visibleRange().first;
    m_side = std::clamp(side, kSmallestSide, kLargestSide);
    layOut();
    if (kept < m_count)
        verticalScrollBar()->setValue(cellRect(kept).top() + verticalScrollBar()->value() - kGap);
}

void ThumbnailGrid::layOut() {
    const int width = viewport()->width();
    // As many cells as fit at the size asked for, then as wide as the row allows.
    m_columns = std::max(1, (width + kGap) / (m_side + kGap));
    m_cell = std::max(kSmallestSide / 2, (width + kGap) / m_columns - kGap);
    if (m_count < m_columns) m_cell = std::min(m_cell, m_side);
    const int row = m_cell + kCaption + kGap;
    int y = 0;
    for (Block& block : m_blocks) {
        block.top = y;
        y += block.section.title.isEmpty() ? 2 : kHeading;
        block.cells = y;
        const auto items = static_cast<int>(block.section.items.size());
        y += (items + m_columns - 1) / m_columns * row;
        block.bottom = y;
    }
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(std::max(20, row / 3));
    verticalScrollBar()->setRange(0, std::max(0, y - viewport()->height()));
    wantVisible();
    viewport()->update();
}

const ThumbnailGrid::Block& ThumbnailGrid::blockOf(std::int64_t position) const {
    const auto behind = std::upper_bound(
        m_blocks.begin(), m_blocks.end(), position,
        [](std::int64_t wanted, const Block& block) { return wanted < block.first; });
    return *std::prev(behind);
}

BrowserItem ThumbnailGrid::itemAt(std::int64_t position) const {
    const Block& block = blockOf(position);
    return block.section.items[static_cast<std::size_t>(position - block.first)];
}

std::int64_t ThumbnailGrid::positionOf(const BrowserItem& item) const {
    for (const Block& block : m_blocks) {
        const auto& items = block.section.items;
        const auto found = std::find(items.begin(), items.end(), item);
        if (found != items.end()) return block.first + (found - items.begin());
    }
    return -1;
}

QRect ThumbnailGrid::cellRect(std::int64_t position) const {
    const Block& block = blockOf(position);
    const auto within = static_cast<int>(position - block.first);
    return {within % m_columns * (m_cell + kGap),
            block.cells + within / m_columns * (m_cell + kCaption + kGap) -
                verticalScrollBar()->value(),
            m_cell, m_cell};
}

std::pair<std::int64_t, std::int64_t> ThumbnailGrid::visibleRange() const {
    const int top = verticalScrollBar()->value();
    const int bottom = top + viewport()->height();
    const int row = m_cell + kCaption + kGap;
    std::int64_t first = m_count;
    std::int64_t last = 0;
    for (const Block& block : m_blocks) {
        if (block.bottom <= top || block.top >= bottom) continue;
        const auto items = static_cast<std::int64_t>(block.section.items.size());
        const int from = std::max(0, (top - block.cells) / row);
        const int to = std::max(0, (bottom - block.cells + row - 1) / row);
        first = std::min(
            first, block.first + std::min<std::int64_t>(items, std::int64_t(from) * m_columns));
        last = std::max(last,
                        block.first + std::min<std::int64_t>(items, std::int64_t(to) * m_columns));
    }
    return {std::min(first, last), last};
}

void ThumbnailGrid::wantVisible() {
    if (!m_data) return;
    const auto [first, last] = visibleRange();
    std::vector<BrowserItem> items;
    const std::int64_t ahead = std::min(m_count, last + std::int64_t(kAheadRows) * m_columns);
    for (std::int64_t i = first; i < ahead; ++i) items.push_back(itemAt(i));
    m_thumbnails.want(std::move(items));
}

std::int64_t ThumbnailGrid::positionAt(QPoint place) const {
    const auto [first, last] = visibleRange();
    for (std::int64_t i = first; i < last; ++i)
        if (cellRect(i).adjusted(0, 0, 0, kCaption).contains(place)) return i;
    return -1;
}

void ThumbnailGrid::setCurrent(std::int64_t position) {
    if (position < 0 || position >= m_count) return;
    const bool other = position != m_current;
    m_current = position;
    const QRect rect = cellRect(position);
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < kGap)
        bar->setValue(bar->value() + rect.top() - kHeading);
    else if (rect.bottom() + kCaption > viewport()->height())
        bar->setValue(bar->value() + rect.bottom() + kCaption - viewport()->height() + kGap);
    viewport()->update();
    if (other) Q_EMIT currentChanged(position);
}

void ThumbnailGrid::paintCell(QPainter& painter, const QRect& rect, std::int64_t position) const {
    const Tokens& t = tokens();
    const BrowserItem item = itemAt(position);
    const Thumbnail* thumbnail = m_thumbnails.find(item);
    QPainterPath rounded;
    rounded.addRoundedRect(rect, 5, 5);
    painter.save();
    painter.setClipPath(rounded);
    painter.fillRect(rect, t.canvas);
    if (thumbnail && !thumbnail->image.isNull()) {
        paintSample(painter, thumbnail->image, rect);
    } else if (thumbnail) {
        const int size = std::min(24, m_cell / 2);
        painter.drawPixmap(
            rect.center() - QPoint(size / 2, size / 2),
            iconPixmap(QStringLiteral("warning"), t.warning, size, devicePixelRatioF()));
    }
    painter.restore();
    if (position == m_current) {
        painter.setPen(QPen(t.accent, 3));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(rect).adjusted(-1.5, -1.5, 1.5, 1.5), 6, 6);
    }
    painter.setFont(uiFont(11));
    painter.setPen(position == m_current ? t.text : t.muted);
    const QString caption =
        thumbnail && thumbnail->image.isNull() ? tr("unreadable") : m_data->answerOf(item);
    painter.drawText(QRect(rect.left(), rect.bottom() + 2, rect.width(), kCaption),
                     Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(caption, Qt::ElideRight, rect.width()));
}

void ThumbnailGrid::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    if (m_count == 0) {
        painter.setPen(t.muted);
        painter.setFont(uiFont(13));
        painter.drawText(viewport()->rect().adjusted(20, 20, -20, -20),
                         Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    const int offset = verticalScrollBar()->value();
    for (const Block& block : m_blocks) {
        if (block.section.title.isEmpty() || block.top - offset > viewport()->height() ||
            block.cells < offset)
            continue;
        const QRect row(0, block.top - offset, viewport()->width(), kHeading);
        painter.setFont(uiFont(13, QFont::DemiBold));
        painter.setPen(t.text);
        const int used = painter.fontMetrics().horizontalAdvance(block.section.title);
        painter.drawText(row.adjusted(0, 0, 0, -6), Qt::AlignLeft | Qt::AlignBottom,
                         block.section.title);
        painter.setFont(monoFont(12));
        painter.setPen(t.muted);
        painter.drawText(row.adjusted(used + 8, 0, 0, -6), Qt::AlignLeft | Qt::AlignBottom,
                         q(groupDigits(static_cast<std::int64_t>(block.section.items.size()))));
    }
    const auto [first, last] = visibleRange();
    for (std::int64_t i = first; i < last; ++i) paintCell(painter, cellRect(i), i);
}

void ThumbnailGrid::resizeEvent(QResizeEvent*) {
    layOut();
}

void ThumbnailGrid::scrollContentsBy(int, int) {
    wantVisible();
    viewport()->update();
}

void ThumbnailGrid::mousePressEvent(QMouseEvent* event) {
    const std::int64_t position = positionAt(event->position().toPoint());
    if (position >= 0) setCurrent(position);
}

void ThumbnailGrid::mouseDoubleClickEvent(QMouseEvent* event) {
    const std::int64_t position = positionAt(event->position().toPoint());
    if (position >= 0) Q_EMIT activated(position);
}

void ThumbnailGrid::moveRows(int rows) {
    if (m_count == 0) return;
    if (m_current < 0) return setCurrent(visibleRange().first);
    const Block& block = blockOf(m_current);
    const std::int64_t wanted = m_current + std::int64_t(rows) * m_columns;
    const std::int64_t end =
        block.first + static_cast<std::int64_t>(block.section.items.size()) - 1;
    // Out of a section one comes to the nearest row of the next.
    if (wanted > end && m_current < end &&
        (end - block.first) / m_columns > (m_current - block.first) / m_columns)
        return setCurrent(end);
    setCurrent(std::clamp<std::int64_t>(wanted, 0, m_count - 1));
}

void ThumbnailGrid::keyPressEvent(QKeyEvent* event) {
    const int page = std::max(1, viewport()->height() / (m_cell + kCaption + kGap));
    switch (event->key()) {
        case Qt::Key_Left:
            return setCurrent(std::max<std::int64_t>(0, m_current - 1));
        case Qt::Key_Right:
            return setCurrent(std::min(m_count - 1, m_current + 1));
        case Qt::Key_Up:
            return moveRows(-1);
        case Qt::Key_Down:
            return moveRows(1);
        case Qt::Key_PageUp:
            return moveRows(-page);
        case Qt::Key_PageDown:
            return moveRows(page);
        case Qt::Key_Home:
            return setCurrent(0);
        case Qt::Key_End:
            return setCurrent(m_count - 1);
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (m_current >= 0) Q_EMIT activated(m_current);
            return;
        default:
            QAbstractScrollArea::keyPressEvent(event);
    }
}

void ThumbnailGrid::wheelEvent(QWheelEvent* event) {
    if (event->modifiers() & Qt::ControlModifier) {
        setSide(m_side + (event->angleDelta().y() > 0 ? 12 : -12));
        event->accept();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
}

bool ThumbnailGrid::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const std::int64_t position = positionAt(help->pos());
        if (position < 0 || !m_data) {
            QToolTip::hideText();
        } else {
            const BrowserItem item = itemAt(position);
            const Thumbnail* thumbnail = m_thumbnails.find(item);
            QString text = m_data->answerOf(item) + QLatin1Char('\n') + m_data->nameOf(item);
            if (thumbnail && !thumbnail->problem.isEmpty()) text = thumbnail->problem;
            QToolTip::showText(help->globalPos(), text, viewport());
        }
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

}  // namespace loom
