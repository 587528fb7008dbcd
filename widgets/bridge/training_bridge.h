#pragma once

#include <QObject>
#include <QTimer>
#include <memory>
#include <vector>

#include "core/train/session.h"

namespace loom {

/// The Qt door to a run: starts and steers a TrainingSession and hands its events to the GUI in
/// portions, from one timer. The GUI never waits for the worker.
class TrainingBridge : public QObject {
    Q_OBJECT
public:
    explicit TrainingBridge(QObject* parent = nullptr);
    ~TrainingBridge() override;

    /// Starts a run. `paused` starts it without a batch, for Step.
    void start(std::shared_ptr<const TrainingPlan> plan, bool paused = false);
    void pause();
    void resume();
    void stepBatches(int count = 1);
    void stepEpoch();
    void stop();
    void setLearningRate(double rate);

    bool hasRun() const { return m_session != nullptr; }
    bool isActive() const;  ///< between start and the end
    TrainingSession::State state() const;
    /// The run in hand or the latest one; null before the first.
    TrainingSession* session() const { return m_session.get(); }
    /// The same, kept alive by whoever reads weights on another thread.
    std::shared_ptr<TrainingSession> sharedSession() const { return m_session; }

Q_SIGNALS:
    void runStarted();
    void eventsArrived(const std::vector<loom::RunEvent>& events);
    void batchShown(std::shared_ptr<const loom::BatchSnapshot> batch);
    void stateChanged(loom::TrainingSession::State state);
    void runEnded(const QString& status);

private:
    void poll();

    std::shared_ptr<TrainingSession> m_session;
    QTimer m_timer;
    std::size_t m_cursor = 0;
    TrainingSession::State m_lastState = TrainingSession::State::Ready;
    std::int64_t m_lastBatchStep = -1;
};

}  // namespace loom
