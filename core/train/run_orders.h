#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/base/result.h"

namespace loom {

/// Which samples a step of a run took.
struct BatchMembers {
    std::int64_t epoch = 0;             ///< from 0, as in `sampleSeed`
    std::vector<std::int64_t> indices;  ///< of the training set as the run draws from it
};

/// The sample orders of a run's latest epochs, so that any of their batches can be made again: the
/// random transforms depend on nothing but seed, epoch and index.
class RunOrders {
public:
    /// `firstStep`, from 1, takes the next batch of this epoch.
    void begin(std::int64_t epoch, const std::vector<std::int64_t>& order, std::int64_t batchSize,
               std::int64_t firstStep);
    /// The step at hand takes batch `batch` (from 0) of the epoch.
    void took(std::int64_t batch);
    Result<BatchMembers> samplesOf(std::int64_t step) const;

private:
    struct Epoch {
        std::int64_t number;
        std::int64_t batchSize;
        std::int64_t firstStep;
        std::vector<std::uint32_t> order;    ///< data sets are far below 2^32 samples
        std::vector<std::uint32_t> batches;  ///< of each step from firstStep on
    };
    std::deque<Epoch> m_epochs;
    std::size_t m_kept = 0;  ///< samples in all orders
};

}  // namespace loom
