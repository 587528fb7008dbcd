#include "widgets/plots/plot_view.h"

#include <QElapsedTimer>
#include <QImage>
#include <QMouseEvent>
#include <QPageSize>
#include <QPdfWriter>
#include <QRubberBand>
#include <QSvgGenerator>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <utility>

#include "widgets/style/theme.h"

// QCustomPlot 2.1 is written with Qt's keywords, which the rest of the program does without.
#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit Q_EMIT
#define foreach Q_FOREACH
#include <qcustomplot.h>
#undef signals
#undef slots
#undef emit
#undef foreach

namespace loom {

namespace {

// Charts above each other line up because none measures its own labels.
constexpr int kLeftMargin = 52;
constexpr int kBottomMargin = 26;
constexpr int kLabelRoom = 16;
// Less than this many pixels is a click, or a box along one axis only.
constexpr int kSmallestBox = 6;

class PercentTicker : public QCPAxisTicker {
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override {
        return QStringLiteral("%1 %").arg(QString::number(tick * 100, 'g', 4));
    }
};

QVector<QCPGraphData> toGraphData(const std::vector<PointSeries::Point>& points) {
    QVector<QCPGraphData> data;
    data.reserve(static_cast<qsizetype>(points.size()));
    for (const auto& point : points) data.append(QCPGraphData(point.x, point.y));
    return data;
}

}  // namespace

struct PlotView::Private {
    QCustomPlot* plot = nullptr;
    QCPLayer* overlay = nullptr;
    std::vector<QCPGraph*> graphs;
    std::vector<QCPGraph*> dots;
    std::vector<QCPItemStraightLine*> events;
    QCPGraph* alarms = nullptr;
    QCPItemStraightLine* cross = nullptr;
    bool percent = false;
    bool logarithmic = false;
    bool dragging = false;
    QPointF dragFrom;
    bool boxing = false;
    bool boxWanted = false;   ///< the next left drag draws one
    bool menuWanted = false;  ///< the right button went down and has not moved yet
    QRubberBand* box = nullptr;
    QString axisLabel, valueLabel;
    double cost = 0;
    QElapsedTimer clock;

    void installTicker() {
        if (logarithmic)
            plot->yAxis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
        else if (percent)
            plot->yAxis->setTicker(QSharedPointer<PercentTicker>::create());
        else
            plot->yAxis->setTicker(QSharedPointer<QCPAxisTicker>::create());
        plot->yAxis->ticker()->setTickCount(std::clamp(plot->height() / 48, 2, 6));
    }
};

PlotView::PlotView(QWidget* parent) : QWidget(parent), d(std::make_unique<Private>()) {
    d->plot = new QCustomPlot(this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(d->plot);
    d->plot->setMouseTracking(true);
    d->plot->installEventFilter(this);
    // One path of thousands of crossing segments takes the raster engine seconds; one by one,
    // milliseconds.
    d->plot->setPlottingHint(QCP::phFastPolylines, true);

    QCPAxisRect* rect = d->plot->axisRect();
    rect->setAutoMargins(QCP::msNone);
    rect->setMargins(QMargins(kLeftMargin, 10, 14, kBottomMargin));
    d->plot->yAxis2->setRange(0, 1);
    for (QCPAxis* axis : {d->plot->xAxis, d->plot->yAxis}) {
        axis->setTickLength(0, 0);
        axis->setSubTickLength(0, 0);
        axis->setNumberFormat(QStringLiteral("gb"));
        axis->setNumberPrecision(4);
        axis->setTickLabelPadding(8);
    }
    d->plot->addLayer(QStringLiteral("crosshair"));
    d->overlay = d->plot->layer(QStringLiteral("crosshair"));
    d->overlay->setMode(QCPLayer::lmBuffered);

    d->alarms = new QCPGraph(d->plot->xAxis, d->plot->yAxis2);
    d->alarms->setLineStyle(QCPGraph::lsNone);
    d->cross = new QCPItemStraightLine(d->plot);
    d->cross->setLayer(d->overlay);
    d->cross->setVisible(false);

    connect(d->plot, &QCustomPlot::beforeReplot, this, [this] { d->clock.start(); });
    connect(d->plot, &QCustomPlot::afterReplot, this,
            [this] { d->cost = static_cast<double>(d->clock.nsecsElapsed()) / 1e6; });
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        restyle();
        redraw();
    });
    d->installTicker();
    restyle();
}

