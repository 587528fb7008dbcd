#pragma once

#include <QWidget>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/browser_data.h"

namespace loom {

/// Samples as points in a plane, coloured by class: inputs of two numbers, or one number against
/// its answer.
class ScatterView : public QWidget {
    Q_OBJECT
public:
    struct Point {
        BrowserItem item;
        double x = 0;
        double y = 0;
        int group = -1;
    };
    explicit ScatterView(QWidget* parent = nullptr);
    /// Whether these samples are such points.
    static bool canShow(const BrowserData& data);
    void setData(std::shared_ptr<const BrowserData> opened);
    void setItems(std::vector<BrowserItem> items);
    void setCurrentItem(const BrowserItem& item);
    const std::vector<Point>& points() const { return m_points; }
    QPointF placeOf(const Point& point) const;
    bool isComputing() const { return m_job.isRunning(); }
    QSize sizeHint() const override { return {400, 260}; }

Q_SIGNALS:
    void itemChosen(const loom::BrowserItem& item);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF plotRect() const;
    const Point* nearest(QPointF place) const;
    void paintAxes(class QPainter& painter) const;
    void paintLegend(class QPainter& painter) const;
    void paintNames(class QPainter& painter) const;

    std::shared_ptr<const BrowserData> m_data;
    std::vector<Point> m_points;
    QRectF m_range{0, 0, 1, 1};
    std::optional<BrowserItem> m_current;
    std::int64_t m_all = 0;
    LatestJob<std::vector<Point>> m_job;
};

}  // namespace loom
