#include "widgets/data/bar_list.h"

#include <QPainter>
#include <algorithm>
#include <utility>

#include "widgets/style/theme.h"

namespace loom {

namespace {
constexpr int kRowHeight = 22;
constexpr int kBar = 6;
constexpr int kShortestBar = 32;
}  // namespace

BarList::BarList(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void BarList::setRows(std::vector<Row> rows) {
    const bool resized = rows.size() != m_rows.size();
    m_rows = std::move(rows);
    if (resized) updateGeometry();
    update();
}

int BarList::nameWidth() const {
    const QFontMetrics metrics(uiFont(12, QFont::DemiBold));
    int width = 0;
    for (const Row& row : m_rows) width = std::max(width, metrics.horizontalAdvance(row.name));
    return width + 10;
}

int BarList::valueWidth() const {
    const QFontMetrics metrics(monoFont(12));
    int width = 0;
    for (const Row& row : m_rows) width = std::max(width, metrics.horizontalAdvance(row.value));
    return width + 8;
}

QSize BarList::sizeHint() const {
    return {nameWidth() + 90 + valueWidth(), static_cast<int>(m_rows.size()) * kRowHeight};
}

QSize BarList::minimumSizeHint() const {
    return {160, static_cast<int>(m_rows.size()) * kRowHeight};
}

void BarList::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    const int values = valueWidth();
    const int names = std::min(nameWidth(), width() - values - kShortestBar);
    const int bar = std::max(kShortestBar, width() - names - values);
    int y = 0;
    for (const Row& row : m_rows) {
        painter.setFont(uiFont(12, row.strong ? QFont::DemiBold : QFont::Normal));
        painter.setPen(t.text);
        painter.drawText(QRect(0, y, names - 6, kRowHeight), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(row.name, Qt::ElideRight, names - 6));
        const QRectF track(names, y + (kRowHeight - kBar) / 2.0, bar, kBar);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.hairline);
        painter.drawRoundedRect(track, kBar / 2.0, kBar / 2.0);
        QRectF filled = track;
        filled.setWidth(std::clamp(row.share, 0.0, 1.0) * bar);
        painter.setBrush(t.accent);
        if (filled.width() > 0.5) painter.drawRoundedRect(filled, kBar / 2.0, kBar / 2.0);
        painter.setFont(monoFont(12));
        painter.setPen(row.strong ? t.text : t.muted);
        painter.drawText(QRect(width() - values, y, values, kRowHeight),
                         Qt::AlignVCenter | Qt::AlignRight, row.value);
        y += kRowHeight;
    }
}

}  // namespace loom
