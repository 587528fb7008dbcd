#include "widgets/plots/metric_chart.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "widgets/plots/chart_number.h"
#include "widgets/plots/chart_parts.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

// Drawing may cost this part of one core at most while curves grow by themselves.
constexpr double kDrawShare = 0.02;
constexpr int kShortestPause = 80;
constexpr int kLongestPause = 900;

}  // namespace

MetricChart::MetricChart(const QString& title, ChartUnit unit, QWidget* parent)
    : QFrame(parent), m_title(title), m_unit(unit) {
    setProperty("card", QStringLiteral("true"));
    setFocusPolicy(Qt::ClickFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 10, 8);
    layout->setSpacing(4);

    m_header = new QHBoxLayout;
    m_header->setSpacing(10);
    auto* name = makeLabel(title, "strong");
    m_legend = new ChartLegend;
    m_note = new ElidedLabel;
    m_note->setProperty("role", QStringLiteral("small"));
    m_alarm = makeLabel({}, "danger");
    m_alarm->setToolTip(
        QStringLiteral("Values that are not numbers (NaN or infinite), marked along the bottom"));
    m_alarm->hide();
    m_note->hide();
    m_follow = new QToolButton;
    m_follow->setProperty("kind", "outline");
    m_follow->setCheckable(true);
    m_follow->setToolTip(
        QStringLiteral("Keeps the whole run in view as it grows; moving or zooming ends it"));
    m_follow->setCursor(Qt::PointingHandCursor);
    m_header->addWidget(name);
    m_header->addStretch(1);
    m_header->addWidget(m_alarm);
    m_header->addWidget(m_legend);
    m_header->addWidget(m_note);
    m_header->addWidget(m_follow);
    auto* more = makeIconButton(QStringLiteral("more"), QStringLiteral("Axis, scale and files"));
    m_header->addWidget(more);
    connect(more, &QToolButton::clicked, this,
            [this, more] { showMenu(more->mapToGlobal(QPoint(0, more->height() + 2))); });
    layout->addLayout(m_header);

    m_view = new PlotView;
    m_view->setPercent(unit == ChartUnit::Fraction);
    layout->addWidget(m_view, 1);
    m_tip = new ChartTip(m_view);
    m_empty = makeLabel({}, "small", m_view);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_empty->hide();

    m_drawTimer.setSingleShot(true);
    connect(&m_drawTimer, &QTimer::timeout, this, &MetricChart::rebuild);
    connect(m_follow, &QToolButton::clicked, this, &MetricChart::fit);
    connect(m_legend, &ChartLegend::toggled, this,
            [this](int entry) { setSeriesVisible(entry, !m_series[index(entry)].visible); });
    connect(m_view, &PlotView::zoomed, this, &MetricChart::zoom);
    connect(m_view, &PlotView::panned, this, &MetricChart::pan);
    connect(m_view, &PlotView::boxed, this, &MetricChart::zoomToBox);
    connect(m_view, &PlotView::fitAsked, this, &MetricChart::fit);
    connect(m_view, &PlotView::hovered, this, &MetricChart::moveCrosshair);
    connect(m_view, &PlotView::left, this, [this] {
        hideCrosshair();
        Q_EMIT crosshairMoved(std::numeric_limits<double>::quiet_NaN());
    });
    connect(m_view, &PlotView::menuAsked, this, &MetricChart::showMenu);
    connect(m_view, &PlotView::areaChanged, this, [this] {
        m_empty->setGeometry(m_view->plotArea());
        m_dirty = true;
        refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        m_dirty = true;
        refresh();
    });
    nameAxis();
    setFollowing(true);
}

MetricChart::~MetricChart() = default;

int MetricChart::addSeries(const ChartSeries& style) {
    Series series;
    series.style = style;
    series.smoother = Smoother(m_smoothing);
    m_series.push_back(std::move(series));
    m_dirty = true;
    return static_cast<int>(m_series.size()) - 1;
}

void MetricChart::append(int at, double step, double value) {
    Series& series = m_series[index(at)];
    series.raw.append(step, value);
    if (series.style.smoothed) series.smooth.append(step, series.smoother.next(value));
    m_dirty = true;
}

void MetricChart::setStepsPerEpoch(int at, double steps) {
    m_series[index(at)].stepsPerEpoch = steps;
    m_dirty = true;
}

void MetricChart::setSeriesVisible(int at, bool visible) {
    m_series[index(at)].visible = visible;
    m_dirty = true;
    updateHeader();
    refresh();
}

void MetricChart::clear() {
    m_series.clear();
    m_events.clear();
    m_expectedSteps = 0;
    m_dirty = true;
    setFollowing(true);
    hideCrosshair();
    m_note->hide();
    refresh();
}

void MetricChart::setExpectedSteps(double steps) {
    m_expectedSteps = steps;
    m_dirty = true;
}

void MetricChart::addEvent(double step) {
    m_events.push_back(step);
    m_dirty = true;
}

