#include "widgets/explain/small_pictures.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/explain/window_text.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr double kMargin = 14;
constexpr double kLine = 18;  // of small text
constexpr int kBins = 48;

QColor withAlpha(QColor color, int alpha) {
    color.setAlpha(alpha);
    return color;
}

/// Smallest and largest finite number.
template <class Numbers>
std::pair<double, double> spread(const Numbers& numbers) {
    double low = 0, high = 0;
    bool first = true;
    for (const double value : numbers) {
        if (!std::isfinite(value)) continue;
        low = first ? value : std::min(low, value);
        high = first ? value : std::max(high, value);
        first = false;
    }
    return {low, high};
}

void drawSmall(QPainter& painter, const QRectF& area, int alignment, const QString& text,
               const QColor& color) {
    painter.setFont(uiFont(11));
    painter.setPen(color);
    painter.drawText(area, alignment, text);
}

/// Left and right half of a widget, for before and after.
std::pair<QRectF, QRectF> halves(const QRectF& rect) {
    const QRectF inside = rect.adjusted(kMargin, kMargin, -kMargin, -kMargin);
    const double half = (inside.width() - kMargin * 2) / 2;
    return {QRectF(inside.left(), inside.top(), half, inside.height()),
            QRectF(inside.right() - half, inside.top(), half, inside.height())};
}

}  // namespace

