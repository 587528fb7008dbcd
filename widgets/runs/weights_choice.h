#pragma once

#include <QString>
#include <atomic>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"
#include "core/train/session.h"

namespace loom {

/// Whose weights are meant, the first that is there: a file, a run of the list, the run of this
/// window while it fits the network, the latest run on this machine that fits it.
struct WeightsChoice {
    QString file;
    QString runFolder;
    std::shared_ptr<TrainingSession> session;
    QString runsFolder;  ///< where the runs of this machine lie

    bool byHand() const { return !file.isEmpty() || !runFolder.isEmpty(); }
};

struct ChosenWeights {
    Weights weights;
    Project project;   ///< the network they are of: a run's own, for the drawing may have changed
    QString name;      ///< "weights of this run"
    QString fileName;  ///< to offer for a file they are written to, without an ending
    QString foundRun;  ///< the run folder, where one was looked for
};

/// What takeWeights would take, in words, without reading the weights.
QString chosenName(const WeightsChoice& choice, const Project& document,
                   const std::atomic<bool>& cancelled);

/// Reads them, or says what to do where there are none. For a worker thread.
Result<ChosenWeights> takeWeights(const WeightsChoice& choice, const Project& document,
                                  const std::atomic<bool>& cancelled);

}  // namespace loom
