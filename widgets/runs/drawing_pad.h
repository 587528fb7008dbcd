#pragma once

#include <QImage>
#include <QWidget>

namespace loom {

/// A black square to draw on with a white pen, as the pictures of MNIST are.
class DrawingPad : public QWidget {
    Q_OBJECT
public:
    explicit DrawingPad(QWidget* parent = nullptr);
    void clear();
    void setPicture(const QImage& picture);
    const QImage& picture() const { return m_image; }
    /// What is said where there is no picture.
    void setEmptyText(const QString& text);
    void setDrawing(bool on) { m_drawing = on; }
    QSize sizeHint() const override { return {280, 280}; }

Q_SIGNALS:
    /// A stroke ended.
    void drawn();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    void strokeTo(QPointF place);
    QRect target() const;
    QImage m_image;
    QString m_emptyText;
    QPointF m_last;
    bool m_drawing = false;
};

}  // namespace loom
