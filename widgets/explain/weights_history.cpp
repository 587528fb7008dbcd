#include "widgets/explain/weights_history.h"

#include <QHeaderView>
#include <QScrollBar>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cstddef>

#include "widgets/bridge/strings.h"
#include "widgets/explain/tensor_model.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kHeight = 150;
/// The latest; the table is for following a run, not for keeping it.
constexpr std::size_t kMostRows = 500;

}  // namespace

WeightsHistory::WeightsHistory(QWidget* parent) : QWidget(parent), m_table(new QTableWidget(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(makeLabel(tr("After each epoch"), "small", this));
    m_table->setObjectName(QStringLiteral("weightsHistory"));
    m_table->setAccessibleName(tr("Weights after each epoch"));
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(22);
    m_table->setFont(monoFont(12));
    m_table->setFixedHeight(kHeight);
    column->addWidget(m_table);
    hide();
}

void WeightsHistory::setHistory(const std::vector<EpochWeights>& history) {
    setVisible(!history.empty());
    if (history.empty()) return;
    const std::size_t first = history.size() > kMostRows ? history.size() - kMostRows : 0;
    QStringList names{tr("epoch")};
    for (const NamedTensor& entry : history.front().weights.tensors) {
        const std::size_t count = numbersOf(entry.tensor).size();
        for (std::size_t i = 0; i < count; ++i)
            names << (count == 1 ? q(entry.name) : q(entry.name) + QStringLiteral("[%1]").arg(i));
    }
    const QScrollBar* bar = m_table->verticalScrollBar();
    const bool atEnd = bar->value() == bar->maximum();
    m_table->setColumnCount(static_cast<int>(names.size()));
    m_table->setHorizontalHeaderLabels(names);
    m_table->setRowCount(static_cast<int>(history.size() - first));
    for (std::size_t at = first; at < history.size(); ++at) {
        QStringList texts{QString::number(history[at].epoch)};
        for (const NamedTensor& entry : history[at].weights.tensors)
            for (const double number : numbersOf(entry.tensor)) texts << weightText(number);
        const int row = static_cast<int>(at - first);
        for (int column = 0; column < std::min(texts.size(), names.size()); ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_table->setItem(row, column, item);
        }
    }
    m_table->resizeColumnsToContents();
    if (atEnd) m_table->scrollToBottom();
}

}  // namespace loom
