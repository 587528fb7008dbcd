#include "widgets/data/preview_grid.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <utility>

#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {
constexpr int kGap = 8;
constexpr int kCaption = 18;
constexpr int kRowGap = 6;
constexpr int kLargestSide = 120;
constexpr int kLeastWritten = 64;
}  // namespace

PreviewGrid::PreviewGrid(int columns, QWidget* parent) : QWidget(parent), m_columns(columns) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setMouseTracking(true);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PreviewGrid::setColumns(int columns) {
    m_columns = columns;
    updateGeometry();
    update();
}

void PreviewGrid::setCells(std::vector<Cell> cells) {
    const int before = heightForWidth(width());
    m_cells = std::move(cells);
    if (heightForWidth(width()) != before) updateGeometry();
    update();
}

void PreviewGrid::setEmptyText(const QString& text) {
    m_emptyText = text;
    update();
}

bool PreviewGrid::hasCaptions() const {
    return std::any_of(m_cells.begin(), m_cells.end(),
                       [](const Cell& cell) { return !cell.caption.isEmpty(); });
}

int PreviewGrid::columns(int width) const {
    // Numbers have to be read: fewer in a row where they would be too small for that.
    const bool written = std::any_of(m_cells.begin(), m_cells.end(), [](const Cell& cell) {
        return !cellsOf(cell.picture).isEmpty();
    });
    if (!written) return m_columns;
    return std::clamp((width + kGap) / (kLeastWritten + kGap), 1, m_columns);
}

int PreviewGrid::side(int width) const {
    const int count = columns(width);
    return std::clamp((width - (count - 1) * kGap) / count, 8, kLargestSide);
}

int PreviewGrid::rowHeight(int width) const {
    return side(width) + (hasCaptions() ? kCaption : 0) + kRowGap;
}

int PreviewGrid::heightForWidth(int width) const {
    const int count = columns(width);
    const int rows = std::max(1, (static_cast<int>(m_cells.size()) + count - 1) / count);
    return rows * rowHeight(width);
}

QRect PreviewGrid::cellRect(int index) const {
    const int edge = side(width());
    const int count = columns(width());
    const int column = index % count;
    // The cells are spread over the whole width.
    const int slack = count > 1 ? (width() - count * edge) / (count - 1) : 0;
    const int step = edge + std::clamp(slack, kGap, 3 * kGap);
    return {column * step, index / count * rowHeight(width()), edge, edge};
}

int PreviewGrid::cellAt(QPoint place) const {
    for (std::size_t i = 0; i < m_cells.size(); ++i)
        if (cellRect(static_cast<int>(i)).contains(place)) return static_cast<int>(i);
    return -1;
}

void PreviewGrid::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    if (m_cells.empty()) {
        painter.setPen(t.muted);
        painter.setFont(uiFont(12));
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    const QFont captionFont = uiFont(11);
    const QFontMetrics metrics(captionFont);
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
        const Cell& cell = m_cells[i];
        const QRect rect = cellRect(static_cast<int>(i));
        QPainterPath rounded;
        rounded.addRoundedRect(rect, 5, 5);
        painter.save();
        painter.setClipPath(rounded);
        painter.fillRect(rect, t.canvas);
        if (!cell.picture.isNull()) {
            paintSample(painter, cell.picture, rect);
        }
        painter.restore();
        if (cell.mark != Cell::Mark::None) {
            painter.setPen(QPen(cell.mark == Cell::Mark::Good ? t.good : t.danger, 2.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(rect).adjusted(1.25, 1.25, -1.25, -1.25), 5, 5);
            if (cell.mark == Cell::Mark::Bad) {
                // Not by colour alone.
                const QRect corner(rect.right() - 14, rect.top() + 1, 14, 14);
                painter.setPen(Qt::NoPen);
                painter.setBrush(t.danger);
                painter.drawRoundedRect(corner, 4, 4);
                painter.setPen(QPen(t.surface, 1.6));
                painter.drawLine(corner.topLeft() + QPoint(4, 4),
                                 corner.bottomRight() - QPoint(4, 4));
                painter.drawLine(corner.topRight() + QPoint(-4, 4),
                                 corner.bottomLeft() + QPoint(4, -4));
            }
        }
        if (cell.caption.isEmpty()) continue;
        painter.setFont(captionFont);
        painter.setPen(t.muted);
        painter.drawText(QRect(rect.left(), rect.bottom() + 1, rect.width() + kGap - 5, kCaption),
                         Qt::AlignVCenter,
                         metrics.elidedText(cell.caption, Qt::ElideRight, rect.width() + kGap - 5));
    }
}

void PreviewGrid::mousePressEvent(QMouseEvent* event) {
    const int index = cellAt(event->position().toPoint());
    if (index >= 0) Q_EMIT clicked(index);
}

bool PreviewGrid::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = cellAt(help->pos());
        if (index < 0)
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), m_cells[static_cast<std::size_t>(index)].toolTip,
                               this);
        return true;
    }
    return QWidget::event(event);
}

}  // namespace loom