void MetricChart::resmooth(Series& series) {
    if (!series.style.smoothed) return;
    series.smooth.clear();
    series.smooth.reserve(series.raw.size());
    series.smoother = Smoother(m_smoothing);
    for (std::size_t i = 0; i < series.raw.size(); ++i)
        series.smooth.append(series.raw.x(i), series.smoother.next(series.raw.y(i)));
}

void MetricChart::setSmoothing(double weight) {
    m_smoothing = std::clamp(weight, 0.0, 0.999);
    for (Series& series : m_series) resmooth(series);
    m_dirty = true;
    updateHeader();
    refresh();
}

ChartAxis MetricChart::shownAxis() const {
    if (m_axis == ChartAxis::Steps) return ChartAxis::Steps;
    const bool unknown = std::any_of(m_series.begin(), m_series.end(), [](const Series& series) {
        return series.visible && series.raw.size() > 0 && series.stepsPerEpoch <= 0;
    });
    return unknown ? ChartAxis::Steps : ChartAxis::Epochs;
}

void MetricChart::nameAxis() {
    const QString name =
        shownAxis() == ChartAxis::Epochs ? QStringLiteral("epoch") : QStringLiteral("step");
    if (m_view->axisLabel() != name) m_view->setAxisLabel(name);
}

void MetricChart::setAxis(ChartAxis axis) {
    if (m_axis == axis) return;
    m_axis = axis;
    nameAxis();
    m_dirty = true;
    fit();
    Q_EMIT axisChanged(axis);
}

void MetricChart::setLogarithmic(bool on) {
    if (m_logarithmic == on) return;
    m_logarithmic = on;
    m_view->setLogarithmic(on);
    m_dirty = true;
    fit();
}

void MetricChart::setLegendShown(bool shown) {
    m_legendShown = shown;
    updateHeader();
}

void MetricChart::setNote(const QString& note) {
    m_note->setFullText(note);
    m_note->setVisible(!note.isEmpty());
}

void MetricChart::setEmptyText(const QString& text) {
    m_empty->setText(text);
    m_empty->setVisible(true);
}

QColor MetricChart::colorOf(const Series& series) const {
    return series.style.color == ChartSeries::kAccent ? tokens().accent
                                                      : seriesColor(series.style.color);
}

double MetricChart::unitsPerStep(const Series& series) const {
    return shownAxis() == ChartAxis::Epochs && series.stepsPerEpoch > 0 ? 1 / series.stepsPerEpoch
                                                                        : 1;
}

double MetricChart::stepsPerUnit() const {
    for (const Series& series : m_series)
        if (series.visible && series.raw.size() > 0) return 1 / unitsPerStep(series);
    return m_series.empty() ? 1 : 1 / unitsPerStep(m_series.front());
}

QString MetricChart::valueText(double value) const {
    return m_unit == ChartUnit::Fraction ? chartPercent(value) : chartNumber(value);
}

void MetricChart::updateHeader() {
    std::vector<LegendEntry> entries;
    std::size_t alarms = 0;
    bool empty = true;
    for (const Series& series : m_series) {
        alarms += series.raw.notFinite().size();
        empty = empty && series.raw.size() == 0;
        LegendEntry entry{
            series.style.name, {}, colorOf(series), series.style.dashed, !series.visible};
        const PointSeries& points = shown(series);
        if (points.size() > 0) entry.value = valueText(points.y(points.size() - 1));
        entries.push_back(std::move(entry));
    }
    m_legend->setEntries(m_legendShown && !empty ? std::move(entries) : std::vector<LegendEntry>{});
    m_alarm->setVisible(alarms > 0);
    m_alarm->setText(QStringLiteral("▲ %1 not a number").arg(alarms));
    m_empty->setVisible(empty && !m_empty->text().isEmpty());
    m_follow->setVisible(!empty);
}

void MetricChart::setFollowing(bool following) {
    m_following = following;
    m_follow->setChecked(following);
    m_follow->setText(following ? QStringLiteral("Following") : QStringLiteral("Follow"));
    m_follow->setToolTip(
        following
            ? QStringLiteral(
                  "The chart shows everything and grows with the run; zoom or drag to look closer")
            : QStringLiteral("Show everything again and grow with the run (F, or double-click)"));
    setStyleProperty(m_follow, "kind",
                     following ? QStringLiteral("quiet") : QStringLiteral("outline"));
    m_follow->setEnabled(!following);
    Q_EMIT followChanged(following);
}

void MetricChart::fit() {
    setFollowing(true);
    m_dirty = true;
    drawNow();
    Q_EMIT rangeChanged(m_x.low * stepsPerUnit(), m_x.high * stepsPerUnit(), true);
}

void MetricChart::refresh() {
    if (!isVisible() || m_drawTimer.isActive()) return;
    const double pause = std::clamp(m_view->drawMilliseconds() / kDrawShare, double(kShortestPause),
                                    double(kLongestPause));
    const qint64 since = m_sinceDrawn.isValid() ? m_sinceDrawn.elapsed() : kLongestPause;
    m_drawTimer.start(static_cast<int>(std::max(0.0, pause - static_cast<double>(since))));
}