PlotView::~PlotView() = default;

void PlotView::restyle() {
    const Tokens& t = tokens();
    d->plot->setBackground(QBrush(t.surface));
    for (QCPAxis* axis : {d->plot->xAxis, d->plot->yAxis}) {
        axis->setTickLabelColor(t.muted);
        axis->setTickLabelFont(uiFont(11));
        axis->setLabelColor(t.muted);
        axis->setLabelFont(uiFont(11));
        axis->setBasePen(Qt::NoPen);
        axis->setTickPen(Qt::NoPen);
        axis->setSubTickPen(Qt::NoPen);
        axis->grid()->setZeroLinePen(Qt::NoPen);
        axis->grid()->setPen(QPen(t.hairline, 1));
    }
    d->plot->xAxis->grid()->setPen(QPen(t.hairline, 1, Qt::DotLine));
    d->plot->xAxis->setBasePen(QPen(t.hairline, 1));
    d->cross->setPen(QPen(t.muted, 1, Qt::DashLine));
    d->alarms->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssTriangle, t.danger, t.danger, 7));
    for (QCPItemStraightLine* line : d->events) line->setPen(QPen(t.warning, 1, Qt::DashDotLine));
}

void PlotView::setCurves(const std::vector<PlotCurve>& curves) {
    while (d->graphs.size() > curves.size()) {
        d->plot->removeGraph(d->graphs.back());
        d->graphs.pop_back();
    }
    while (d->graphs.size() < curves.size()) {
        auto* graph = d->plot->addGraph();
        // The points are chosen already, one pixel column at a time.
        graph->setAdaptiveSampling(false);
        d->graphs.push_back(graph);
    }
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const PlotCurve& curve = curves[i];
        QCPGraph* graph = d->graphs[i];
        graph->data()->set(toGraphData(curve.points), true);
        QPen pen(curve.color, curve.width, curve.dashed ? Qt::DashLine : Qt::SolidLine);
        pen.setJoinStyle(Qt::RoundJoin);
        graph->setPen(pen);
        // Where every pixel column is full, smooth edges cost much and show nothing.
        const bool dense =
            curve.points.size() > static_cast<std::size_t>(2 * std::max(1, plotArea().width()));
        graph->setAntialiased(!dense);
        const bool dots = curve.markers || curve.points.size() == 1;
        graph->setScatterStyle(dots ? QCPScatterStyle(QCPScatterStyle::ssCircle,
                                                      QPen(tokens().surface, 1.5),
                                                      QBrush(curve.color), 8)
                                    : QCPScatterStyle(QCPScatterStyle::ssNone));
    }
}

void PlotView::setAlarms(const std::vector<double>& xs) {
    QVector<QCPGraphData> marks;
    for (const double x : xs) marks.append(QCPGraphData(x, 0.025));
    d->alarms->data()->set(marks, true);
}

void PlotView::setEvents(const std::vector<double>& xs) {
    while (d->events.size() > xs.size()) {
        d->plot->removeItem(d->events.back());
        d->events.pop_back();
    }
    while (d->events.size() < xs.size()) {
        auto* line = new QCPItemStraightLine(d->plot);
        line->setPen(QPen(tokens().warning, 1, Qt::DashDotLine));
        d->events.push_back(line);
    }
    for (std::size_t i = 0; i < xs.size(); ++i) {
        d->events[i]->point1->setCoords(xs[i], 1);
        d->events[i]->point2->setCoords(xs[i], 2);
    }
}

void PlotView::setRanges(Range x, Range y) {
    d->plot->xAxis->setRange(x.low, x.high);
    d->plot->yAxis->setRange(y.low, y.high);
}

PlotView::Range PlotView::rangeX() const {
    return {d->plot->xAxis->range().lower, d->plot->xAxis->range().upper};
}

PlotView::Range PlotView::rangeY() const {
    return {d->plot->yAxis->range().lower, d->plot->yAxis->range().upper};
}

