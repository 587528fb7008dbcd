// What the mouse does to a chart, and what of it leaves as a file.

#include <QApplication>
#include <QMenu>
#include <QSaveFile>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "widgets/plots/chart_parts.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/style/file_choice.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

QByteArray shortest(double value) {
    char buffer[40];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    return error == std::errc() ? QByteArray(buffer, end - buffer) : QByteArray();
}

QByteArray csvQuoted(const QString& text) {
    QString quoted = text;
    return '"' + quoted.replace(QLatin1Char('"'), QLatin1String("\"\"")).toUtf8() + '"';
}

/// `range` shrunk by `factor` around `at`, in the axis's own measure.
PlotView::Range zoomedRange(PlotView::Range range, double factor, double at, bool logarithmic) {
    if (!logarithmic) return {at - (at - range.low) * factor, at + (range.high - at) * factor};
    return {at * std::pow(range.low / at, factor), at * std::pow(range.high / at, factor)};
}

}  // namespace

void MetricChart::setRange(PlotView::Range x, PlotView::Range y, bool announce) {
    // Beyond these a double no longer tells neighbouring pixels apart.
    if (!(x.high - x.low > 1e-9 * std::max(1.0, std::abs(x.high))) || x.high - x.low > 1e15) return;
    if (!(y.high > y.low) || y.high - y.low < 1e-13 * std::abs(y.high)) return;
    setFollowing(false);
    m_x = x;
    m_y = y;
    drawNow();
    if (announce) Q_EMIT rangeChanged(x.low * stepsPerUnit(), x.high * stepsPerUnit(), false);
}

void MetricChart::zoom(double factor, QPointF at, bool horizontally, bool vertically) {
    PlotView::Range x = m_x;
    PlotView::Range y = m_y;
    if (horizontally) x = zoomedRange(x, factor, m_view->xAt(at.x()), false);
    if (vertically) y = zoomedRange(y, factor, m_view->yAt(at.y()), m_logarithmic);
    setRange(x, y, true);
}

void MetricChart::pan(double dx, double dy) {
    const QRect area = m_view->plotArea();
    if (area.width() < 2 || area.height() < 2) return;
    const double moveX = -dx * (m_x.high - m_x.low) / area.width();
    PlotView::Range y = m_y;
    if (m_logarithmic) {
        const double ratio = std::pow(y.high / y.low, dy / area.height());
        y = {y.low * ratio, y.high * ratio};
    } else {
        const double moveY = dy * (y.high - y.low) / area.height();
        y = {y.low + moveY, y.high + moveY};
    }
    hideCrosshair();
    setRange({m_x.low + moveX, m_x.high + moveX}, y, true);
}

void MetricChart::zoomToBox(QRectF box) {
    hideCrosshair();
    setRange({m_view->xAt(box.left()), m_view->xAt(box.right())},
             {m_view->yAt(box.bottom()), m_view->yAt(box.top())}, true);
}

void MetricChart::moveCrosshair(QPointF at) {
    if (!m_view->plotArea().contains(at.toPoint())) {
        hideCrosshair();
        Q_EMIT crosshairMoved(std::numeric_limits<double>::quiet_NaN());
        return;
    }
    const double step = m_view->xAt(at.x()) * stepsPerUnit();
    showCrosshair(step, at.toPoint());
    Q_EMIT crosshairMoved(step);
}

void MetricChart::showCrosshair(double step, std::optional<QPoint> tipAt) {
    struct Row {
        double distance;
        LegendEntry entry;
    };
    std::vector<Row> rows;
    std::vector<PlotCurve> dots;
    const double mouseY = tipAt ? m_view->yAt(tipAt->y()) : 0;
    double anchor = step;
    bool anchored = false;
    for (const Series& series : m_series) {
        const PointSeries& points = shown(series);
        if (!series.visible || points.size() == 0) continue;
        const std::size_t nearest = points.nearest(step / stepsPerUnit() / unitsPerStep(series));
        const double y = points.y(nearest);
        if (!anchored) anchor = points.x(nearest) * unitsPerStep(series) * stepsPerUnit();
        anchored = true;
        QString text = valueText(y);
        if (series.style.smoothed && m_smoothing > 0)
            text += QStringLiteral("  (%1)").arg(valueText(series.raw.y(nearest)));
        rows.push_back({std::abs(y - mouseY),
                        {series.style.name, text, colorOf(series), series.style.dashed}});
        PlotCurve dot;
        dot.points.push_back({points.x(nearest) * unitsPerStep(series), y});
        dot.color = colorOf(series);
        dots.push_back(std::move(dot));
    }
    if (rows.empty()) {
        hideCrosshair();
        return;
    }
    m_view->setCrosshair(anchor / stepsPerUnit(), dots);
    if (!tipAt) {
        m_tip->hide();
        return;
    }
    if (rows.size() > 6) {
        std::sort(rows.begin(), rows.end(),
                  [](const Row& a, const Row& b) { return a.distance < b.distance; });
        rows.resize(6);
    }
    QString heading = QStringLiteral("step %1").arg(QLocale::c().toString(std::llround(anchor)));
    if (shownAxis() == ChartAxis::Epochs && stepsPerUnit() > 1)
        heading +=
            QStringLiteral("  ·  epoch %1").arg(QString::number(anchor / stepsPerUnit(), 'f', 2));
    std::vector<LegendEntry> entries;
    for (Row& row : rows) entries.push_back(std::move(row.entry));
    m_tip->showAt(QPoint(static_cast<int>(m_view->pixelOfX(anchor / stepsPerUnit())), tipAt->y()),
                  heading, std::move(entries));
}