CurveView::CurveView(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setAccessibleName(tr("The function’s curve and its derivative"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CurveView::setCurve(std::vector<double> x, std::vector<double> y, std::vector<double> slope,
                         std::vector<float> arriving) {
    m_x = std::move(x);
    m_y = std::move(y);
    m_slope = std::move(slope);
    m_arriving = std::move(arriving);
    m_at.reset();
    update();
}

QRectF CurveView::area() const {
    return QRectF(rect()).adjusted(44, kMargin + kLine, -kMargin, -kMargin - 2 * kLine);
}

QString CurveView::reading() const {
    if (!m_at) return {};
    QString text = tr("x %1   y %2").arg(cellNumber(m_x[*m_at]), cellNumber(m_y[*m_at]));
    if (*m_at < m_slope.size()) text += tr("   slope %1").arg(cellNumber(m_slope[*m_at]));
    return text;
}

void CurveView::paintEvent(QPaintEvent*) {
    if (m_x.size() < 2) return;
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = area();
    auto [low, high] = spread(m_y);
    const auto [slopeLow, slopeHigh] = spread(m_slope);
    low = std::min({low, slopeLow, 0.0});
    high = std::max({high, slopeHigh, 0.0});
    const double air = std::max(0.1, (high - low) * 0.06);
    low -= air;
    high += air;
    const auto at = [&](double x, double y) {
        return QPointF(box.left() + (x - m_x.front()) / (m_x.back() - m_x.front()) * box.width(),
                       box.bottom() - (y - low) / (high - low) * box.height());
    };
    painter.setPen(QPen(t.hairline, 1));
    painter.setBrush(t.surface);
    painter.drawRect(box);
    const double step = std::pow(10, std::floor(std::log10((high - low) / 3)));
    const double wide = (high - low) / step > 12  ? step * 5
                        : (high - low) / step > 6 ? step * 2
                                                  : step;
    for (double y = std::ceil(low / wide) * wide; y <= high; y += wide) {
        painter.setPen(QPen(t.hairline, 1));
        painter.drawLine(at(m_x.front(), y), at(m_x.back(), y));
        drawSmall(painter, QRectF(0, at(0, y).y() - 9, box.left() - 6, 18),
                  Qt::AlignRight | Qt::AlignVCenter,
                  QString::number(y, 'g', 3).replace(QLatin1Char('-'), QChar(0x2212)), t.muted);
    }
    for (int x = static_cast<int>(std::ceil(m_x.front())); x <= m_x.back(); x += 2)
        drawSmall(painter, QRectF(at(x, low).x() - 20, box.bottom() + 2, 40, kLine),
                  Qt::AlignCenter, QString::number(x).replace(QLatin1Char('-'), QChar(0x2212)),
                  t.muted);
    painter.setPen(QPen(t.muted, 1));
    painter.drawLine(at(m_x.front(), 0), at(m_x.back(), 0));
    painter.drawLine(at(0, low), at(0, high));

    const auto draw = [&](const std::vector<double>& y, const QPen& pen) {
        QPainterPath path;
        bool down = false;
        for (std::size_t i = 0; i < y.size(); ++i) {
            const bool fine = std::isfinite(y[i]);
            if (fine) down ? path.lineTo(at(m_x[i], y[i])) : path.moveTo(at(m_x[i], y[i]));
            down = fine;
        }
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(path);
    };
    draw(m_slope, QPen(seriesColor(1), 1.5, Qt::DashLine));
    draw(m_y, QPen(t.accent, 2.5));

    // Where the numbers of the sample lie: the darker, the more.
    std::vector<int> marks(static_cast<std::size_t>(std::max(1.0, box.width())), 0);
    std::size_t beyond = 0;
    for (const float value : m_arriving) {
        const double share = (value - m_x.front()) / (m_x.back() - m_x.front());
        if (!(share >= 0 && share < 1))
            ++beyond;
        else
            ++marks[static_cast<std::size_t>(share * static_cast<double>(marks.size()))];
    }
    const int most = *std::max_element(marks.begin(), marks.end());
    for (std::size_t i = 0; i < marks.size() && most > 0; ++i) {
        if (marks[i] == 0) continue;
        const int alpha =
            50 + static_cast<int>(200 * std::sqrt(static_cast<double>(marks[i]) / most));
        painter.setPen(QPen(withAlpha(t.text, alpha), 1));
        const double x = box.left() + static_cast<double>(i) + 0.5;
        painter.drawLine(QPointF(x, box.bottom() - 9), QPointF(x, box.bottom() - 1));
    }
    const QRectF top(box.left(), 4, box.width(), kLine);
    const QString now = reading();
    drawSmall(painter, top, Qt::AlignLeft | Qt::AlignVCenter,
              now.isEmpty() ? tr("— the function    - - its derivative") : now,
              now.isEmpty() ? t.muted : t.text);
    QString note = m_arriving.empty()
                       ? QString()
                       : tr("marks at the bottom: the %1 numbers that arrive for this sample")
                             .arg(m_arriving.size());
    if (beyond > 0) note += tr(", %1 of them beyond the picture").arg(beyond);
    drawSmall(painter, QRectF(8, height() - kLine - 6, width() - 16, kLine), Qt::AlignCenter, note,
              t.muted);
    if (m_at) {
        painter.setPen(QPen(t.muted, 1, Qt::DotLine));
        painter.drawLine(at(m_x[*m_at], low), at(m_x[*m_at], high));
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.accent);
        painter.drawEllipse(at(m_x[*m_at], m_y[*m_at]), 4, 4);
    }
}

void CurveView::mouseMoveEvent(QMouseEvent* event) {
    if (m_x.size() < 2) return;
    const QRectF box = area();
    const double share = (event->position().x() - box.left()) / box.width();
    m_at.reset();
    if (share >= 0 && share <= 1)
        m_at = static_cast<std::size_t>(std::lround(share * static_cast<double>(m_x.size() - 1)));
    update();
}

void CurveView::leaveEvent(QEvent*) {
    m_at.reset();
    update();
}

BarsView::BarsView(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Numbers before and after"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void BarsView::setNumbers(std::vector<float> before, std::vector<float> after) {
    m_before = std::move(before);
    m_after = std::move(after);
    update();
}

void BarsView::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto draw = [&](const QRectF& half, const std::vector<float>& numbers,
                          const QString& title) {
        if (numbers.empty()) return;
        drawSmall(painter, QRectF(half.left(), half.top(), half.width(), kLine),
                  Qt::AlignLeft | Qt::AlignVCenter, title, t.muted);
        auto [low, high] = spread(numbers);
        low = std::min(low, 0.0);
        high = std::max(high, 0.0);
        if (high - low <= 0) high = low + 1;
        const double room = (half.height() - kLine * 2) / static_cast<double>(numbers.size());
        const double row = std::min(26.0, room);
        const double label = 52;
        const double zero = half.left() + label + (half.width() - label) * (-low) / (high - low);
        double sum = 0;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            const double y = half.top() + kLine + static_cast<double>(i) * row;
            const double length = (half.width() - label) * numbers[i] / (high - low);
            painter.setPen(Qt::NoPen);
            painter.setBrush(seriesColor(numbers[i] < 0 ? 0 : 1));
            painter.drawRoundedRect(QRectF(std::min(zero, zero + length), y + 2,
                                           std::max(1.0, std::abs(length)), row - 4),
                                    2, 2);
            painter.setFont(monoFont(11));
            painter.setPen(t.text);
            painter.drawText(QRectF(half.left(), y, label - 6, row),
                             Qt::AlignRight | Qt::AlignVCenter, cellNumber(numbers[i]));
            sum += numbers[i];
        }
        painter.setPen(QPen(t.muted, 1));
        const double bottom = half.top() + kLine + row * static_cast<double>(numbers.size());
        painter.drawLine(QPointF(zero, half.top() + kLine), QPointF(zero, bottom));
        drawSmall(painter, QRectF(half.left(), bottom + 2, half.width(), kLine),
                  Qt::AlignLeft | Qt::AlignVCenter, tr("sum %1").arg(cellNumber(sum)), t.muted);
    };
    const auto [left, right] = halves(rect());
    draw(left, m_before, tr("what arrives"));
    draw(right, m_after, tr("what leaves"));
}

