#pragma once

#include <QImage>
#include <QWidget>
#include <vector>

namespace loom {

/// Two pictures, before and after: beside each other, or one over the other with an edge that the
/// mouse or the arrow keys move.
class CompareView : public QWidget {
    Q_OBJECT
public:
    enum class Mode { SideBySide, Slider };
    explicit CompareView(QWidget* parent = nullptr);

    void setPictures(const QImage& before, const QImage& after);
    /// Several pictures after, in place of one: the views that FiveCrop makes.
    void setViews(const QImage& before, std::vector<QImage> views);
    void setTitles(const QString& before, const QString& after);
    void setMode(Mode mode);
    Mode mode() const { return m_mode; }
    /// Where the edge stands, 0..1 from the left.
    double edge() const { return m_edge; }
    QSize sizeHint() const override { return {560, 340}; }
    QSize minimumSizeHint() const override { return {260, 180}; }

Q_SIGNALS:
    /// The mouse is over a pixel of the picture after (`after`) or before; (-1, -1): over none.
    void hovered(bool after, QPoint pixel);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    QRect half(bool after) const;
    QRect placed(const QImage& image, QRect room) const;
    void paintTitled(QPainter& painter, const QImage& image, bool after) const;
    void paintViews(QPainter& painter) const;
    void paintSlider(QPainter& painter) const;
    void setEdge(double edge);

    QImage m_before;
    QImage m_after;
    std::vector<QImage> m_views;
    QString m_titleBefore;
    QString m_titleAfter;
    Mode m_mode = Mode::SideBySide;
    double m_edge = 0.5;
};

}  // namespace loom
