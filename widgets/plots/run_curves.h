#pragma once

#include <QSize>
#include <QWidget>
#include <vector>

#include "core/train/best_epoch.h"
#include "core/train/run_log.h"

class QLabel;
class QSlider;

namespace loom {

class MetricChart;

/// Loss above accuracy, of one run as it goes or of several over each other.
class RunCurves : public QWidget {
    Q_OBJECT
public:
    explicit RunCurves(QWidget* parent = nullptr);

    void clear();
    /// A run of its own: "train" and "test". With a name, one of several, all in its colour.
    int addRun(const QString& name = {}, int color = 0);
    void append(int run, const std::vector<RunEvent>& events);
    /// For runs read back from their tables, which begin without a start: a run that was stopped
    /// in its first epoch has nothing else that tells. 0: not known.
    void tellStepsPerEpoch(int run, std::int64_t steps);
    /// What stands above saved pictures: the run's name.
    void setPictureTitle(const QString& title);
    void setSmoothing(double weight);
    double smoothing() const;

    MetricChart* loss() const { return m_loss; }
    MetricChart* accuracy() const { return m_accuracy; }
    /// The best epoch so far, as everywhere.
    const BestEpoch& best(int run) const { return m_runs[static_cast<std::size_t>(run)].best; }

    /// Narrower than all that stands in the headings: some of that gives way.
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Run {
        QString name;
        int color = 0;
        int trainLoss = -1, testLoss = -1, trainAccuracy = -1, testAccuracy = -1;
        int validationLoss = -1, validationAccuracy = -1;  ///< -1: without one
        double stepsPerEpoch = 0;
        BestEpoch best;
        bool sums = false;  ///< its loss is a sum
    };
    void setStepsPerEpoch(Run& run, double steps);
    void addValidation(Run& run);
    void showNotes(const Run& run, const RunEvent& epoch);

    MetricChart* m_loss;
    MetricChart* m_accuracy;
    QSlider* m_slider;
    QLabel* m_sliderText;
    std::vector<Run> m_runs;
};

/// Loss and accuracy of a run as a PNG to look at. Needs a QApplication with the theme applied.
bool renderRunCurves(const std::vector<RunEvent>& events, const QString& title, const QString& path,
                     QSize size);

}  // namespace loom