UnitsView::UnitsView(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Units before and after"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void UnitsView::setUnits(std::int64_t rows, std::int64_t columns, std::vector<float> before,
                         std::vector<float> after) {
    m_rows = rows;
    m_columns = columns;
    m_before = std::move(before);
    m_after = std::move(after);
    setAccessibleDescription(sentence());
    update();
}

bool UnitsView::isOff(std::size_t unit) const {
    // Alpha dropout replaces by another number than 0; what stays is scaled the same everywhere.
    return m_after[unit] == 0 && m_before[unit] != 0;
}

QString UnitsView::sentence() const {
    std::size_t off = 0, alive = 0;
    double factor = 0;
    for (std::size_t i = 0; i < m_before.size(); ++i) {
        if (m_before[i] == 0) continue;
        ++alive;
        if (isOff(i))
            ++off;
        else if (factor == 0)
            factor = m_after[i] / m_before[i];
    }
    if (off == 0 || factor == 0) return tr("%1 of %2 numbers switched off").arg(off).arg(alive);
    return tr("%1 of %2 numbers that are not 0 switched off, the others multiplied by %3")
        .arg(off)
        .arg(alive)
        .arg(factor, 0, 'f', 2);
}

void UnitsView::paintEvent(QPaintEvent*) {
    if (m_rows == 0 || m_columns == 0) return;
    const Tokens& t = tokens();
    QPainter painter(this);
    const auto [low, high] = spread(m_before);
    const auto [lowAfter, highAfter] = spread(m_after);
    const auto draw = [&](const QRectF& half, const std::vector<float>& numbers, bool crossed,
                          const QString& title, double from, double to) {
        drawSmall(painter, QRectF(half.left(), half.top(), half.width(), kLine),
                  Qt::AlignLeft | Qt::AlignVCenter, title, t.muted);
        const double cell = std::max(
            1.0, std::floor(
                     std::min({half.width() / static_cast<double>(m_columns),
                               (half.height() - 2 * kLine) / static_cast<double>(m_rows), 28.0})));
        for (std::int64_t row = 0; row < m_rows; ++row)
            for (std::int64_t column = 0; column < m_columns; ++column) {
                const auto unit = static_cast<std::size_t>(row * m_columns + column);
                const QRectF at(half.left() + static_cast<double>(column) * cell,
                                half.top() + kLine + static_cast<double>(row) * cell, cell - 0.6,
                                cell - 0.6);
                const int grey = greyOf(numbers[unit], from, to);
                painter.fillRect(at, QColor(grey, grey, grey));
                if (!crossed || !isOff(unit)) continue;
                painter.fillRect(at, t.dangerSoft);
                painter.setPen(QPen(t.danger, 1));
                painter.drawLine(at.topLeft(), at.bottomRight());
                painter.drawLine(at.topRight(), at.bottomLeft());
            }
    };
    const auto [left, right] = halves(rect());
    draw(left, m_before, false, tr("what arrives"), low, high);
    draw(right, m_after, true, tr("what leaves while training"), lowAfter, highAfter);
    drawSmall(painter, QRectF(8, height() - kLine - 4, width() - 16, kLine), Qt::AlignCenter,
              sentence(), t.text);
}

