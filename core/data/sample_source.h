#pragma once

#include "core/data/data_cache.h"
#include "core/data/transform.h"

namespace loom {

/// A sample through the pipeline, but for writing its numbers down: of a picture file no more is
/// decoded than the first step keeps, unless `cache` keeps the whole. Errors name the sample.
Result<PreparedSample> prepareFromDataset(const Dataset& dataset, const Pipeline& pipeline,
                                          std::int64_t index, std::uint64_t seed,
                                          std::uint64_t epoch,
                                          std::vector<std::string>* trace = nullptr,
                                          DataCache* cache = nullptr);

/// What is said where the pipeline leaves a picture, whichever sample it was.
Error noTensorError();

}  // namespace loom
