#pragma once

#include <QTimer>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/data/dataset.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/runs/try_outcome.h"
#include "widgets/runs/try_samples.h"
#include "widgets/runs/weights_choice.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace loom {

class BarList;
class DocumentController;
class DrawingPad;
class ElidedLabel;
class PreviewGrid;
class TrainingBridge;
class TryAnswer;
class TrySource;

/// A sample through the network: what it takes a picture for, what it gives for a row that is
/// typed, with the weights of the moment. Follows the drawing, the data and the weights.
class TryPage : public QWidget {
    Q_OBJECT
public:
    TryPage(DocumentController* controller, TrainingBridge* bridge, QWidget* parent = nullptr);

    /// Any picture file; problems are said on the page.
    void tryFile(const QString& path);
    void tryPicture(Picture picture);
    void setWeightFile(const QString& path);
    /// The best weights of a run of the list; empty: those that are used by themselves.
    void setRun(const QString& runFolder);
    /// Where runs are looked for while this window has none.
    void setRunsFolder(const QString& folder) { m_runsFolder = folder; }
    QString weightsName() const;
    /// A row of a table, or a point, as it is typed.
    void tryRow(const QString& text);
    BarList* bars() const;
    TryAnswer* answer() const { return m_answer; }
    QLineEdit* rowField() const;
    DrawingPad* pad() const;
    PreviewGrid* samples() const { return m_samples; }
    QString verdict() const;
    bool isComputing() const {
        return m_predictJob.isRunning() || m_sampleJob.isRunning() || m_findJob.isRunning();
    }

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void takeSamples();
    void showWords(const TrySamples& samples);
    void tryImage(const QImage& image);
    void tryInput(SampleInput input, const QString& truth);
    void tryDrawing();
    /// Tries again after a change; without a sample it only says whether the weights fit.
    void predict();
    void follow();
    void showOutcome(const TryOutcome& outcome);

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    TrySource* m_source;
    ElidedLabel* m_weights;
    TryAnswer* m_answer;
    QLabel* m_samplesHeading;
    ElidedLabel* m_unseen;  ///< whether the network learned from the samples
    PreviewGrid* m_samples;
    QPushButton* m_useRun;
    QTimer m_again;

    void lookForRun();
    WeightsChoice weightsChoice() const;

    QString m_weightFile;
    QString m_runFolder;  ///< chosen in the list of runs
    QString m_runsFolder;
    QString m_foundRun;  ///< the latest run that fits, once it was looked for
    LatestJob<QString> m_findJob;
    Tried m_tried;
    unsigned m_roll = 1;
    std::shared_ptr<const Project> m_followed;  ///< the document as the page last looked at it
    bool m_stale = false;                       ///< it has changed while the page was hidden
    std::vector<TrySamples::Item> m_taken;
    LatestJob<TrySamples> m_sampleJob;
    LatestJob<TryOutcome> m_predictJob;
};

}  // namespace loom
