// What can be done with a run of the list.

#include <QMenu>
#include <QPushButton>
#include <QTableWidget>
#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/train/run_claim.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/runs/run_buttons.h"
#include "widgets/runs/runs_page.h"

namespace loom {

namespace {
constexpr int kAgainMilliseconds = 2000;
}

void RunsPage::connectButtons() {
    const auto folder = [this] {
        const RunRecord* record = selectedRun();
        return record ? QString::fromStdString(record->folder) : QString();
    };
    connect(m_buttons, &RunButtons::tryAsked, this, [this, folder] { Q_EMIT tryAsked(folder()); });
    connect(m_buttons, &RunButtons::exportAsked, this,
            [this, folder] { Q_EMIT exportAsked(folder()); });
    connect(m_buttons, &RunButtons::resumeAsked, this, [this](int more) {
        const RunRecord* record = selectedRun();
        if (!record) return;
        Q_EMIT resumeAsked(QString::fromStdString(record->folder),
                           more > 0 ? record->epochsDone + more : 0);
    });
    connect(m_buttons, &RunButtons::stopAsked, this, &RunsPage::stopSelected);
    connect(m_bridge, &TrainingBridge::stateChanged, this, &RunsPage::showButtons);

    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QTableWidget::customContextMenuRequested, this, [this](const QPoint& place) {
        const QTableWidgetItem* item = m_table->itemAt(place);
        if (!item) return;
        if (!item->isSelected()) m_table->selectRow(item->row());
        auto* menu = new QMenu(this);
        menu->setObjectName(QStringLiteral("runMenu"));
        menu->setAttribute(Qt::WA_DeleteOnClose);
        m_buttons->fill(menu);
        menu->addSeparator();
        for (QPushButton* button : {m_open, m_show, m_delete})
            menu->addAction(button->text(), button, &QPushButton::click)
                ->setEnabled(button->isEnabled());
        menu->popup(m_table->viewport()->mapToGlobal(place));
    });

    m_again.setInterval(kAgainMilliseconds);
    connect(&m_again, &QTimer::timeout, this, [this] {
        const bool goesOn =
            std::any_of(m_records.begin(), m_records.end(),
                        [](const RunRecord& record) { return record.status == "running"; });
        if (isVisible() && goesOn && !isReading()) refresh();
    });
    m_again.start();
}

const RunRecord* RunsPage::selectedRun() const {
    const std::vector<int> rows = selectedRows();
    return rows.size() == 1 ? &m_records[static_cast<std::size_t>(rows.front())] : nullptr;
}

void RunsPage::showButtons() {
    m_buttons->show(selectedRun(), m_bridge->isActive());
}

void RunsPage::stopSelected() {
    const RunRecord* record = selectedRun();
    if (!record) return;
    if (m_bridge->isActive() && m_bridge->session()->runFolder() == record->folder) {
        m_bridge->stop();
        return;
    }
    const Status asked = askToStop(record->folder);
    if (asked) m_askedToStop = QString::fromStdString(record->folder);
    Q_EMIT said(asked ? tr("The run was asked to stop; it ends after the batch in hand.")
                      : QString::fromStdString(asked.error().message + " " + asked.error().hint));
}

}  // namespace loom
