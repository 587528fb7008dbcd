#pragma once

#include <QString>
#include <atomic>
#include <memory>
#include <vector>

#include "core/train/session.h"
#include "widgets/explain/window_sums.h"

namespace loom {

/// What a picture of a block is asked about.
struct ExplanationRequest {
    std::shared_ptr<const Project> project;
    NodeId block;  ///< empty: a block of `kind` as it comes from the palette, alone on a sample
    std::string kind;
    std::int64_t sample = 0;
    std::shared_ptr<TrainingSession> run;  ///< whose weights count; null: fresh ones
};

/// What is drawn of a block: real numbers, and which picture suits them.
struct Explanation {
    enum class Picture { None, Window, Curve, Bars, Units, Histogram };
    Picture picture = Picture::None;
    std::shared_ptr<const WindowSums> sums;  ///< Window
    std::vector<double> x, y, slope;         ///< Curve: the function and its derivative
    std::vector<float> before, after;        ///< numbers that arrive and leave
    std::int64_t rows = 1, columns = 1;      ///< Units: how the numbers stand in the picture
    QString source;                          ///< what the input is: "test sample 3, Sneaker"
    QString weights;                         ///< which weights were used; empty: it has none
    QString parts;                           ///< "weight 32×1×5×5 = 800, bias 32"
    QString problem;
    bool realSample = false;
    std::int64_t samples = 1;  ///< whose numbers these are
};

/// Runs the network up to the block. On any thread.
Explanation explainBlock(const ExplanationRequest& request, const std::atomic<bool>& cancelled);

}  // namespace loom
