#pragma once

#include <chrono>
#include <optional>

#include "core/backend/checkpoint.h"
#include "core/exchange/weights.h"
#include "core/train/run_journal.h"

namespace loom::backend {

/// What of a run is in hand when it is saved.
struct RunParts {
    const CompiledNetwork& network;
    const Optimizer& optimizer;
    const Schedule* schedule;  ///< may be null
    RunPosition& position;
    bool cuda = false;
};

/// Decides when a run's weights and checkpoint are written: after an epoch, but no more often than
/// once a second, as thousands of epochs may pass in one; what waits is written between two steps
/// when its time has come. A kill so loses a second at most, or half a minute of a longer epoch.
///
/// Threads: the training thread.
class RunSaver {
public:
    explicit RunSaver(RunJournal& journal) : m_journal(journal) {}

    /// After an epoch; `better`: its weights are the best so far.
    Status epochDone(const RunParts& run, bool better);
    /// Between two steps.
    Status stepDone(const RunParts& run);
    /// Everything, now. `bestToo`: no epoch was judged, so the last weights stand for the best.
    Status finish(const RunParts& run, bool bestToo);
    /// At the end of a run whose weights are of no use any more: the best that wait to be written.
    Status abandon();

private:
    using Clock = std::chrono::steady_clock;
    /// `areBest`: the weights in hand are the best so far.
    Status save(const RunParts& run, bool areBest);

    RunJournal& m_journal;
    std::optional<Weights> m_best;  ///< the best weights, where they are not written yet
    bool m_waits = false;           ///< an epoch has ended since the last save
    bool m_everSaved = false;
    Clock::time_point m_last = Clock::now();
};

}  // namespace loom::backend
