#pragma once

#include "widgets/style/controls.h"

namespace loom {

/// What mouse and keys do on the canvas, for whoever asks with `?`.
class KeysCard : public Card {
    Q_OBJECT
public:
    explicit KeysCard(QWidget* parent);

protected:
    void mousePressEvent(QMouseEvent* event) override;
};

}  // namespace loom