void MetricChart::hideCrosshair() {
    m_view->setCrosshair(std::nullopt);
    m_tip->hide();
}

void MetricChart::linkTo(MetricChart* other) {
    const auto follow = [](MetricChart* from, MetricChart* to) {
        connect(from, &MetricChart::rangeChanged, to,
                [to](double low, double high, bool following) {
                    if (following) {
                        if (to->isFollowing()) return;
                        to->setFollowing(true);
                        to->drawNow();
                    } else {
                        const double unit = to->stepsPerUnit();
                        to->setRange({low / unit, high / unit}, to->m_y, false);
                    }
                });
        connect(from, &MetricChart::crosshairMoved, to, [to](double step) {
            if (std::isnan(step))
                to->hideCrosshair();
            else
                to->showCrosshair(step, std::nullopt);
        });
        connect(from, &MetricChart::axisChanged, to, &MetricChart::setAxis);
    };
    follow(this, other);
    follow(other, this);
}

void MetricChart::showMenu(QPoint globalPosition) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(QStringLiteral("Show everything\tF"), this, &MetricChart::fit);
    menu->addAction(QStringLiteral("Zoom to a box\tShift+drag"), m_view, &PlotView::beginBox);
    QAction* log = menu->addAction(QStringLiteral("Logarithmic values"));
    log->setCheckable(true);
    log->setChecked(m_logarithmic);
    connect(log, &QAction::toggled, this, &MetricChart::setLogarithmic);
    QAction* epochs = menu->addAction(QStringLiteral("Count in epochs"));
    epochs->setCheckable(true);
    epochs->setChecked(m_axis == ChartAxis::Epochs);
    connect(epochs, &QAction::toggled, this,
            [this](bool on) { setAxis(on ? ChartAxis::Epochs : ChartAxis::Steps); });
    menu->addSeparator();
    menu->addAction(QStringLiteral("Save picture…"), this, [this] {
        const QString path = chooseNewFile(this, QStringLiteral("Save picture"),
                                           m_title.toLower() + QStringLiteral(".png"),
                                           QStringLiteral("Pictures (*.png *.svg *.pdf)"));
        if (!path.isEmpty()) savePicture(path);
    });
    menu->addAction(QStringLiteral("Save values as CSV…"), this, [this] {
        const QString path = chooseNewFile(this, QStringLiteral("Save values"),
                                           m_title.toLower() + QStringLiteral(".csv"),
                                           QStringLiteral("Tables (*.csv)"));
        if (!path.isEmpty()) saveCsv(path);
    });
    menu->popup(globalPosition);
}

bool MetricChart::savePicture(const QString& path) {
    drawNow();
    PlotCaption caption;
    caption.title =
        m_pictureTitle.isEmpty() ? m_title : m_pictureTitle + QStringLiteral(" · ") + m_title;
    caption.valueLabel = m_title.toLower();
    for (const Series& series : m_series)
        if (series.visible && series.raw.size() > 0)
            caption.legend.push_back(
                {series.style.name, colorOf(series), series.style.dashed, series.style.markers});
    return m_view->save(path, caption);
}

bool MetricChart::saveCsv(const QString& path) const {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return false;
    file.write("series,step,epoch,value,smoothed\n");
    for (const Series& series : m_series) {
        const QByteArray name = csvQuoted(series.style.name);
        for (std::size_t i = 0; i < series.raw.size(); ++i) {
            QByteArray line = name + ',' + shortest(series.raw.x(i)) + ',';
            if (series.stepsPerEpoch > 0) line += shortest(series.raw.x(i) / series.stepsPerEpoch);
            line += ',' + shortest(series.raw.y(i)) + ',';
            if (series.style.smoothed) line += shortest(series.smooth.y(i));
            file.write(line + '\n');
        }
    }
    return file.commit();
}

}  // namespace loom
