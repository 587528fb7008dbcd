#include "widgets/data/value_histogram.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kAxis = 16;

/// Red, green and blue as both themes show them; one channel is grey.
QColor channelColor(std::size_t channel, std::size_t count) {
    const Tokens& t = tokens();
    if (count == 1) return t.muted;
    if (count == 3) return channel == 0 ? t.danger : channel == 1 ? t.good : t.accent;
    return seriesColor(static_cast<int>(channel));
}

}  // namespace

ValueHistogram::ValueHistogram(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    setAccessibleName(tr("How often each value occurs"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ValueHistogram::setFigures(const SampleFigures& figures) {
    m_figures = figures;
    update();
}

void ValueHistogram::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    const QRectF room(0.5, 0.5, width() - 1.0, height() - kAxis - 1.0);
    painter.setPen(t.hairline);
    painter.setBrush(t.canvas);
    painter.drawRoundedRect(room, 4, 4);
    // The one most frequent value, such as a black background, must not flatten all others.
    std::vector<double> heights;
    for (const auto& channel : m_figures.channels)
        heights.insert(heights.end(), channel.bars.begin(), channel.bars.end());
    if (heights.empty()) return;
    std::sort(heights.begin(), heights.end(), std::greater<>());
    const double top =
        std::max(1.0, heights.size() > 3 && heights[3] > 0 ? std::min(heights[0], heights[3] * 1.6)
                                                           : heights[0]);
    painter.setClipRect(room);
    const std::size_t count = m_figures.channels.size();
    for (std::size_t c = 0; c < count; ++c) {
        const std::vector<double>& bars = m_figures.channels[c].bars;
        QPainterPath path(room.bottomLeft());
        const double step = room.width() / static_cast<double>(bars.size());
        for (std::size_t i = 0; i < bars.size(); ++i) {
            const double y = room.bottom() - std::min(1.0, bars[i] / top) * (room.height() - 4);
            path.lineTo(room.left() + step * static_cast<double>(i), y);
            path.lineTo(room.left() + step * static_cast<double>(i + 1), y);
        }
        path.lineTo(room.bottomRight());
        QColor color = channelColor(c, count);
        painter.setPen(QPen(color, 1.2));
        color.setAlphaF(count == 1 ? 0.35F : 0.16F);
        painter.setBrush(color);
        painter.drawPath(path);
    }
    painter.setClipping(false);
    painter.setFont(monoFont(10));
    painter.setPen(t.muted);
    const QRect axis(0, height() - kAxis, width(), kAxis);
    painter.drawText(axis, Qt::AlignLeft | Qt::AlignVCenter,
                     QString::number(m_figures.low, 'g', 3));
    painter.drawText(axis, Qt::AlignRight | Qt::AlignVCenter,
                     QString::number(m_figures.high, 'g', 3));
}

}  // namespace loom
