#pragma once

#include <QTimer>
#include <QWidget>
#include <vector>

#include "core/train/run_folder.h"
#include "widgets/bridge/latest_job.h"

class QLabel;
class QPushButton;
class QSplitter;
class QTableWidget;

namespace loom {

class Card;
class EmptyState;
class RunButtons;
class RunCurves;
class TrainingBridge;

/// All runs of this machine: their results, their curves over each other, and what differs.
class RunsPage : public QWidget {
    Q_OBJECT
public:
    explicit RunsPage(TrainingBridge* bridge, QWidget* parent = nullptr);

    void setFolder(const QString& folder);
    QString folder() const { return m_folder; }
    /// Reads the list again, off the GUI's thread.
    void refresh();
    bool isReading() const { return m_listJob.isRunning() || m_eventsJob.isRunning(); }
    void deleteSelected();
    void undoDelete();

    RunButtons* buttons() const { return m_buttons; }
    QTableWidget* table() const { return m_table; }
    RunCurves* curves() const { return m_curves; }
    QSplitter* splitter() const { return m_splitter; }
    QString differences() const;

Q_SIGNALS:
    void said(const QString& message);
    /// A run's project is wanted in the window.
    void openAsked(const QString& projectFile);
    void tryAsked(const QString& runFolder);
    void exportAsked(const QString& runFolder);
    /// `epochs` in all; 0: as many as were planned.
    void resumeAsked(const QString& runFolder, std::int64_t epochs);

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum Column { NameColumn, StatusColumn, BestColumn, EpochsColumn, StartedColumn, Columns };
    QString statusOf(const RunRecord& record) const;
    void fitColumns();
    struct LoadedRun {
        RunRecord record;
        std::vector<RunEvent> events;
        QString problem;
        std::vector<std::pair<std::string, std::string>> settings;
    };
    void showList(std::vector<RunRecord> records);
    void selectionChanged();
    void showRuns(const std::vector<LoadedRun>& runs);
    std::vector<int> selectedRows() const;
    /// The one run that is selected; null for none and for several.
    const RunRecord* selectedRun() const;
    void connectButtons();
    void showButtons();
    void stopSelected();

    TrainingBridge* m_bridge;
    QString m_folder;
    std::vector<RunRecord> m_records;
    QSplitter* m_splitter;
    QTableWidget* m_table;
    EmptyState* m_empty;
    QWidget* m_listSide;
    RunCurves* m_curves;
    Card* m_differenceCard;
    QLabel* m_differences;
    RunButtons* m_buttons;
    QPushButton* m_open;
    QPushButton* m_show;
    QPushButton* m_delete;
    QPushButton* m_undo;
    std::vector<std::pair<QString, QString>> m_trashed;  ///< from, to
    QTimer m_again;  ///< a run of another program ends without a word to this one
    LatestJob<std::vector<RunRecord>> m_listJob;
    LatestJob<std::vector<LoadedRun>> m_eventsJob;
    QString m_askedToStop;  ///< the folder of a run of another window
};

}  // namespace loom
