// Which columns the list of runs has room for, and what they say of a run of this window.

#include <QEvent>
#include <QHeaderView>
#include <QTableWidget>
#include <algorithm>
#include <string>

#include "widgets/bridge/training_bridge.h"
#include "widgets/runs/runs_page.h"

namespace loom {

namespace {

/// The widest cell; QTableView keeps its own measure to itself.
int columnContent(const QTableWidget& table, int column) {
    constexpr int kPadding = 24;
    int widest = 0;
    for (int row = 0; row < table.rowCount(); ++row)
        if (const QTableWidgetItem* item = table.item(row, column))
            widest = std::max(widest, table.fontMetrics().horizontalAdvance(item->text()));
    return widest + kPadding;
}

}  // namespace

QString RunsPage::statusOf(const RunRecord& record) const {
    using State = TrainingSession::State;
    const bool own = m_bridge->isActive() && m_bridge->session()->runFolder() == record.folder;
    const bool paused = m_bridge->state() == State::Paused || m_bridge->state() == State::Pausing;
    // The record of a run does not tell a pause from training; its own window knows.
    return own && paused ? tr("paused") : QString::fromStdString(record.status);
}

bool RunsPage::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_table && event->type() == QEvent::Resize) fitColumns();
    return QWidget::eventFilter(watched, event);
}

void RunsPage::fitColumns() {
    // What a run is called matters most; when it began and how long it was stand in the tool tip.
    constexpr int kLeastName = 140;
    QHeaderView* header = m_table->horizontalHeader();
    const auto widthOf = [&](int column) {
        const int content = columnContent(*m_table, column);
        return std::max(content, header->sectionSizeHint(column));
    };
    int left = m_table->viewport()->width() - kLeastName;
    for (const int column : {StatusColumn, BestColumn}) left -= widthOf(column);
    for (const int column : {EpochsColumn, StartedColumn}) {
        left -= widthOf(column);
        m_table->setColumnHidden(column, left < 0);
    }
    const bool stretches =
        m_table->viewport()->width() - widthOf(StatusColumn) - widthOf(BestColumn) >= kLeastName;
    header->setSectionResizeMode(NameColumn, stretches ? QHeaderView::Stretch : QHeaderView::Fixed);
    if (!stretches) header->resizeSection(NameColumn, kLeastName);
}

}  // namespace loom
