#include "widgets/bridge/training_bridge.h"

namespace loom {

namespace {
// About 30 portions a second: smooth to the eye, and cheap beside a training on all cores.
constexpr int kPollMilliseconds = 33;
}  // namespace

TrainingBridge::TrainingBridge(QObject* parent) : QObject(parent) {
    m_timer.setInterval(kPollMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &TrainingBridge::poll);
}

TrainingBridge::~TrainingBridge() {
    m_timer.stop();
    if (m_session) m_session->stop();
}

void TrainingBridge::start(std::shared_ptr<const TrainingPlan> plan, bool paused) {
    if (isActive()) return;
    m_session = std::make_shared<TrainingSession>(std::move(plan));
    m_cursor = 0;
    m_lastBatchStep = -1;
    m_lastState = TrainingSession::State::Ready;
    if (paused) m_session->pause();
    m_session->start();
    Q_EMIT runStarted();
    m_timer.start();
    poll();
}

void TrainingBridge::pause() {
    if (!isActive()) return;
    m_session->pause();
    poll();
}

void TrainingBridge::resume() {
    if (!isActive()) return;
    m_session->resume();
    poll();
}

void TrainingBridge::stepBatches(int count) {
    if (!isActive() || count < 1) return;
    m_session->stepBatches(count);
    poll();
}

void TrainingBridge::stepEpoch() {
    if (!isActive()) return;
    m_session->stepEpoch();
    poll();
}

void TrainingBridge::stop() {
    if (!isActive()) return;
    m_session->stop();
    poll();
}

void TrainingBridge::setLearningRate(double rate) {
    if (isActive()) m_session->setLearningRate(rate);
}

bool TrainingBridge::isActive() const {
    // What was announced counts, not what the worker has reached meanwhile: between the two a page
    // would see a run that is over and has not ended.
    return m_session && m_lastState != TrainingSession::State::Ended;
}

TrainingSession::State TrainingBridge::state() const {
    return m_session ? m_lastState : TrainingSession::State::Ready;
}

void TrainingBridge::poll() {
    if (!m_session || m_lastState == TrainingSession::State::Ended) return;
    // A slot may start the next run; what is in hand stays alive and is told apart by identity.
    const std::shared_ptr<TrainingSession> session = m_session;
    // The state first: whatever was written before it was reached is then in the portion below.
    const TrainingSession::State state = session->state();
    const std::vector<RunEvent> events = session->log().read(m_cursor);
    if (!events.empty()) Q_EMIT eventsArrived(events);
    if (session != m_session) return;

    if (auto batch = session->lastBatch(); batch && batch->step != m_lastBatchStep) {
        m_lastBatchStep = batch->step;
        Q_EMIT batchShown(batch);
        if (session != m_session) return;
    }
    if (state == m_lastState) return;
    m_lastState = state;
    const bool ended = state == TrainingSession::State::Ended;
    if (ended) m_timer.stop();
    Q_EMIT stateChanged(state);
    if (ended && session == m_session) Q_EMIT runEnded(QString::fromStdString(session->status()));
}

}  // namespace loom