void MetricChart::drawNow() {
    m_drawTimer.stop();
    m_dirty = true;
    rebuild();
    m_view->drawNow();
}

PlotView::Range MetricChart::followX() const {
    double high = 0;
    for (const Series& series : m_series) {
        if (!series.visible || series.raw.size() == 0) continue;
        high = std::max(high, series.raw.x(series.raw.size() - 1) * unitsPerStep(series));
    }
    if (m_expectedSteps > 0) high = std::max(high, m_expectedSteps / stepsPerUnit());
    // A little beyond the end, so that the last mark is whole.
    return {0, high > 0 ? high * 1.01 : 1};
}

PlotView::Range MetricChart::followY(PlotView::Range x) const {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const Series& series : m_series) {
        if (!series.visible) continue;
        const double scale = unitsPerStep(series);
        const auto main = shown(series).extent(x.low / scale, x.high / scale);
        if (main.empty) continue;
        low = std::min(low, main.low);
        high = std::max(high, main.high);
        if (!series.style.smoothed) continue;
        const auto raw = series.raw.extent(x.low / scale, x.high / scale);
        const double reach = 0.5 * (main.high - main.low);
        // A single wild batch must not flatten the whole curve.
        low = std::min(low, std::max(raw.low, main.low - reach));
        high = std::max(high, std::min(raw.high, main.high + reach));
    }
    if (!(high >= low))
        return m_unit == ChartUnit::Fraction ? PlotView::Range{0, 1.02} : PlotView::Range{0, 2.5};
    if (m_logarithmic) {
        if (high <= 0) return {1e-3, 1};
        if (low <= 0) low = high * 1e-4;
        return {low / 1.2, high * 1.2};
    }
    if (m_unit == ChartUnit::Fraction)
        return {low < 0.6 ? 0 : std::floor(low * 10 - 0.5) / 10, 1.02};
    const double pad = high > low ? 0.06 * (high - low) : std::max(0.5 * std::abs(high), 0.5);
    return {low >= 0 && low < 0.5 * high ? 0 : low - pad, high + pad};
}

void MetricChart::rebuild() {
    if (!m_dirty) return;
    m_dirty = false;
    m_sinceDrawn.start();
    nameAxis();
    // What was looked at stays where it is when the unit changes under it.
    if (const double unit = stepsPerUnit(); unit != m_drawnUnit) {
        if (!m_following) m_x = {m_x.low * m_drawnUnit / unit, m_x.high * m_drawnUnit / unit};
        m_drawnUnit = unit;
    }
    if (m_following) {
        m_x = followX();
        m_y = followY(m_x);
    }
    const int columns = std::max(50, m_view->plotArea().width());
    std::vector<PlotCurve> faint;
    std::vector<PlotCurve> strong;
    std::vector<double> alarms;
    for (const Series& series : m_series) {
        if (!series.visible) continue;
        const double scale = unitsPerStep(series);
        const bool banded = series.style.smoothed && m_smoothing > 0;
        const auto curve = [&](const PointSeries& points, double width, int alpha, bool calm) {
            PlotCurve result;
            if (calm)
                points.visibleMeans(m_x.low / scale, m_x.high / scale, columns / 2, result.points);
            else
                points.visible(m_x.low / scale, m_x.high / scale, columns, result.points);
            for (auto& point : result.points) point.x *= scale;
            result.color = colorOf(series);
            result.color.setAlpha(alpha);
            result.width = width;
            result.dashed = series.style.dashed;
            return result;
        };
        if (banded) {
            PlotCurve raw = curve(series.raw, 1, 70, false);
            raw.dashed = false;
            faint.push_back(std::move(raw));
        }
        // The faint band behind shows the extremes; the strong line its course.
        strong.push_back(curve(shown(series), 2, 255, banded));
        strong.back().markers = series.style.markers && strong.back().points.size() < 200;
        // One mark for a stretch of six pixels is all one can tell apart.
        const double apart = 6 * (m_x.high - m_x.low) / columns;
        double last = -std::numeric_limits<double>::infinity();
        for (const double step : series.raw.notFinite()) {
            if (step * scale - last < apart) continue;
            last = step * scale;
            alarms.push_back(last);
        }
    }
    std::sort(alarms.begin(), alarms.end());
    faint.insert(faint.end(), std::make_move_iterator(strong.begin()),
                 std::make_move_iterator(strong.end()));
    std::vector<double> events = m_events;
    for (double& step : events) step /= stepsPerUnit();
    m_view->setCurves(faint);
    m_view->setAlarms(alarms);
    m_view->setEvents(events);
    m_view->setRanges(m_x, m_y);
    m_view->redraw();
    updateHeader();
}

void MetricChart::showEvent(QShowEvent* event) {
    QFrame::showEvent(event);
    m_empty->setGeometry(m_view->plotArea());
    if (m_dirty) drawNow();
}

void MetricChart::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_F && event->modifiers() == Qt::NoModifier)
        fit();
    else
        QFrame::keyPressEvent(event);
}

}  // namespace loom
