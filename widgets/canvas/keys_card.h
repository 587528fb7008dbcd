#pragma once

#include "widgets/style/controls.h"

namespace loom {

/// What mouse and keys do on the canvas, for whoever asks with `?`.
class KeysCard : public Card {
    Q_OBJECT
public:
    explicit KeysCard(QWidget* parent);
    /// Scrolls where the room is too low for all keys.
    void fitTo(const QSize& room);

protected:
    void mousePressEvent(QMouseEvent* event) override;

private:
    QScrollArea* m_area;
};

}  // namespace loom
