#include "core/backend/run_saver.h"

namespace loom::backend {
namespace {

/// What a kill may lose.
constexpr std::chrono::seconds kAtMostEvery(1);
/// An epoch that takes longer is saved within.
constexpr std::chrono::seconds kWithinEpoch(30);

}  // namespace

Status RunSaver::epochDone(const RunParts& run, bool better) {
    if (!m_journal.hasFolder()) return {};
    m_waits = true;
    if (!m_everSaved || Clock::now() - m_last >= kAtMostEvery) return save(run, better);
    // The network trains on before its time has come.
    if (better) m_best = run.network.weights();
    return {};
}

Status RunSaver::stepDone(const RunParts& run) {
    if (!m_journal.hasFolder()) return {};
    if (Clock::now() - m_last < (m_waits ? kAtMostEvery : kWithinEpoch)) return {};
    return save(run, false);
}

Status RunSaver::finish(const RunParts& run, bool bestToo) {
    if (!m_journal.hasFolder()) return {};
    m_waits = true;
    return save(run, bestToo);
}

Status RunSaver::abandon() {
    if (!m_best) return {};
    const Status saved = m_journal.saveWeights("best", *m_best);
    m_best.reset();
    return saved;
}

Status RunSaver::save(const RunParts& run, bool areBest) {
    // The curves must not have a gap before the point at which a checkpoint goes on.
    m_journal.flush();
    if (m_waits) {
        const Weights weights = run.network.weights();
        if (auto saved = m_journal.saveWeights("last", weights); !saved) return saved;
        if (areBest)
            if (auto saved = m_journal.saveWeights("best", weights); !saved) return saved;
    }
    if (m_best && !areBest)
        if (auto saved = m_journal.saveWeights("best", *m_best); !saved) return saved;
    m_best.reset();
    run.position.learningRate = run.optimizer.learningRate();
    if (auto saved = saveCheckpoint(m_journal.checkpointFile(), run.network, run.optimizer,
                                    run.schedule, run.position, run.cuda);
        !saved)
        return saved;
    m_waits = false;
    m_everSaved = true;
    m_last = Clock::now();
    return {};
}

}  // namespace loom::backend
