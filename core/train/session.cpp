#include "core/train/session.h"

#include <thread>
#include <vector>

#include "core/base/memory.h"
#include "core/train/run_control.h"
#include "core/train/training_loop.h"

namespace loom {

struct TrainingSession::State_ {
    std::shared_ptr<const TrainingPlan> plan;
    RunLog log;
    RunControl control;
    std::jthread worker;
};

TrainingSession::TrainingSession(std::shared_ptr<const TrainingPlan> plan)
    : m_state(std::make_unique<State_>()) {
    m_state->plan = std::move(plan);
}

TrainingSession::~TrainingSession() {
    stop();
}

void TrainingSession::start() {
    if (m_state->worker.joinable()) return;
    m_state->control.setState(State::Starting);
    m_state->worker = std::jthread([state = m_state.get()] {
        runTraining(*state->plan, state->log, state->control);
        giveBackFreedMemory();
    });
}

void TrainingSession::pause() {
    m_state->control.pause();
}
void TrainingSession::resume() {
    m_state->control.resume();
}
void TrainingSession::stepBatches(std::int64_t count) {
    m_state->control.allowSteps(count);
}
void TrainingSession::stepEpoch() {
    m_state->control.allowEpoch();
}
void TrainingSession::stop() {
    m_state->control.stop();
}
void TrainingSession::setLearningRate(double rate) {
    m_state->control.setRate(rate);
}
TrainingSession::State TrainingSession::state() const {
    return m_state->control.state();
}

void TrainingSession::wait() {
    if (m_state->worker.joinable()) m_state->worker.join();
}

std::string TrainingSession::status() const {
    return m_state->control.status();
}
const RunLog& TrainingSession::log() const {
    return m_state->log;
}
const TrainingPlan& TrainingSession::plan() const {
    return *m_state->plan;
}
std::shared_ptr<const BatchSnapshot> TrainingSession::lastBatch() const {
    return m_state->control.batch();
}
std::shared_ptr<const Dataset> TrainingSession::trainingData() const {
    return m_state->control.trainingData();
}
Result<BatchMembers> TrainingSession::samplesOf(std::int64_t step) const {
    return m_state->control.samplesOf(step);
}
Result<Weights> TrainingSession::weights() const {
    return m_state->control.weights();
}
std::vector<EpochWeights> TrainingSession::historyOf(const NodeId& block) const {
    return m_state->control.historyOf(block);
}
std::string TrainingSession::runFolder() const {
    return m_state->plan->options.runFolder;
}

std::string toText(TrainingSession::State state) {
    static const char* const names[] = {"ready",  "starting", "training", "pausing",
                                        "paused", "stopping", "ended"};
    return names[static_cast<std::size_t>(state)];
}

}  // namespace loom
