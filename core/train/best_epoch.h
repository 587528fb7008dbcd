#pragma once

#include <cmath>

#include "core/train/run_log.h"

namespace loom {

/// The best epoch of a run, the one definition of it: the first with the highest accuracy on what
/// the run is judged by (the validation set, or the test set where there is none); where there are
/// no classes, the first with the lowest loss. What is not a number is never the best.
///
/// `weights/best.pth`, `run.json`, the window and the command line all go by it.
class BestEpoch {
public:
    /// Takes the next epoch; true when it is better than all before.
    bool offer(const RunEvent& epoch) {
        const double merit = meritOf(epoch);
        if (std::isnan(merit) || (!std::isnan(m_merit) && !(merit > m_merit))) return false;
        m_merit = merit;
        m_epoch = epoch;
        return true;
    }
    bool exists() const { return !std::isnan(m_merit); }
    /// Its event; meaningless before there is one.
    const RunEvent& epoch() const { return m_epoch; }
    /// The larger, the better: the accuracy, or minus the loss. NaN before there is one.
    double merit() const { return m_merit; }
    /// Goes on from what a checkpoint kept.
    void restore(double merit) { m_merit = merit; }

    static double meritOf(const RunEvent& epoch) {
        return std::isnan(epoch.judgedAccuracy()) ? -epoch.judgedLoss() : epoch.judgedAccuracy();
    }

private:
    double m_merit = kNoNumber;
    RunEvent m_epoch;
};

}  // namespace loom
