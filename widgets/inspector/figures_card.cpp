#include "widgets/inspector/figures_card.h"

#include <QGridLayout>
#include <QVBoxLayout>

namespace loom {

FiguresCard::FiguresCard(const QString& title, QWidget* parent)
    : Card(title, parent), m_grid(new QGridLayout) {
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(2);
    body()->addLayout(m_grid);
}

void FiguresCard::setFigures(const std::vector<Figure>& figures, int perRow) {
    while (m_labels.size() < figures.size()) {
        const int i = static_cast<int>(m_labels.size());
        auto* label = makeLabel({}, "small", this);
        auto* value = makeLabel({}, "number", this);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        const int row = i / perRow * 3, column = i % perRow;
        m_grid->addWidget(label, row, column);
        m_grid->addWidget(value, row + 1, column);
        if (row > 0) m_grid->setRowMinimumHeight(row - 1, 6);
        m_grid->setColumnStretch(column, 1);
        m_labels.emplace_back(label, value);
    }
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        const bool used = i < figures.size();
        m_labels[i].first->setVisible(used);
        m_labels[i].second->setVisible(used);
        if (!used) continue;
        m_labels[i].first->setText(figures[i].label);
        m_labels[i].second->setText(figures[i].value);
        m_labels[i].first->setToolTip(figures[i].toolTip);
        m_labels[i].second->setToolTip(figures[i].toolTip);
    }
}

}  // namespace loom