void PlotView::setLogarithmic(bool on) {
    d->logarithmic = on;
    d->plot->yAxis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    d->installTicker();
}

void PlotView::setPercent(bool on) {
    d->percent = on;
    d->installTicker();
}

void PlotView::setAxisLabel(const QString& label) {
    d->axisLabel = label;
    d->plot->xAxis->setLabel(label);
    d->plot->xAxis->setLabelPadding(2);
    applyMargins();
}

QString PlotView::axisLabel() const {
    return d->axisLabel;
}

void PlotView::setValueLabel(const QString& label) {
    d->valueLabel = label;
    d->plot->yAxis->setLabel(label);
    d->plot->yAxis->setLabelPadding(2);
    applyMargins();
}

void PlotView::applyMargins() {
    d->plot->axisRect()->setMargins(
        QMargins(kLeftMargin + (d->valueLabel.isEmpty() ? 0 : kLabelRoom), 10, 14,
                 kBottomMargin + (d->axisLabel.isEmpty() ? 0 : kLabelRoom)));
}

void PlotView::beginBox() {
    d->boxWanted = true;
    d->plot->setCursor(Qt::CrossCursor);
}

void PlotView::showBox(QPointF to) {
    if (!d->box) d->box = new QRubberBand(QRubberBand::Rectangle, d->plot);
    const QRect area = plotArea();
    QRect box = QRectF(d->dragFrom, to).normalized().toRect();
    if (box.width() < kSmallestBox) box.setLeft(area.left()), box.setRight(area.right());
    if (box.height() < kSmallestBox) box.setTop(area.top()), box.setBottom(area.bottom());
    d->box->setGeometry(box & area);
    d->box->show();
}

void PlotView::finishBox() {
    d->boxing = d->boxWanted = false;
    d->plot->unsetCursor();
    if (!d->box || !d->box->isVisible()) return;
    d->box->hide();
    const QRect box = d->box->geometry();
    if (box != plotArea() && box.width() > 1 && box.height() > 1) Q_EMIT boxed(QRectF(box));
}

void PlotView::setCrosshair(std::optional<double> x, const std::vector<PlotCurve>& dots) {
    d->cross->setVisible(x.has_value());
    if (x) {
        d->cross->point1->setCoords(*x, 1);
        d->cross->point2->setCoords(*x, 2);
    }
    while (d->dots.size() < dots.size()) {
        auto* graph = new QCPGraph(d->plot->xAxis, d->plot->yAxis);
        graph->setLineStyle(QCPGraph::lsNone);
        graph->setLayer(d->overlay);
        d->dots.push_back(graph);
    }
    for (std::size_t i = 0; i < d->dots.size(); ++i) {
        const bool shown = x && i < dots.size();
        d->dots[i]->data()->set(shown ? toGraphData(dots[i].points) : QVector<QCPGraphData>(),
                                true);
        if (shown)
            d->dots[i]->setScatterStyle(QCPScatterStyle(
                QCPScatterStyle::ssCircle, QPen(tokens().surface, 1.5), QBrush(dots[i].color), 8));
    }
    d->overlay->replot();
}

