#pragma once

#include <QElapsedTimer>
#include <QWidget>
#include <atomic>
#include <memory>
#include <optional>

#include "core/data/check/dataset_check.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/data/browser_data.h"
#include "widgets/data/thumbnails.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QTimer;
class QVBoxLayout;

namespace loom {

class Activity;

class DocumentController;
class FindingCard;

/// Looks through the whole data set for what would spoil a training, and shows what it found.
class CheckPanel : public QWidget {
    Q_OBJECT
public:
    explicit CheckPanel(DocumentController* controller, QWidget* parent = nullptr);
    ~CheckPanel() override;
    bool isComputing() const { return m_job.isRunning() || m_pictureJob.isRunning(); }

    void start();
    void stop();
    /// Of the last check; null before the first and after the data set was changed.
    const DatasetCheckReport* report() const { return m_report ? &*m_report : nullptr; }
    /// What the last check says in one line; empty when there is nothing to warn of.
    QString warningLine() const;
    const std::vector<FindingCard*>& cards() const { return m_cards; }

Q_SIGNALS:
    void reportChanged();
    /// These samples are to be looked at.
    void samplesAsked(const QString& title, const std::vector<loom::BrowserItem>& items);

private:
    /// What the worker tells while it reads, and hears.
    struct Progress {
        std::atomic<std::int64_t> done = 0;
        std::atomic<std::int64_t> total = 0;
        std::atomic<bool> stopped = false;
    };
    QWidget* makeHead();
    void documentChanged();
    void showProgress();
    void showReport();
    void readPictures();
    void applyFix(const DataFix& fix);
    void setRunning(bool running);

    DocumentController* m_controller;
    QLabel* m_summary;
    QLabel* m_outdated;
    QLabel* m_progressText;
    QProgressBar* m_bar;
    QPushButton* m_check;
    QPushButton* m_stop;
    QTimer* m_timer;
    QElapsedTimer m_clock;
    QVBoxLayout* m_list;
    std::vector<FindingCard*> m_cards;
    std::optional<DatasetCheckReport> m_report;
    DataSection m_checked;  ///< what the report is of
    std::shared_ptr<Progress> m_progress;
    std::unique_ptr<Activity> m_activity;  ///< while it runs
    LatestJob<DatasetCheckReport> m_job;
    LatestJob<std::vector<std::vector<QImage>>> m_pictureJob;
};

/// "5 s", "2 min", of what is left of a work whose part `done` took `seconds`.
QString timeLeftText(double done, double seconds);

}  // namespace loom
