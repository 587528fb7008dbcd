#pragma once

#include <QColor>
#include <QRectF>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "widgets/plots/plot_caption.h"
#include "widgets/plots/point_series.h"

namespace loom {

/// One line of a plot, ready to draw.
struct PlotCurve {
    std::vector<PointSeries::Point> points;
    QColor color;
    double width = 1;
    bool dashed = false;
    bool markers = false;
};

/// Axes, grid and curves: what is drawn, without knowing what it means. The only place that names
/// QCustomPlot.
class PlotView : public QWidget {
    Q_OBJECT
public:
    explicit PlotView(QWidget* parent = nullptr);
    ~PlotView() override;

    struct Range {
        double low = 0;
        double high = 1;
    };
    void setCurves(const std::vector<PlotCurve>& curves);
    /// Triangles along the bottom, for values that are not numbers.
    void setAlarms(const std::vector<double>& xs);
    /// Thin upright lines, for things that happened.
    void setEvents(const std::vector<double>& xs);
    void setRanges(Range x, Range y);
    Range rangeX() const;
    Range rangeY() const;
    void setLogarithmic(bool on);
    void setPercent(bool on);
    void setAxisLabel(const QString& label);
    QString axisLabel() const;
    /// What the values are, along the upright axis; empty: nothing.
    void setValueLabel(const QString& label);
    /// The next drag of the left button draws a box, as with Shift held.
    void beginBox();

    /// The upright line under the mouse with a dot on each curve.
    void setCrosshair(std::optional<double> x, const std::vector<PlotCurve>& dots = {});
    /// Draws once in the next turn of the event loop, however often it is asked.
    void redraw();
    void drawNow();
    /// What the last drawing cost.
    double drawMilliseconds() const;

    QRect plotArea() const;
    double xAt(double pixel) const;
    double yAt(double pixel) const;
    double pixelOfX(double x) const;

    /// The plot as a picture that stands by itself, with title, labels of both axes and legend, by
    /// the file's ending: .png (twice the pixels), .svg or .pdf.
    bool save(const QString& path, const PlotCaption& caption);

    QSize sizeHint() const override { return {480, 220}; }

Q_SIGNALS:
    /// The wheel turned at a place: ranges are to shrink by `factor` around it.
    void zoomed(double factor, QPointF at, bool horizontally, bool vertically);
    void panned(double dx, double dy);
    /// A box was drawn to look closer at; a side that was hardly moved along is the plot's own.
    void boxed(QRectF box);
    void fitAsked();
    void hovered(QPointF at);
    void left();
    void menuAsked(QPoint globalPosition);
    void areaChanged();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void restyle();
    void applyMargins();
    void showBox(QPointF to);
    void finishBox();

    struct Private;
    std::unique_ptr<Private> d;
};

}  // namespace loom