void PlotView::redraw() {
    d->plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::drawNow() {
    d->plot->replot(QCustomPlot::rpImmediateRefresh);
}

double PlotView::drawMilliseconds() const {
    return d->cost;
}

QRect PlotView::plotArea() const {
    return d->plot->axisRect()->rect();
}
double PlotView::xAt(double pixel) const {
    return d->plot->xAxis->pixelToCoord(pixel);
}
double PlotView::yAt(double pixel) const {
    return d->plot->yAxis->pixelToCoord(pixel);
}
double PlotView::pixelOfX(double x) const {
    return d->plot->xAxis->coordToPixel(x);
}

bool PlotView::save(const QString& path, const PlotCaption& caption) {
    const int width = d->plot->width();
    const int above = captionHeight(caption, width);
    const QSize size(width, d->plot->height() + above);
    const QString labelBefore = d->valueLabel;
    setValueLabel(caption.valueLabel);
    const auto paint = [&](QPaintDevice* device, double scale) {
        QCPPainter painter;
        if (!painter.begin(device)) return false;
        painter.setMode(QCPPainter::pmVectorized);
        painter.setMode(QCPPainter::pmNoCaching);
        painter.setMode(QCPPainter::pmNonCosmetic);
        painter.scale(scale, scale);
        painter.fillRect(QRect(QPoint(0, 0), size), tokens().surface);
        painter.save();
        paintCaption(painter, caption, width);
        painter.restore();
        painter.translate(0, above);
        d->plot->toPainter(&painter, width, d->plot->height());
        return painter.end();
    };
    bool saved = false;
    if (path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)) {
        QPdfWriter writer(path);
        writer.setTitle(caption.title);
        writer.setPageSize(QPageSize(QSizeF(size), QPageSize::Point));
        writer.setPageMargins(QMarginsF());
        writer.setResolution(72);
        saved = paint(&writer, 1);
    } else if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QSvgGenerator generator;
        generator.setFileName(path);
        generator.setTitle(caption.title);
        generator.setSize(size);
        generator.setViewBox(QRect(QPoint(0, 0), size));
        saved = paint(&generator, 1);
    } else {
        QImage image(size * 2, QImage::Format_RGB32);
        saved = paint(&image, 2) && image.save(path, "PNG");
    }
    setValueLabel(labelBefore);
    redraw();
    return saved;
}

bool PlotView::eventFilter(QObject* watched, QEvent* event) {
    if (watched != d->plot) return QWidget::eventFilter(watched, event);
    switch (event->type()) {
        case QEvent::Wheel: {
            auto* wheel = static_cast<QWheelEvent*>(event);
            const QPoint turn = wheel->angleDelta();
            const double notches = (turn.y() != 0 ? turn.y() : turn.x()) / 120.0;
            if (notches == 0) return true;
            const bool onlyX = wheel->modifiers() & Qt::ShiftModifier;
            const bool onlyY = wheel->modifiers() & Qt::ControlModifier;
            Q_EMIT zoomed(std::pow(0.8, notches), wheel->position(), !onlyY, !onlyX);
            return true;
        }
        case QEvent::MouseButtonPress: {
            auto* mouse = static_cast<QMouseEvent*>(event);
            const bool left = mouse->button() == Qt::LeftButton;
            d->dragFrom = mouse->position();
            d->menuWanted = mouse->button() == Qt::RightButton;
            d->boxing =
                d->menuWanted || (left && (d->boxWanted || mouse->modifiers() & Qt::ShiftModifier));
            d->dragging = !d->boxing && (left || mouse->button() == Qt::MiddleButton);
            return true;
        }
        case QEvent::MouseMove: {
            auto* mouse = static_cast<QMouseEvent*>(event);
            if (d->boxing && mouse->buttons() != Qt::NoButton) {
                const QPointF moved = mouse->position() - d->dragFrom;
                if (std::max(std::abs(moved.x()), std::abs(moved.y())) < kSmallestBox) return true;
                d->menuWanted = false;
                showBox(mouse->position());
            } else if (d->dragging && mouse->buttons() != Qt::NoButton) {
                const QPointF moved = mouse->position() - d->dragFrom;
                if (moved.manhattanLength() > 0) Q_EMIT panned(moved.x(), moved.y());
                d->dragFrom = mouse->position();
                d->plot->setCursor(Qt::ClosedHandCursor);
            } else {
                Q_EMIT hovered(mouse->position());
            }
            return true;
        }
        case QEvent::MouseButtonRelease:
            d->dragging = false;
            if (std::exchange(d->menuWanted, false))
                Q_EMIT menuAsked(static_cast<QMouseEvent*>(event)->globalPosition().toPoint());
            finishBox();
            return true;
        case QEvent::MouseButtonDblClick:
            Q_EMIT fitAsked();
            return true;
        case QEvent::Leave:
            Q_EMIT left();
            return false;
        default:
            return QWidget::eventFilter(watched, event);
    }
}

void PlotView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    d->installTicker();
    d->plot->xAxis->ticker()->setTickCount(std::clamp(width() / 150, 2, 8));
    Q_EMIT areaChanged();
}

}  // namespace loom
