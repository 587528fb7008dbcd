#pragma once

#include <QImage>
#include <QString>
#include <atomic>
#include <vector>

#include "widgets/data/preview.h"

namespace loom {

/// What a transform makes of a sample, small, for the menu to choose it from.
struct StepExample {
    QString kind;
    QImage before;
    QImage after;
};

/// Of every kind that works on this sample, a picture or a tensor of one. Random ones are made to
/// happen. Runs on any thread.
std::vector<StepExample> stepExamples(const SampleInput& sample, const DatasetFacts& facts,
                                      const std::atomic<bool>& cancelled);

}  // namespace loom
