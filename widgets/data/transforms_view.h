#pragma once

#include <QWidget>

#include "core/data/transforms/pipeline_fixes.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/data/preview.h"
#include "widgets/data/sample_look.h"
#include "widgets/data/step_examples.h"

class QButtonGroup;
class QLabel;
class QPushButton;
class QTimer;

namespace loom {

class Card;
class DatasetPanel;
class DocumentController;
class ElidedLabel;
class KindPicker;
class PreviewGrid;
class SampleInspector;
class StepPanel;
struct StripCard;
class TransformStrip;

/// What happens to the pictures, and what the network will see of them: the steps as a strip, and
/// a grid of what comes out. The chosen step's parameters stand in the panel beside.
class TransformsView : public QWidget {
    Q_OBJECT
public:
    TransformsView(DocumentController* controller, DatasetPanel* dataset, StepPanel* stepPanel,
                   QWidget* parent = nullptr);
    ~TransformsView() override;

    Split split() const { return m_split; }
    void setSplit(Split split);
    /// Chooses a step of the strip; -1: the source.
    void selectStep(int step);
    /// Shows what the steps make of this sample.
    void followSample(Split split, std::int64_t sample);
    /// A sample of the user's own through the steps; it does not become part of the data set.
    void showOwn(SampleInput input, const QString& name);
    /// New draws, and other samples.
    void rollAgain();
    /// A step of a kind at the end of the list, or after the chosen one; or, by the name of
    /// published weights, the steps that these expect in place of the list.
    void addStep(const QString& kind);

    TransformStrip* strip() const { return m_strip; }
    /// Other samples through all steps.
    PreviewGrid* grid() const { return m_grid; }
    /// The followed sample in several draws; empty where no step draws.
    PreviewGrid* rolls() const { return m_rolls; }
    /// Null until a sample was looked at closely.
    SampleInspector* inspector() const { return m_inspector; }
    KindPicker* openPicker();
    void applyFix(int fix);
    /// Its name; empty when there is none.
    QString takeFirstFix();
    bool isComputing() const;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void useSteps(const QString& name, const std::vector<Choice>& steps);
    enum class View { Shown, Raw, Before };
    void build();
    Card* makeStripCard();
    Card* makeGridCard();
    QWidget* makeViewTabs();
    void documentChanged();
    void requestPreview();
    void startPreview();
    void showPreview();
    StripCard sourceCard() const;
    StripCard stepCard(const Choice& step) const;
    void showStrip();
    void showGrid();
    void inspect(const PreviewCell& cell);
    void moveStep(int from, int to);
    void removeStep(int step);
    void duplicateStep(int step);
    void copyTrainToTest();
    void useStatistics();
    void showProblems();
    bool hasProblem(Split split) const;
    void showListProblem(QString& message, QString& hint) const;
    void showFixes(const QString& message);
    Choice freshChoice(const TransformKind& kind) const;
    const QImage& chosenView(const PreviewPicture& picture) const;

    DocumentController* m_controller;
    DatasetPanel* m_dataset;
    StepPanel* m_stepPanel;
    TransformStrip* m_strip;
    PreviewGrid* m_rolls;
    PreviewGrid* m_grid;
    QLabel* m_rollsTitle;
    QLabel* m_gridTitle;
    SampleInspector* m_inspector = nullptr;
    QPushButton* m_train;
    QPushButton* m_test;
    QPushButton* m_add;
    QPushButton* m_copy;
    QLabel* m_problem;
    QWidget* m_fixRow;
    std::vector<PipelineFix> m_fixes;
    QPushButton* m_own;  ///< back from a sample of the user's own
    QTimer* m_delay;

    Split m_split = Split::Train;
    View m_view = View::Shown;
    std::uint64_t m_roll = 0;
    std::int64_t m_sample = 0;
    bool m_stale = true;
    PreviewResult m_preview;
    std::optional<SampleInput> m_ownSample;
    QString m_ownName;
    LatestJob<PreviewResult> m_job;
    LatestJob<std::vector<StepExample>> m_exampleJob;
};

}  // namespace loom
