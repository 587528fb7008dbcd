#pragma once

#include <cstdint>
#include <string>

#include "core/base/params.h"
#include "core/base/shape.h"

namespace loom {

/// Samples that a batch must hold for this kind of layer to compute: more than one for a
/// normalisation over the batch that receives a single number per channel. `training`: with
/// `model.train()`. Source: torch.nn.functional's _verify_batch_size.
std::int64_t leastBatch(const std::string& kind, const Settings& settings, const Shape& arriving,
                        bool training);

}  // namespace loom
