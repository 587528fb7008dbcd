#pragma once

#include <QTimer>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/data/dataset.h"
#include "core/train/predictor.h"
#include "widgets/bridge/latest_job.h"
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
    QLineEdit* rowField() const { return m_row; }
    DrawingPad* pad() const { return m_pad; }
    PreviewGrid* samples() const { return m_samples; }
    QString verdict() const;
    bool isComputing() const {
        return m_predictJob.isRunning() || m_sampleJob.isRunning() || m_findJob.isRunning();
    }

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    /// What is tried: a picture or a sample of the set, or a row that was typed.
    struct Tried {
        std::optional<SampleInput> input;
        QString typed;
        QString truth;
        QStringList remarks;
        bool ofDataSet = false;
        bool invert = false;
        bool any() const { return input || !typed.isEmpty(); }
    };
    struct Outcome {
        Prediction made;
        bool classes = true;
        QString weights;
        QString foundRun;
        QString problem;
        QString hint;
        QImage seen;
    };
    void takeSamples();
    void showWords(const TrySamples& samples);
    void tryImage(const QImage& image);
    void tryInput(SampleInput input, const QString& truth);
    void tryDrawing();
    void setDrawing(bool on);
    /// Tries again after a change; without a sample it only says whether the weights fit.
    void predict();
    void follow();
    void showOutcome(const Outcome& outcome);

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    DrawingPad* m_pad;
    QLabel* m_heading;
    QWidget* m_pictureTools;
    QWidget* m_rowTools;
    QLineEdit* m_row;
    QLabel* m_rowColumns;
    ElidedLabel* m_weights;
    TryAnswer* m_answer;
    QLabel* m_samplesHeading;
    ElidedLabel* m_unseen;  ///< whether the network learned from the samples
    PreviewGrid* m_samples;
    QPushButton* m_draw;
    QPushButton* m_clear;
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
    LatestJob<Outcome> m_predictJob;
};

}  // namespace loom
