#pragma once

#include <QElapsedTimer>
#include <QFrame>
#include <QLabel>
#include <QTimer>
#include <QToolButton>
#include <optional>
#include <vector>

#include "widgets/plots/plot_view.h"
#include "widgets/plots/point_series.h"
#include "widgets/plots/smoothing.h"

class QHBoxLayout;

namespace loom {

class ElidedLabel;
class ChartLegend;
class ChartTip;

enum class ChartAxis { Epochs, Steps };
enum class ChartUnit { Number, Fraction };

/// How a curve of a chart looks. A smoothed one is drawn twice: its points faint, their moving
/// average strong.
struct ChartSeries {
    QString name;
    int color = 0;  ///< as seriesColor; kAccent: the theme's accent
    bool smoothed = false;
    bool markers = false;
    bool dashed = false;
    static constexpr int kAccent = -1;
};

/// Measured values over the steps of a run: keeps every point, draws few, follows what is new until
/// the user looks closer.
///
/// Units: x are steps everywhere; the axis shows epochs where steps per epoch are known.
class MetricChart : public QFrame {
    Q_OBJECT
public:
    MetricChart(const QString& title, ChartUnit unit, QWidget* parent = nullptr);
    ~MetricChart() override;

    int addSeries(const ChartSeries& style);
    void append(int series, double step, double value);
    void setStepsPerEpoch(int series, double steps);
    void setSeriesVisible(int series, bool visible);
    void clear();
    /// The x axis reaches to here while following; 0: to the last point.
    void setExpectedSteps(double steps);
    /// A thin upright line: something was changed here.
    void addEvent(double step);

    void setSmoothing(double weight);
    void setAxis(ChartAxis axis);
    void setLogarithmic(bool on);
    void setLegendShown(bool shown);
    void setNote(const QString& note);
    void setEmptyText(const QString& text);
    /// What stands above a saved picture, before the chart's own name: the run.
    void setPictureTitle(const QString& title) { m_pictureTitle = title; }

    bool isFollowing() const { return m_following; }
    bool isLogarithmic() const { return m_logarithmic; }
    /// In what x is counted: steps as long as the steps per epoch of a shown curve are not known,
    /// for two units on one axis would squash one of the curves.
    ChartAxis shownAxis() const;
    /// Shows everything, and what comes.
    void fit();
    /// Redraws soon; asked for often, it draws as often as costs little.
    void refresh();
    /// Draws what there is, at once: for pictures and tests.
    void drawNow();

    const PointSeries& points(int series) const { return m_series[index(series)].raw; }
    const PointSeries& smoothedPoints(int series) const { return m_series[index(series)].smooth; }
    std::size_t seriesCount() const { return m_series.size(); }
    PlotView* view() const { return m_view; }
    QHBoxLayout* headerLayout() const { return m_header; }

    bool savePicture(const QString& path);
    bool saveCsv(const QString& path) const;
    /// The same x range, follow state and crosshair in both.
    void linkTo(MetricChart* other);

Q_SIGNALS:
    void followChanged(bool following);
    void rangeChanged(double lowSteps, double highSteps, bool following);
    void crosshairMoved(double step);  ///< NaN: gone
    void axisChanged(loom::ChartAxis axis);

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void nameAxis();
    struct Series {
        ChartSeries style;
        PointSeries raw;
        PointSeries smooth;
        Smoother smoother{0};
        double stepsPerEpoch = 0;
        bool visible = true;
    };
    std::size_t index(int series) const { return static_cast<std::size_t>(series); }
    QColor colorOf(const Series& series) const;
    double unitsPerStep(const Series& series) const;
    double stepsPerUnit() const;
    const PointSeries& shown(const Series& series) const {
        return series.style.smoothed ? series.smooth : series.raw;
    }
    QString valueText(double value) const;
    void resmooth(Series& series);
    void rebuild();
    PlotView::Range followX() const;
    PlotView::Range followY(PlotView::Range x) const;
    void setRange(PlotView::Range x, PlotView::Range y, bool announce);
    void setFollowing(bool following);
    void zoom(double factor, QPointF at, bool horizontally, bool vertically);
    void pan(double dx, double dy);
    void zoomToBox(QRectF box);
    void moveCrosshair(QPointF at);
    void showCrosshair(double step, std::optional<QPoint> tipAt);
    void hideCrosshair();
    void showMenu(QPoint globalPosition);
    void updateHeader();

    QString m_title;
    ChartUnit m_unit;
    std::vector<Series> m_series;
    std::vector<double> m_events;
    double m_smoothing = 0.6;
    double m_expectedSteps = 0;
    ChartAxis m_axis = ChartAxis::Epochs;
    QString m_pictureTitle;
    bool m_logarithmic = false;
    bool m_legendShown = true;
    bool m_following = true;
    bool m_dirty = true;
    double m_drawnUnit = 1;  ///< steps per unit of `m_x`
    PlotView::Range m_x{0, 1};
    PlotView::Range m_y{0, 1};
    QElapsedTimer m_sinceDrawn;
    QTimer m_drawTimer;

    QHBoxLayout* m_header = nullptr;
    ChartLegend* m_legend = nullptr;
    ElidedLabel* m_note = nullptr;
    QLabel* m_alarm = nullptr;
    QToolButton* m_follow = nullptr;
    QLabel* m_empty = nullptr;
    PlotView* m_view = nullptr;
    ChartTip* m_tip = nullptr;
};

}  // namespace loom
