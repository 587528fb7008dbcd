#pragma once

#include <QImage>
#include <QString>
#include <QStringList>
#include <QWidget>
#include <vector>

class QScrollArea;

namespace loom {

/// A card of the strip: a transform with the picture after it.
struct StripCard {
    QString title;
    QString badge;       ///< its parameters in few characters
    QString caption;     ///< what the sample is now
    QString draws = {};  ///< what it drew: "angle 12.4"
    QImage picture = {};
    std::vector<QImage> others = {};  ///< further views of the sample, after FiveCrop
    QStringList inner = {};           ///< the steps it is made of
    bool failed = false;
    QString toolTip = {};
};

/// The steps of a pipeline in a row, the source first. Steps are chosen, moved with the mouse or
/// Alt and the arrow keys, doubled (Ctrl+D) and removed (Del); what happens to the document is the
/// page's part.
class TransformStrip : public QWidget {
    Q_OBJECT
public:
    explicit TransformStrip(QWidget* parent = nullptr);

    void setCards(std::vector<StripCard> cards);
    const std::vector<StripCard>& cards() const { return m_cards; }
    /// -1: nothing; 0: the source; i: step i - 1.
    void setSelected(int card);
    int selected() const { return m_selected; }
    /// Steps can be chosen, but not changed.
    void setReadOnly(bool readOnly) { m_readOnly = readOnly; }
    QRect cardRect(int card) const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void selectionChanged(int card);
    void moveAsked(int fromStep, int toStep);
    void removeAsked(int step);
    void duplicateAsked(int step);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    int cardWidth(const StripCard& card) const;
    int cardAt(QPoint place) const;
    QRect closeRect(int card) const;
    /// The step position a card dropped at `x` takes.
    int dropStep(int x) const;
    int bodyWidth(const StripCard& card) const;
    void paintBody(QPainter& painter, const StripCard& card, QRect body) const;
    void paintCard(QPainter& painter, const StripCard& card, QRect rect, int number) const;
    void relayout();

    std::vector<StripCard> m_cards;
    std::vector<QRect> m_rects;
    int m_selected = -1;
    int m_hovered = -1;
    int m_pressed = -1;
    bool m_dragging = false;
    bool m_readOnly = false;
    QPoint m_pressedAt;
    QPoint m_mouse;
};

/// Scrolls the strip sideways and follows the chosen card.
QScrollArea* makeStripScroll(TransformStrip* strip);

}  // namespace loom
