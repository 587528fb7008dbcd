#include "widgets/plots/chart_parts.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <utility>

#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kSwatch = 14;
constexpr int kGap = 6;
constexpr int kEntryGap = 14;
constexpr int kRowHeight = 18;

QFont nameFont() {
    return uiFont(12);
}
QFont valueFont() {
    return uiFont(12, QFont::DemiBold);
}

LegendEntry named(LegendEntry entry) {
    entry.value.clear();
    return entry;
}

void drawSwatch(QPainter& painter, int x, int middle, const LegendEntry& entry) {
    QPen pen(entry.color, 2.5, entry.dashed ? Qt::DotLine : Qt::SolidLine, Qt::RoundCap);
    painter.setPen(pen);
    painter.drawLine(x + 1, middle, x + kSwatch - 1, middle);
}

}  // namespace

ChartLegend::ChartLegend(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setToolTip(QStringLiteral("Click a name to hide or show its curve"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ChartLegend::setEntries(std::vector<LegendEntry> entries) {
    const QSize before = sizeHint();
    m_entries = std::move(entries);
    setVisible(!m_entries.empty());
    if (sizeHint() != before) updateGeometry();
    update();
}

int ChartLegend::entryWidth(const LegendEntry& entry) const {
    int width = kSwatch + kGap + QFontMetrics(nameFont()).horizontalAdvance(entry.name);
    if (!entry.value.isEmpty())
        width += kGap + QFontMetrics(valueFont()).horizontalAdvance(entry.value);
    return width;
}

bool ChartLegend::hasRoomForValues() const {
    int width = 0;
    for (const LegendEntry& entry : m_entries) width += entryWidth(entry) + kEntryGap;
    return this->width() >= width;
}

QSize ChartLegend::minimumSizeHint() const {
    // The names stay where there is no room for the latest values; the crosshair says those.
    int width = 0;
    for (const LegendEntry& entry : m_entries) width += entryWidth(named(entry)) + kEntryGap;
    return {width, 20};
}

QSize ChartLegend::sizeHint() const {
    int width = 0;
    for (const LegendEntry& entry : m_entries) width += entryWidth(entry) + kEntryGap;
    return {width, 20};
}

int ChartLegend::indexAt(int x) const {
    const bool values = hasRoomForValues();
    int left = width() - (values ? sizeHint() : minimumSizeHint()).width() + kEntryGap;
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const int right = left + entryWidth(values ? m_entries[i] : named(m_entries[i]));
        if (x >= left - kEntryGap / 2 && x < right + kEntryGap / 2) return static_cast<int>(i);
        left = right + kEntryGap;
    }
    return -1;
}

void ChartLegend::mousePressEvent(QMouseEvent* event) {
    const int index = indexAt(static_cast<int>(event->position().x()));
    if (index >= 0) Q_EMIT toggled(index);
}

void ChartLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    const bool values = hasRoomForValues();
    int x = width() - (values ? sizeHint() : minimumSizeHint()).width() + kEntryGap;
    const int middle = height() / 2;
    for (const LegendEntry& whole : m_entries) {
        const LegendEntry entry = values ? whole : named(whole);
        painter.setOpacity(entry.hidden ? 0.4 : 1.0);
        drawSwatch(painter, x, middle, entry);
        int left = x + kSwatch + kGap;
        painter.setFont(nameFont());
        painter.setPen(t.muted);
        const int nameWidth = QFontMetrics(nameFont()).horizontalAdvance(entry.name);
        painter.drawText(QRect(left, 0, nameWidth + 2, height()), Qt::AlignVCenter, entry.name);
        left += nameWidth + kGap;
        painter.setFont(valueFont());
        painter.setPen(t.text);
        painter.drawText(QRect(left, 0, width() - left, height()), Qt::AlignVCenter,
                         entry.hidden ? QString() : entry.value);
        x += entryWidth(entry) + kEntryGap;
    }
}

ChartTip::ChartTip(QWidget* parent) : QWidget(parent) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void ChartTip::showAt(QPoint beside, const QString& heading, std::vector<LegendEntry> rows) {
    m_heading = heading;
    m_rows = std::move(rows);
    int width = QFontMetrics(uiFont(11)).horizontalAdvance(heading);
    for (const LegendEntry& row : m_rows)
        width =
            std::max(width, kSwatch + kGap + QFontMetrics(nameFont()).horizontalAdvance(row.name) +
                                16 + QFontMetrics(valueFont()).horizontalAdvance(row.value));
    resize(width + 20, static_cast<int>(m_rows.size() + 1) * kRowHeight + 12);
    // On the other side of the mouse where there is no room.
    QPoint at = beside + QPoint(14, -height() / 2);
    if (at.x() + this->width() > parentWidget()->width()) at.setX(beside.x() - 14 - this->width());
    at.setY(std::clamp(at.y(), 2, std::max(2, parentWidget()->height() - height() - 2)));
    move(at);
    show();
    raise();
    update();
}

void ChartTip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    painter.setPen(t.field);
    painter.setBrush(t.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    painter.setPen(t.muted);
    painter.setFont(uiFont(11));
    painter.drawText(QRect(10, 6, width() - 20, kRowHeight), Qt::AlignVCenter, m_heading);
    int y = 6 + kRowHeight;
    for (const LegendEntry& row : m_rows) {
        drawSwatch(painter, 10, y + kRowHeight / 2, row);
        painter.setPen(t.muted);
        painter.setFont(nameFont());
        const QRect line(10 + kSwatch + kGap, y, width() - 20 - kSwatch - kGap, kRowHeight);
        painter.drawText(line, Qt::AlignVCenter, row.name);
        painter.setPen(t.text);
        painter.setFont(valueFont());
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, row.value);
        y += kRowHeight;
    }
}

}  // namespace loom
