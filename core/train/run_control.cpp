#include "core/train/run_control.h"

#include <cstddef>
#include <utility>

namespace loom {

using State = TrainingSession::State;

void RunControl::pause() {
    const std::lock_guard lock(m_mutex);
    if (m_state == State::Ended || m_state == State::Stopping) return;
    m_pause = true;
    m_steps = 0;
    m_toEpochEnd = false;
    if (m_state == State::Running) m_state = State::Pausing;
}

void RunControl::resume() {
    const std::lock_guard lock(m_mutex);
    m_pause = false;
    m_steps = 0;
    m_toEpochEnd = false;
    if (m_state == State::Pausing) m_state = State::Running;
    m_changed.notify_all();
}

void RunControl::allowSteps(std::int64_t count) {
    const std::lock_guard lock(m_mutex);
    m_pause = true;
    m_steps += count;
    m_changed.notify_all();
}

void RunControl::allowEpoch() {
    const std::lock_guard lock(m_mutex);
    m_pause = true;
    m_steps = 0;
    m_toEpochEnd = true;
    m_changed.notify_all();
}

void RunControl::keepHistory(std::int64_t epoch, Weights few) {
    // A long run of a small network: thousands of points are more than anyone reads.
    constexpr std::size_t kMostEpochs = 10'000;
    if (few.tensors.empty()) return;
    const std::lock_guard lock(m_mutex);
    m_history.push_back({epoch, std::move(few)});
    if (m_history.size() > kMostEpochs) m_history.pop_front();
}

void RunControl::epochDone() {
    const std::lock_guard lock(m_mutex);
    m_toEpochEnd = false;
}

std::vector<EpochWeights> RunControl::historyOf(const NodeId& block) const {
    const std::lock_guard lock(m_mutex);
    std::vector<EpochWeights> own;
    for (const EpochWeights& one : m_history) {
        EpochWeights part{one.epoch, {}};
        for (const NamedTensor& entry : one.weights.tensors)
            if (entry.name.starts_with(block + "."))
                part.weights.tensors.push_back(
                    {entry.name.substr(block.size() + 1), entry.tensor});
        if (!part.weights.tensors.empty()) own.push_back(std::move(part));
    }
    return own;
}

void RunControl::stop() {
    const std::lock_guard lock(m_mutex);
    m_stop = true;
    if (m_state != State::Ended && m_state != State::Ready) m_state = State::Stopping;
    m_changed.notify_all();
}

void RunControl::setRate(double rate) {
    const std::lock_guard lock(m_mutex);
    m_rate = rate;
}

State RunControl::state() const {
    const std::lock_guard lock(m_mutex);
    return m_state;
}

std::string RunControl::status() const {
    const std::lock_guard lock(m_mutex);
    return m_status;
}

std::shared_ptr<const BatchSnapshot> RunControl::batch() const {
    const std::lock_guard lock(m_mutex);
    return m_batch;
}

std::shared_ptr<const Dataset> RunControl::trainingData() const {
    const std::lock_guard lock(m_mutex);
    return m_data;
}

Result<BatchMembers> RunControl::samplesOf(std::int64_t step) const {
    const std::lock_guard lock(m_mutex);
    return m_orders.samplesOf(step);
}

void RunControl::setTrainingData(std::shared_ptr<const Dataset> data) {
    const std::lock_guard lock(m_mutex);
    m_data = std::move(data);
}

void RunControl::keepOrder(std::int64_t epoch, const std::vector<std::int64_t>& order,
                           std::int64_t batchSize, std::int64_t firstStep) {
    const std::lock_guard lock(m_mutex);
    m_orders.begin(epoch, order, batchSize, firstStep);
}

void RunControl::keepBatch(std::int64_t batch) {
    const std::lock_guard lock(m_mutex);
    m_orders.took(batch);
}

Result<Weights> RunControl::weights() {
    std::unique_lock lock(m_mutex);
    if (m_state == State::Ready)
        return Error{"There are no weights yet: the run has not begun.", "Press Train first."};
    if (!m_final) {
        const std::int64_t before = m_serveCount;
        ++m_weightsAsked;
        m_changed.notify_all();
        m_changed.wait(lock, [&] { return m_final || m_serveCount > before; });
        if (m_serveCount > before && m_served) return *m_served;
    }
    return *m_final;
}

RunControl::Turn RunControl::betweenSteps(const std::function<Weights()>& weights,
                                          const std::function<void(bool)>& paused,
                                          bool countsAsStep) {
    if (m_streams.owns_lock()) m_streams.unlock();
    std::unique_lock lock(m_mutex);
    bool announced = false;
    while (true) {
        if (m_weightsAsked > 0) {
            m_weightsAsked = 0;
            lock.unlock();
            auto copy = std::make_shared<const Weights>(weights());
            lock.lock();
            m_served = std::move(copy);
            ++m_serveCount;
            m_changed.notify_all();
            continue;
        }
        if (m_stop || !m_pause || m_steps > 0 || m_toEpochEnd) break;
        if (!announced) {
            announced = true;
            m_state = State::Paused;
            lock.unlock();
            paused(true);
            lock.lock();
            continue;
        }
        m_changed.wait(lock);
    }
    if (m_pause && m_steps > 0 && countsAsStep) --m_steps;
    const Turn turn = m_stop ? Turn::Stop : Turn::Go;
    m_state = m_stop ? State::Stopping : m_pause ? State::Pausing : State::Running;
    lock.unlock();
    if (announced) paused(false);
    m_streams = std::unique_lock(backend::randomStreams());
    return turn;
}

void RunControl::holdStreams() {
    m_streams = std::unique_lock(backend::randomStreams());
}

bool RunControl::isStopping() const {
    const std::lock_guard lock(m_mutex);
    return m_stop;
}

std::optional<double> RunControl::takeRate() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_rate, std::nullopt);
}

void RunControl::setState(State state) {
    const std::lock_guard lock(m_mutex);
    if (m_state != State::Stopping) m_state = state;
}

void RunControl::show(std::shared_ptr<const BatchSnapshot> batch) {
    const std::lock_guard lock(m_mutex);
    m_batch = std::move(batch);
}

void RunControl::end(const std::string& status, Result<Weights> weights) {
    if (m_streams.owns_lock()) m_streams.unlock();
    const std::lock_guard lock(m_mutex);
    m_status = status;
    m_final = std::move(weights);
    m_state = State::Ended;
    m_changed.notify_all();
}

}  // namespace loom
