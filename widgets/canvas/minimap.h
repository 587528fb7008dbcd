#pragma once

#include <QWidget>

namespace loom {

class CanvasView;

/// The whole network in a corner, with a frame around what the canvas shows. A click or drag goes
/// there.
class Minimap : public QWidget {
    Q_OBJECT
public:
    explicit Minimap(CanvasView& view);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    QTransform sceneToMap() const;
    void goTo(const QPointF& at);

    CanvasView& m_view;
};

}  // namespace loom
