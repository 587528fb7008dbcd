#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <vector>

#include "core/exchange/weights.h"
#include "core/project/project.h"
#include "core/train/plan.h"

namespace loom::test {

/// What a run wrote down, and the weights it ended with.
struct TrainedRun {
    std::string status;
    std::string message;
    std::vector<double> losses;  ///< of every step
    std::vector<double> rates;
    std::vector<double> testLosses;        ///< of every epoch
    std::vector<double> validationLosses;  ///< of every epoch, where a part is held back
    Weights weights;
};

/// Conv2d, BatchNorm2d, ReLU, Linear on the small Fashion-MNIST below `root`: batches of 20, in
/// their order, one thread.
Project peerProject(const QString& root);

/// The same network for a script: the items of an OrderedDict.
QString peerModel();

TrainedRun trainedRun(const Project& project, PlanOptions options = {});
/// Stops after `steps` batches and continues from the folder; the figures of both parts together.
TrainedRun interruptedRun(const Project& project, std::int64_t steps);

/// Runs scripts in Python, all in one process. Each case is an object of Python texts: `model`,
/// `init` (statements), `loss`, `target` (a lambda of labels and output), `optimizer`, `scheduler`,
/// `per` ("epoch", "batch" or "loss"), and `epochs`. Gives what Python came to, case by case.
std::vector<TrainedRun> pythonRuns(const QString& root, const std::vector<QJsonObject>& cases);

/// Empty, or the first difference; bit by bit unless `tolerance` (relative) is given.
QString difference(const TrainedRun& ours, const TrainedRun& theirs, double tolerance = 0);

}  // namespace loom::test