HistogramView::HistogramView(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("How the numbers are spread before and after"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

HistogramView::Count HistogramView::count(const std::vector<float>& numbers, int bins, double low,
                                          double high) {
    Count result;
    result.bins.assign(static_cast<std::size_t>(bins), 0);
    result.low = low;
    result.high = high > low ? high : low + 1;
    double sum = 0, squares = 0, counted = 0;
    for (const float value : numbers) {
        if (!std::isfinite(value)) continue;
        const double share = (value - result.low) / (result.high - result.low);
        ++result.bins[static_cast<std::size_t>(
            std::clamp(static_cast<int>(share * bins), 0, bins - 1))];
        sum += value;
        squares += static_cast<double>(value) * value;
        ++counted;
    }
    if (counted > 0) {
        result.mean = sum / counted;
        result.deviation = std::sqrt(std::max(0.0, squares / counted - result.mean * result.mean));
    }
    return result;
}

void HistogramView::setNumbers(const std::vector<float>& before, const std::vector<float>& after,
                               std::int64_t samples) {
    // On one scale, so that a shift is seen.
    const auto [low, high] = spread(before);
    const auto [lowAfter, highAfter] = spread(after);
    m_before = count(before, kBins, std::min(low, lowAfter), std::max(high, highAfter));
    m_after = count(after, kBins, std::min(low, lowAfter), std::max(high, highAfter));
    m_samples = samples;
    update();
}

void HistogramView::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto draw = [&](const QRectF& half, const Count& count, const QString& title,
                          const QColor& color) {
        drawSmall(painter, QRectF(half.left(), half.top(), half.width(), kLine),
                  Qt::AlignLeft | Qt::AlignVCenter, title, t.muted);
        const QRectF box = half.adjusted(0, kLine + 2, 0, -2 * kLine - 4);
        painter.setPen(QPen(t.hairline, 1));
        painter.setBrush(t.surface);
        painter.drawRect(box);
        const int most =
            count.bins.empty() ? 0 : *std::max_element(count.bins.begin(), count.bins.end());
        if (most == 0) return;
        const double width = box.width() / static_cast<double>(count.bins.size());
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        for (std::size_t i = 0; i < count.bins.size(); ++i) {
            // The root lets the small bars be seen beside a background of zeros.
            const double high =
                box.height() * 0.95 * std::sqrt(static_cast<double>(count.bins[i]) / most);
            painter.drawRect(QRectF(box.left() + static_cast<double>(i) * width + 0.5,
                                    box.bottom() - high, width - 1, high));
        }
        drawSmall(painter, QRectF(box.left(), box.bottom() + 2, box.width() / 2, kLine),
                  Qt::AlignLeft | Qt::AlignVCenter, cellNumber(count.low), t.muted);
        drawSmall(painter, QRectF(box.center().x(), box.bottom() + 2, box.width() / 2, kLine),
                  Qt::AlignRight | Qt::AlignVCenter, cellNumber(count.high), t.muted);
        drawSmall(
            painter, QRectF(box.left(), box.bottom() + 2 + kLine, box.width(), kLine),
            Qt::AlignCenter,
            tr("mean %1, deviation %2").arg(cellNumber(count.mean), cellNumber(count.deviation)),
            t.text);
    };
    const auto [left, right] = halves(rect());
    draw(left, m_before,
         m_samples == 1 ? tr("what arrives") : tr("what arrives, %1 samples").arg(m_samples),
         seriesColor(0));
    draw(right, m_after, tr("what leaves while training"), seriesColor(2));
}

}  // namespace loom
