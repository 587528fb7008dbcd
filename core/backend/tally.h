#pragma once

#include <cstdint>

#include "core/train/run_log.h"

namespace loom::backend {

/// What one batch came to.
struct BatchFigures {
    double loss = 0;    ///< what the criterion gave for it
    double weight = 0;  ///< what a mean was divided by; 0: nothing in the batch counts
    std::int64_t samples = 0;
    std::int64_t counted = 0;  ///< those that `ignore_index` does not leave out
    std::int64_t correct = 0;  ///< of those that count
    bool classes = true;       ///< the answers are classes

    /// The share of those that count that was named rightly; NaN without classes.
    double accuracy() const { return share(correct, classes ? counted : 0); }
    /// Of a summed loss.
    double lossPerSample() const {
        return counted > 0 ? loss / static_cast<double>(counted) : kNoNumber;
    }
    static double share(std::int64_t correct, std::int64_t of) {
        return of > 0 ? static_cast<double>(correct) / static_cast<double>(of) : kNoNumber;
    }
};

/// Loss and accuracy of a set from those of its batches: what the criterion gives for the whole set
/// in one batch, whatever the size of the batches.
struct Tally {
    double weightedSum = 0;  ///< of the batches' losses, each times its weight
    double weight = 0;
    double lossSum = 0;  ///< of the batches' losses as they are
    std::int64_t samples = 0;
    std::int64_t counted = 0;
    std::int64_t correct = 0;
    bool sums = false;  ///< the criterion sums
    bool classes = true;

    void add(const BatchFigures& batch) {
        samples += batch.samples;
        counted += batch.counted;
        correct += batch.correct;
        classes = classes && batch.classes;
        // The mean of nothing is not a number, and says nothing of the set.
        if (batch.weight == 0 && !sums) return;
        weightedSum += batch.loss * batch.weight;
        weight += batch.weight;
        lossSum += batch.loss;
    }
    double loss() const {
        if (sums) return samples > 0 ? lossSum : kNoNumber;
        return weight > 0 ? weightedSum / weight : kNoNumber;
    }
    /// NaN unless the criterion sums.
    double lossPerSample() const {
        return sums && counted > 0 ? lossSum / static_cast<double>(counted) : kNoNumber;
    }
    /// 0..1, of the samples that count; NaN without classes.
    double accuracy() const { return BatchFigures::share(correct, classes ? counted : 0); }
};

}  // namespace loom::backend
