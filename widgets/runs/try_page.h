#pragma once

#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "core/data/dataset.h"
#include "core/train/network_use.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/runs/weights_choice.h"

class QLabel;
class QPushButton;

namespace loom {

class BarList;
class DocumentController;
class DrawingPad;
class PreviewGrid;
class TrainingBridge;

/// A picture through the network: what it takes the picture for, with the weights of the moment.
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
    BarList* bars() const { return m_bars; }
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
    struct TestSample {
        QImage image;
        SampleInput input;
        QString className;
    };
    struct Samples {
        std::vector<TestSample> items;
        QString problem;
    };
    struct Outcome {
        std::vector<ClassScore> scores;
        std::optional<TensorSample> numbers;  ///< where the answer is no class
        QString weights;
        QString foundRun;
        QString problem;
        QString hint;
    };
    void takeSamples();
    void tryImage(const QImage& image);
    void tryInput(SampleInput input, const QString& truth);
    void tryDrawing();
    void setDrawing(bool on);
    void predict();
    void showOutcome(const Outcome& outcome);
    void showNumbers(const TensorSample& numbers);

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    DrawingPad* m_pad;
    QLabel* m_weights;
    QLabel* m_verdict;
    QLabel* m_detail;
    BarList* m_bars;
    QLabel* m_given;  ///< the picture that an autoencoder gives back
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
    std::optional<SampleInput> m_input;
    QString m_truth;
    unsigned m_roll = 1;
    std::vector<TestSample> m_taken;
    LatestJob<Samples> m_sampleJob;
    LatestJob<Outcome> m_predictJob;
};

}  // namespace loom
