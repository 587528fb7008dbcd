#pragma once

#include <QWidget>
#include <memory>
#include <string>
#include <vector>

#include "core/train/session.h"
#include "widgets/bridge/latest_job.h"

class QLabel;
class QSpinBox;
class QToolButton;

namespace loom {

class PreviewGrid;
class SampleInspector;
class TrainingBridge;

/// What the network saw in a batch: the latest one, or any of the run's, made again by its seeds.
/// A click looks at a sample closely.
class BatchPanel : public QWidget {
    Q_OBJECT
public:
    explicit BatchPanel(TrainingBridge* bridge, QWidget* parent = nullptr);

    void clear();
    /// The latest batch, while none before it is looked at.
    void showLatest(const BatchSnapshot& batch);
    void setClassNames(std::vector<std::string> names) { m_classNames = std::move(names); }
    /// Makes the batch of a step again; step 0: follows the latest one.
    void showStep(std::int64_t step);
    /// How far the run is: so many steps can be chosen.
    void setLastStep(std::int64_t step);
    bool isComputing() const { return m_job.isRunning(); }

    PreviewGrid* grid() const { return m_grid; }
    QSpinBox* step() const { return m_step; }
    /// Null until a sample was looked at closely.
    SampleInspector* inspector() const { return m_inspector; }

private:
    struct Seen {
        std::int64_t step = 0;
        std::int64_t epoch = 0;
        std::vector<BatchSnapshot::Item> items;
        QString note;
        QString problem;
    };
    QString nameOf(std::int64_t label) const;
    void showSeen(Seen seen);
    void inspect(int cell);
    void follow();

    TrainingBridge* m_bridge;
    PreviewGrid* m_grid;
    QLabel* m_heading;
    QLabel* m_text;
    QWidget* m_stepRow;
    QSpinBox* m_step;
    QLabel* m_ofSteps;
    QToolButton* m_latest;
    SampleInspector* m_inspector = nullptr;
    std::vector<std::string> m_classNames;
    bool m_following = true;
    Seen m_seen;
    LatestJob<Seen> m_job;
};

}  // namespace loom
