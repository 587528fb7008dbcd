#pragma once

#include <QElapsedTimer>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/graph/diagnostic.h"
#include "core/train/session.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/runs/run_progress.h"

class QLabel;
class QLineEdit;
class QSplitter;

namespace loom {

class BatchPanel;
class Card;
class ChoiceForm;
class DocumentController;
class PreviewGrid;
class ReadinessCard;
class RunCurves;
class StartWeightsRow;
class SchedulePlot;
class TrainingBridge;
class TrainingFieldsForm;

/// The recipe, the run as it goes, and what the network saw last.
class TrainPage : public QWidget {
    Q_OBJECT
public:
    TrainPage(DocumentController* controller, TrainingBridge* bridge, QWidget* parent = nullptr);

    RunCurves* curves() const { return m_curves; }
    SchedulePlot* schedule() const { return m_schedule; }
    ProgressCard* progressCard() const { return m_progressCard; }
    PreviewGrid* lastBatch() const;
    BatchPanel* batchPanel() const { return m_batch; }
    QSplitter* splitter() const { return m_splitter; }
    const RunProgress& progress() const { return m_progress; }
    /// Feeds the page with what a run says; the bridge's signals end here.
    void runStarted(std::int64_t batchSize, const QString& recipe);
    void takeEvents(const std::vector<RunEvent>& events);
    void showBatch(const BatchSnapshot& batch);
    /// A run that is over, read back from its folder.
    void showFinished(const QString& status);
    /// What the last check of the data found, in a line; empty: nothing to warn of.
    /// Puts the keyboard where a field of the project file is set: "training.loss".
    /// Brings the card that lists the problem into view; false where it does not stand there.
    bool showProblem(const Diagnostic& problem);
    void showField(const QString& field);
    void setDataWarning(const QString& line);
    void setClassNames(std::vector<std::string> names);

Q_SIGNALS:
    void problemChosen(const loom::Diagnostic& problem);
    void dataWarningChosen();
    void exportAsked();
    void runFolderAsked();
    void resumeAsked();

private:
    QWidget* makeRecipe();
    QWidget* makeCentre();
    QWidget* makeSide();
    void reload();
    void showSchedule();
    void countSamples();
    /// Reads what a run that goes on has written before, and shows it before what comes.
    void readEarlier(const std::string& runFolder);
    void joinEarlier();
    void stateChanged(TrainingSession::State state);
    void showState();

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    QSplitter* m_splitter;
    std::vector<ChoiceForm*> m_choices;
    QLabel* m_groups = nullptr;  ///< blocks that train differently from the rest
    SchedulePlot* m_schedule = nullptr;
    std::optional<Choice> m_countedSet;  ///< whose samples were counted
    std::int64_t m_samples = 0;
    LatestJob<std::int64_t> m_counting;
    std::vector<TrainingFieldsForm*> m_fields;
    StartWeightsRow* m_start;
    ReadinessCard* m_readiness;
    QString m_dataWarning;
    ProgressCard* m_progressCard;
    RunCurves* m_curves;
    BatchPanel* m_batch;
    Card* m_runCard;
    QLabel* m_runText;
    QLineEdit* m_rate;
    QWidget* m_rateRow;

    RunProgress m_progress;
    QElapsedTimer m_sinceShown;
    int m_run = -1;
    QString m_message;
    QString m_hint;

    bool m_joining = false;        ///< events wait for those before them
    std::vector<RunEvent> m_held;  ///< meanwhile
    std::optional<std::vector<RunEvent>> m_earlier;
    LatestJob<std::vector<RunEvent>> m_earlierJob;
};

}  // namespace loom
