#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/backend/random_streams.h"
#include "core/train/run_orders.h"
#include "core/train/session.h"

namespace loom {

/// What the thread that steers a run and the thread that trains say to each other.
///
/// Threads: all members from any.
class RunControl {
public:
    // The steering side.
    void pause();
    void resume();
    void allowSteps(std::int64_t count);
    void allowEpoch();
    void stop();
    void setRate(double rate);
    TrainingSession::State state() const;
    std::string status() const;
    Result<Weights> weights();
    std::shared_ptr<const BatchSnapshot> batch() const;
    std::shared_ptr<const Dataset> trainingData() const;
    Result<BatchMembers> samplesOf(std::int64_t step) const;
    std::vector<EpochWeights> historyOf(const NodeId& block) const;

    // The training side.
    enum class Turn { Go, Stop };
    /// Between two steps: hands out weights that were asked for, waits while paused, and says how
    /// to go on. `paused` is called on entering (true) and leaving (false) a pause.
    Turn betweenSteps(const std::function<Weights()>& weights,
                      const std::function<void(bool)>& paused, bool countsAsStep);
    /// Takes PyTorch's random streams before the first number is drawn; held, but for the moments
    /// between two steps, until the end.
    void holdStreams();
    /// For looking up in the middle of a step.
    bool isStopping() const;
    std::optional<double> takeRate();
    void setState(TrainingSession::State state);
    void show(std::shared_ptr<const BatchSnapshot> batch);
    void setTrainingData(std::shared_ptr<const Dataset> data);
    /// See RunOrders.
    void keepOrder(std::int64_t epoch, const std::vector<std::int64_t>& order,
                   std::int64_t batchSize, std::int64_t firstStep);
    void keepBatch(std::int64_t batch);
    /// Keeps what small blocks hold after an epoch: their tensors by the names of the network.
    void keepHistory(std::int64_t epoch, Weights few);
    /// A stepped epoch has ended.
    void epochDone();
    /// The run is over; `weights` are the final ones, or the reason why there are none.
    void end(const std::string& status, Result<Weights> weights);

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    TrainingSession::State m_state = TrainingSession::State::Ready;
    bool m_stop = false;
    bool m_pause = false;
    std::int64_t m_steps = 0;  ///< allowed while paused
    bool m_toEpochEnd = false;  ///< the same
    std::optional<double> m_rate;
    /// The training thread's hold on PyTorch's random streams, let go between steps.
    std::unique_lock<backend::StreamLock> m_streams;
    int m_weightsAsked = 0;
    std::shared_ptr<const Weights> m_served;
    std::int64_t m_serveCount = 0;
    std::optional<Result<Weights>> m_final;
    std::shared_ptr<const BatchSnapshot> m_batch;
    std::string m_status;
    std::shared_ptr<const Dataset> m_data;
    RunOrders m_orders;
    std::deque<EpochWeights> m_history;
};

}  // namespace loom
