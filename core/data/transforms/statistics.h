#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/transform.h"

namespace loom {

/// Mean and spread of every channel, as Normalize takes them.
struct ChannelStatistics {
    std::vector<double> mean;
    std::vector<double> deviation;  ///< of the whole (numpy's `std`), not of a sample
    std::int64_t samples = 0;       ///< that were measured
    std::int64_t skipped = 0;       ///< that could not be read
};

/// The steps that statistics are measured behind: those before Normalize that draw nothing, so that
/// pictures have the sizes in which the network meets them.
std::vector<TransformChoice> stepsBeforeNormalize(const std::vector<TransformChoice>& transforms);

struct MeasureOptions {
    std::vector<std::int64_t> indices = {};  ///< empty: the whole set
    int threads = 0;                         ///< 0: one per core
    /// Called now and then, from any thread: samples done, and how many there are.
    std::function<void(std::int64_t, std::int64_t)> progress = {};
};

/// Of every sample after these transforms (pictures count as ToTensor gives them, 0 to 1). Bytes
/// are counted by value, so the sums of pictures are exact and no order of threads matters.
///
/// Errors: samples of different channels; no sample that can be read; stopped by `cancelled`.
Result<ChannelStatistics> measureChannels(const Dataset& dataset,
                                          const std::vector<TransformChoice>& transforms,
                                          const std::atomic<bool>& cancelled,
                                          const MeasureOptions& options = {});

}  // namespace loom
