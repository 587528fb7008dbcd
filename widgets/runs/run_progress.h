#pragma once

#include <QString>
#include <deque>
#include <vector>

#include "core/train/best_epoch.h"
#include "core/train/run_log.h"
#include "widgets/style/controls.h"

class QProgressBar;

namespace loom {

/// How far a run is and how fast, from its events alone.
class RunProgress {
public:
    void begin(std::int64_t batchSize);
    void add(const RunEvent& event);
    std::int64_t step() const { return m_step; }
    std::int64_t totalSteps() const { return m_total; }
    std::int64_t epoch() const { return m_epoch; }
    std::int64_t epochs() const { return m_epochs; }
    double fraction() const;
    /// Of the last seconds; NaN before it can be told.
    double samplesPerSecond() const;
    double secondsLeft() const;
    double elapsed() const { return m_elapsed; }
    /// The best epoch so far, as everywhere.
    const BestEpoch& best() const { return m_best; }
    /// Samples left out because they could not be read, and what was said of the latest.
    std::int64_t skipped() const { return m_skipped; }
    const QString& skippedMessage() const { return m_skippedMessage; }
    double learningRate() const { return m_rate; }
    double lastLoss() const { return m_loss; }
    /// "step 3,377 of 4,690 · 1,870 samples/s · 45 s left".
    QString text() const;

private:
    struct Mark {
        std::int64_t step;
        double elapsed;
    };
    std::deque<Mark> m_marks;
    std::int64_t m_batch = 0;
    std::int64_t m_step = 0;
    std::int64_t m_total = 0;
    std::int64_t m_stepsPerEpoch = 0;
    std::int64_t m_epoch = 0;
    std::int64_t m_epochs = 0;
    double m_elapsed = 0;
    double m_testSeconds = 0;  ///< of an epoch's test pass
    double m_lastStepElapsed = 0;
    BestEpoch m_best;
    double m_rate = kNoNumber;
    double m_loss = kNoNumber;
    std::int64_t m_skipped = 0;
    QString m_skippedMessage;
};

/// "45 s", "12 min 5 s", "3 h 20 min".
QString durationText(double seconds);

/// "Best test accuracy 91.2 % after epoch 3."; of the loss where there are no classes.
QString bestText(const RunEvent& epoch);

/// The line above the curves: epoch, bar, speed; after the end what came out of it.
class ProgressCard : public Card {
    Q_OBJECT
public:
    explicit ProgressCard(QWidget* parent = nullptr);
    void showIdle(const QString& text, bool ready = true);
    void showProgress(const RunProgress& progress, const QString& state);
    /// status as the session names it.
    void showEnd(const RunProgress& progress, const QString& status, const QString& message,
                 const QString& hint, bool hasFolder);
    QPushButton* exportButton() const { return m_export; }
    QPushButton* folderButton() const { return m_folder; }
    QPushButton* resumeButton() const { return m_resume; }

Q_SIGNALS:
    void exportAsked();
    void folderAsked();
    void resumeAsked();

private:
    QLabel* m_title;
    QProgressBar* m_bar;
    ElidedLabel* m_text;
    QWidget* m_endRow;
    QLabel* m_result;
    QPushButton* m_export;
    QPushButton* m_folder;
    QPushButton* m_resume;
};

}  // namespace loom
