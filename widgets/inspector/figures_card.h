#pragma once

#include <utility>
#include <vector>

#include "widgets/style/controls.h"

class QGridLayout;

namespace loom {

/// Labels above numbers, side by side: Parameters 832, MACs 540.8 k, Memory 86.5 kB.
class FiguresCard : public Card {
    Q_OBJECT
public:
    explicit FiguresCard(const QString& title = {}, QWidget* parent = nullptr);
    struct Figure {
        QString label, value, toolTip;
    };
    void setFigures(const std::vector<Figure>& figures, int perRow = 3);

private:
    QGridLayout* m_grid;
    std::vector<std::pair<QLabel*, QLabel*>> m_labels;
};

}  // namespace loom
