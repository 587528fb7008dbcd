#include "widgets/data/scatter_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr std::size_t kMostPoints = 5000;
constexpr double kNear = 12;
constexpr double kRadius = 3;
constexpr int kMostInLegend = 10;

/// Two numbers of the input, or one with its answer.
std::optional<ScatterView::Point> readPoint(const BrowserData& data, const BrowserItem& item) {
    const Dataset& set = data.dataset(item.split);
    const auto sample = set.sample(item.index);
    if (!sample) return std::nullopt;
    const auto* tensor = std::get_if<TensorSample>(&sample->input);
    if (!tensor || tensor->values.empty()) return std::nullopt;
    ScatterView::Point point{item, double(tensor->values[0]), 0, data.groupOf(item)};
    if (tensor->values.size() >= 2) {
        point.y = double(tensor->values[1]);
    } else {
        const std::vector<float> answer = set.answer(item.index);
        if (answer.empty()) return std::nullopt;
        point.y = double(answer.front());
    }
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) return std::nullopt;
    return point;
}

/// 1, 2 or 5 times a power of ten, for about `count` marks.
double niceStep(double span, int count) {
    const double raw = span / count;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    const double share = raw / power;
    return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

}  // namespace

ScatterView::ScatterView(QWidget* parent) : QWidget(parent) {
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setMinimumHeight(180);
    setAccessibleName(tr("Samples as points"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

bool ScatterView::canShow(const BrowserData& data) {
    if (!data.any() || data.any()->size() == 0) return false;
    const SampleSpec spec = data.any()->spec();
    std::int64_t count = 1;
    for (const std::int64_t side : spec.dims) count *= side;
    const bool numbers = data.groups.isEmpty() && data.any()->answer(0).size() == 1;
    return spec.isTensor && (count == 2 || (count == 1 && numbers));
}

void ScatterView::setData(std::shared_ptr<const BrowserData> opened) {
    m_job.cancel();
    m_data = std::move(opened);
    m_points.clear();
    m_current.reset();
    update();
}

void ScatterView::setItems(std::vector<BrowserItem> items) {
    if (!m_data) return;
    m_all = static_cast<std::int64_t>(items.size());
    m_job.start(
        [data = m_data, items = std::move(items)](const std::atomic<bool>& cancelled) {
            std::vector<Point> points;
            const std::size_t stride = std::max<std::size_t>(1, items.size() / kMostPoints);
            for (std::size_t i = 0; i < items.size() && !cancelled; i += stride)
                if (const auto point = readPoint(*data, items[i])) points.push_back(*point);
            return points;
        },
        [this](std::vector<Point> points) {
            m_points = std::move(points);
            if (!m_points.empty()) {
                double left = m_points[0].x, right = left, low = m_points[0].y, high = low;
                for (const Point& point : m_points) {
                    left = std::min(left, point.x);
                    right = std::max(right, point.x);
                    low = std::min(low, point.y);
                    high = std::max(high, point.y);
                }
                const double wide = right > left ? right - left : 1;
                const double tall = high > low ? high - low : 1;
                m_range = QRectF(left - wide * 0.05, low - tall * 0.05, wide * 1.1, tall * 1.1);
            }
            update();
        });
}

void ScatterView::setCurrentItem(const BrowserItem& item) {
    m_current = item;
    update();
}

QRectF ScatterView::plotRect() const {
    return QRectF(rect()).adjusted(52, 10, -12, -24);
}

QPointF ScatterView::placeOf(const Point& point) const {
    const QRectF plot = plotRect();
    return {plot.left() + (point.x - m_range.left()) / m_range.width() * plot.width(),
            plot.bottom() - (point.y - m_range.top()) / m_range.height() * plot.height()};
}

void ScatterView::paintAxes(QPainter& painter) const {
    const Tokens& t = tokens();
    const QRectF plot = plotRect();
    painter.setFont(monoFont(11));
    const double stepX = niceStep(m_range.width(), std::max(2, int(plot.width() / 90)));
    for (double x = std::ceil(m_range.left() / stepX) * stepX; x < m_range.right(); x += stepX) {
        const double at = placeOf({{}, x, 0, 0}).x();
        painter.setPen(t.hairline);
        painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()));
        painter.setPen(t.muted);
        painter.drawText(QRectF(at - 40, plot.bottom() + 4, 80, 16), Qt::AlignHCenter,
                         QString::number(std::abs(x) < stepX / 2 ? 0 : x, 'g', 4));
    }
    const double stepY = niceStep(m_range.height(), std::max(2, int(plot.height() / 50)));
    for (double y = std::ceil(m_range.top() / stepY) * stepY; y < m_range.bottom(); y += stepY) {
        const double at = placeOf({{}, 0, y, 0}).y();
        painter.setPen(t.hairline);
        painter.drawLine(QPointF(plot.left(), at), QPointF(plot.right(), at));
        painter.setPen(t.muted);
        painter.drawText(QRectF(0, at - 8, plot.left() - 6, 16), Qt::AlignRight | Qt::AlignVCenter,
                         QString::number(std::abs(y) < stepY / 2 ? 0 : y, 'g', 4));
    }
}

void ScatterView::paintNames(QPainter& painter) const {
    const Dataset& set = *m_data->any();
    std::vector<std::string> names = set.inputNames();
    if (names.size() == 1)
        for (const std::string& answer : set.answerNames()) names.push_back(answer);
    if (names.size() < 2) return;
    const QRectF plot = plotRect();
    painter.setFont(uiFont(12, QFont::DemiBold));
    painter.setPen(tokens().text);
    painter.drawText(plot.adjusted(0, 0, -4, -4), Qt::AlignRight | Qt::AlignBottom, q(names[0]));
    painter.drawText(plot.adjusted(6, 2, 0, 0), Qt::AlignLeft | Qt::AlignTop, q(names[1]));
}

void ScatterView::paintLegend(QPainter& painter) const {
    const Tokens& t = tokens();
    const auto shown = std::min<qsizetype>(m_data->groups.size(), kMostInLegend);
    if (shown == 0) return;
    painter.setFont(uiFont(12));
    int width = 0;
    for (qsizetype g = 0; g < shown; ++g)
        width = std::max(width, painter.fontMetrics().horizontalAdvance(m_data->groups[g]));
    const QRectF plot = plotRect();
    const QRectF box(plot.right() - width - 36, plot.top() + 8, width + 28, double(shown) * 18 + 8);
    QColor ground = t.surface;
    ground.setAlphaF(0.85F);
    painter.setPen(t.hairline);
    painter.setBrush(ground);
    painter.drawRoundedRect(box, 6, 6);
    for (qsizetype g = 0; g < shown; ++g) {
        const QRectF row(box.left() + 8, box.top() + 4 + double(g) * 18, box.width() - 12, 18);
        painter.setPen(Qt::NoPen);
        painter.setBrush(seriesColor(static_cast<int>(g)));
        painter.drawEllipse(QPointF(row.left() + 4, row.center().y()), 4, 4);
        painter.setPen(t.text);
        painter.drawText(row.adjusted(14, 0, 0, 0), Qt::AlignVCenter, m_data->groups[g]);
    }
}

void ScatterView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (!m_data || m_points.empty()) return;
    paintAxes(painter);
    painter.setPen(Qt::NoPen);
    for (const Point& point : m_points) {
        QColor colour = point.group >= 0 ? seriesColor(point.group) : tokens().accent;
        colour.setAlphaF(m_points.size() > 1500 ? 0.55F : 0.8F);
        painter.setBrush(colour);
        painter.drawEllipse(placeOf(point), kRadius, kRadius);
    }
    for (const Point& point : m_points)
        if (m_current && point.item == *m_current) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(tokens().text, 2));
            painter.drawEllipse(placeOf(point), kRadius + 4, kRadius + 4);
        }
    paintLegend(painter);
    paintNames(painter);
    if (static_cast<std::int64_t>(m_points.size()) < m_all) {
        painter.setFont(uiFont(11));
        painter.setPen(tokens().muted);
        painter.drawText(plotRect().adjusted(6, 22, 0, 0), Qt::AlignLeft | Qt::AlignTop,
                         tr("%1 of %2 points")
                             .arg(q(groupDigits(static_cast<std::int64_t>(m_points.size()))),
                                  q(groupDigits(m_all))));
    }
}

const ScatterView::Point* ScatterView::nearest(QPointF place) const {
    const Point* best = nullptr;
    double least = kNear;
    for (const Point& point : m_points) {
        const QPointF away = placeOf(point) - place;
        const double distance = std::hypot(away.x(), away.y());
        if (distance < least) {
            least = distance;
            best = &point;
        }
    }
    return best;
}

void ScatterView::mousePressEvent(QMouseEvent* event) {
    if (const Point* point = nearest(event->position())) Q_EMIT itemChosen(point->item);
}

bool ScatterView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const Point* point = nearest(help->pos()))
            QToolTip::showText(help->globalPos(),
                               tr("sample %1: %2, %3  %4")
                                   .arg(point->item.index)
                                   .arg(point->x)
                                   .arg(point->y)
                                   .arg(m_data->answerOf(point->item)),
                               this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

}  // namespace loom
