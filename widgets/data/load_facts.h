#pragma once

#include <QString>
#include <atomic>
#include <cstdint>
#include <vector>

#include "core/project/project.h"

namespace loom {

/// The numbers that follow from how a project divides its data and draws from it.
struct LoadFacts {
    std::int64_t train = 0;       ///< samples to learn from
    std::int64_t validation = 0;  ///< held back to judge the run by
    std::int64_t trainLeft = 0;   ///< of the training set, in neither
    std::int64_t test = 0;
    std::int64_t testLeft = 0;
    bool hasValidation = false;

    struct ClassRow {
        QString name;
        std::int64_t train = 0, validation = 0, test = 0;
        double weight = 1;  ///< of each of its samples when the sampler draws
        double share = 0;   ///< of an epoch's samples that are of it, as expected
    };
    std::vector<ClassRow> classes;  ///< none where answers are numbers

    std::int64_t samplesPerEpoch = 0;
    std::int64_t batches = 0;
    std::int64_t lastBatch = 0;  ///< samples in it
    bool weighted = false;
    QString problem;
    QString hint;
};

/// Reads labels of the whole set, but no picture. Runs on any thread.
LoadFacts loadFacts(const DataSection& data, const TrainingSection& training,
                    const std::atomic<bool>& cancelled);

}  // namespace loom
