#pragma once

#include <cstdint>

#include "core/base/saturating.h"
#include "core/graph/group.h"
#include "core/project/project_check.h"

namespace loom {

/// What a training step needs, in bytes, on the device that trains.
struct MemoryForecast {
    std::int64_t weights = 0;         ///< parameters and statistics, as float32
    std::int64_t gradients = 0;       ///< of those that are trained
    std::int64_t optimizerState = 0;  ///< momenta and the like, of those that are trained
    /// What the blocks give for one batch, kept for the way back, and the widest step of that way.
    std::int64_t activations = 0;
    std::int64_t batch = 0;  ///< the samples themselves, with the batches loaded ahead
    std::int64_t total() const {
        return plus(weights, gradients, optimizerState, activations, batch);
    }
};

MemoryForecast forecastMemory(const Project& project, const ShapeReport& shapes);

}  // namespace loom
