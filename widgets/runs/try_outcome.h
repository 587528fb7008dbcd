#pragma once

#include <QImage>
#include <QString>
#include <QStringList>
#include <atomic>
#include <optional>

#include "core/data/dataset.h"
#include "core/project/project.h"
#include "core/train/predictor.h"
#include "widgets/runs/weights_choice.h"

namespace loom {

/// What is tried: a picture or a sample of the set, or a row that was typed.
struct Tried {
    std::optional<SampleInput> input;
    QString typed;
    QString truth;
    QStringList remarks;
    bool ofDataSet = false;
    bool invert = false;
    bool any() const { return input || !typed.isEmpty(); }
};

/// What the network made of it, or why nothing.
struct TryOutcome {
    Prediction made;
    bool classes = true;
    QStringList names;  ///< of the numbers of an answer: the columns to be learned
    QString weights;    ///< whose they are
    QString foundRun;   ///< the run that was looked for and found
    QString problem;
    QString hint;
    QImage seen;  ///< what the network received
};

/// Takes the weights and asks the network; without anything to try it only says whether the weights
/// fit. On any thread.
TryOutcome tryOn(const WeightsChoice& choice, const Project& project, const Tried& tried,
                 const std::atomic<bool>& cancelled);

}  // namespace loom
