#pragma once

#include <QElapsedTimer>
#include <memory>

#include "core/base/choice.h"
#include "core/data/download/download.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/style/controls.h"

class QProgressBar;
class QTimer;

namespace loom {

class Activity;

/// Brings a data set to this machine: how large it is, how far it has come, and what went wrong.
/// What has come of it is kept when it is cancelled or fails, and continued the next time.
class DownloadCard : public Card {
    Q_OBJECT
public:
    explicit DownloadCard(QWidget* parent = nullptr);
    ~DownloadCard() override;
    /// What to offer. Hides itself where nothing can be fetched. Another choice ends a download.
    void setChoice(const Choice& choice, bool found);
    bool isRunning() const { return m_job.isRunning(); }
    void start();
    void cancel();

Q_SIGNALS:
    /// It is there now.
    void fetched();

private:
    struct Shared;
    void showOffer();
    void showProgress();
    void setRunning(bool running);

    Choice m_choice;
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_problem;
    QProgressBar* m_bar;
    QLabel* m_progress;
    QPushButton* m_download;
    QPushButton* m_cancel;
    QTimer* m_timer;
    std::unique_ptr<Activity> m_activity;  ///< while it runs
    bool m_begun = false;  ///< a part of it may lie here already
    std::shared_ptr<Shared> m_shared;
    LatestJob<Status> m_job;
};

/// "12.5 MB of 26.4 MB · 3.1 MB/s · 5 s left".
QString progressText(const DownloadProgress& progress);

}  // namespace loom
