#pragma once

#include <QElapsedTimer>
#include <QImage>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "widgets/explain/window_sums.h"

namespace loom {

/// The sliding window at work: the input with its padding, the window on it, the numbers under it
/// and what becomes of them, and the output that fills up.
///
/// Keys: arrows move the window by one output, Space plays and pauses, Home begins again.
/// Mouse: dragging over the input moves the window, resting on an output shows its window.
class WindowView : public QWidget {
    Q_OBJECT
public:
    explicit WindowView(QWidget* parent = nullptr);

    /// Null empties the view. Choices stay where they still fit.
    void setSums(std::shared_ptr<const WindowSums> sums);
    const WindowSums* sums() const { return m_sums.get(); }

    std::int64_t outputChannel() const { return m_outputChannel; }
    std::int64_t inputChannel() const { return m_inputChannel; }
    std::int64_t depth() const { return m_depth; }
    void setOutputChannel(std::int64_t channel);
    void setInputChannel(std::int64_t channel);
    /// The slice of the window that is shown, where it has a depth.
    void setDepth(std::int64_t depth);

    /// Which output is being computed, counted row by row.
    std::int64_t place() const { return m_place; }
    void setPlace(std::int64_t place);
    void step();
    void restart();
    void setPlaying(bool playing);
    bool isPlaying() const { return m_playing; }
    bool isMoving() const { return m_timer.isActive(); }
    void setSpeed(double outputsPerSecond) { m_speed = outputsPerSecond; }
    /// Outputs that have been computed before the eyes.
    std::int64_t seenOutputs() const;

    WindowSums::Sum currentSum() const;
    /// The sum in words, as it stands under the picture.
    QString sentence() const;
    QPointF inputPoint(const Cell& place) const;  ///< the middle of a cell on the screen
    QPointF outputPoint(const Cell& place) const;

    QSize minimumSizeHint() const override { return {260, 260}; }
    QSize sizeHint() const override { return {520, 380}; }

Q_SIGNALS:
    void placeChanged(qint64 place);
    void playingChanged(bool playing);
    void channelsChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    /// A plane of numbers on the screen. Rows and columns may begin below 0, in the padding.
    struct Plane {
        QRectF area;
        std::int64_t firstRow = 0, firstColumn = 0, rows = 1, columns = 1;
        QSizeF cell() const {
            return {area.width() / static_cast<double>(columns),
                    area.height() / static_cast<double>(rows)};
        }
        QRectF cellRect(std::int64_t row, std::int64_t column) const;
        std::optional<Cell> at(const QPointF& point) const;
    };
    struct Bottom;
    Bottom bottom() const;
    void layOut();
    /// Somewhere in the middle, where the output differs most from the rest.
    std::int64_t tellingPlace() const;
    void rebuildImages();
    void markSeen(std::int64_t place);
    void advance();
    void updateTimer();
    void moved();
    void chooseNear(const QPointF& point);
    std::int64_t shownInputDepth() const;
    void paintInput(QPainter& painter, const WindowSums::Sum& sum);
    void paintPadding(QPainter& painter);
    void paintOutput(QPainter& painter);
    void paintLinks(QPainter& painter, const WindowSums::Sum& sum);
    void paintMatrices(QPainter& painter, const WindowSums::Sum& sum);
    void paintSpread(QPainter& painter);

    std::shared_ptr<const WindowSums> m_sums;
    std::int64_t m_outputChannel = 0, m_inputChannel = 0, m_depth = 0, m_place = 0;
    std::vector<bool> m_seen;
    Plane m_input, m_output;
    QImage m_inputImage, m_outputImage;
    std::int64_t m_inputImageDepth = -1;
    float m_inputLow = 0, m_inputHigh = 1, m_outputLow = 0, m_outputHigh = 1;
    double m_weightScale = 1;
    bool m_playing = false, m_dragging = false, m_resting = false;
    double m_speed = 8, m_due = 0;
    std::optional<Cell> m_hoveredInput;
    QTimer m_timer;
    QElapsedTimer m_clock;
};

}  // namespace loom
