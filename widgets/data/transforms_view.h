#pragma once

#include <QWidget>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/preview.h"

class QButtonGroup;
class QLabel;
class QPushButton;
class QTimer;

namespace loom {

class Card;
class DatasetPanel;
class DocumentController;
class ElidedLabel;
class PreviewGrid;
class StepPanel;
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
    /// New draws, and other samples.
    void rollAgain();
    /// Steps of a kind at the end of the list, or after the chosen one.
    void addStep(const QString& kind);

    TransformStrip* strip() const { return m_strip; }
    PreviewGrid* grid() const { return m_grid; }
    bool isComputing() const;

protected:
    void showEvent(QShowEvent* event) override;

private:
    enum class View { Shown, Raw, Before };
    void build();
    void documentChanged();
    void requestPreview();
    void startPreview();
    void showPreview();
    void showStrip();
    void showGrid();
    void moveStep(int from, int to);
    void removeStep(int step);
    void copyTrainToTest();
    void useStatistics();
    void openPicker();
    void showProblems();
    const QImage& chosenView(const PreviewPicture& picture) const;

    DocumentController* m_controller;
    DatasetPanel* m_dataset;
    StepPanel* m_stepPanel;
    TransformStrip* m_strip;
    PreviewGrid* m_grid;
    QPushButton* m_train;
    QPushButton* m_test;
    QPushButton* m_add;
    QPushButton* m_copy;
    QLabel* m_title;
    ElidedLabel* m_note;
    QLabel* m_problem;
    QTimer* m_delay;

    Split m_split = Split::Train;
    View m_view = View::Shown;
    std::uint64_t m_roll = 0;
    std::int64_t m_sample = 0;
    bool m_stale = true;
    PreviewResult m_preview;
    LatestJob<PreviewResult> m_job;
};

}  // namespace loom
