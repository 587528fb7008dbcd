#pragma once

#include <QImage>
#include <QString>
#include <QWidget>
#include <vector>

namespace loom {

/// A card of the strip: a transform with the picture after it.
struct StripCard {
    QString title;
    QString badge;    ///< its parameters in few characters
    QString caption;  ///< what it drew, or what the sample is now
    QImage picture;
    bool failed = false;
    QString toolTip;
};

/// The steps of a pipeline in a row, the source first. Steps are chosen, moved with the mouse or
/// Alt and the arrow keys, and removed; what happens to the document is the page's part.
class TransformStrip : public QWidget {
    Q_OBJECT
public:
    explicit TransformStrip(QWidget* parent = nullptr);

    void setCards(std::vector<StripCard> cards);
    const std::vector<StripCard>& cards() const { return m_cards; }
    /// -1: nothing; 0: the source; i: step i - 1.
    void setSelected(int card);
    int selected() const { return m_selected; }
    QRect cardRect(int card) const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void selectionChanged(int card);
    void moveAsked(int fromStep, int toStep);
    void removeAsked(int step);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    int cardWidth(const StripCard& card) const;
    int cardAt(QPoint place) const;
    QRect closeRect(int card) const;
    /// The step position a card dropped at `x` takes.
    int dropStep(int x) const;
    void paintCard(QPainter& painter, const StripCard& card, QRect rect, int number) const;
    void relayout();

    std::vector<StripCard> m_cards;
    std::vector<QRect> m_rects;
    int m_selected = -1;
    int m_hovered = -1;
    int m_pressed = -1;
    bool m_dragging = false;
    QPoint m_pressedAt;
    QPoint m_mouse;
};

}  // namespace loom
