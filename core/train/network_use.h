#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"
#include "core/train/evaluation.h"

namespace loom {

/// Using a network outside of training: each call builds it from the project. All but `evaluate`
/// judge the drawing alone. A training that goes on meanwhile is not changed by any of them.

/// Freshly initialised weights: those a PyTorch script gets after `torch.manual_seed(seed)`.
Result<Weights> initialWeights(const Project& project, std::int64_t seed);

/// Whether the network has parameters or buffers at all; without, no weights are needed to use it.
bool needsWeights(const Project& project);

/// Whether weights fit the project's network: missing, surplus and wrongly shaped names in one
/// sentence. `remarks` gets what had to happen to the file's names.
Status matchWeights(const Project& project, const Weights& weights,
                    std::vector<std::string>* remarks = nullptr);

/// One forward pass on tensors with a batch, by Input block id (or a single unnamed one, "").
/// Gives the Output blocks' values by id. `trainMode` as `model.train()`.
Result<std::vector<NamedTensor>> forward(const Project& project, const Weights& weights,
                                         const std::vector<NamedTensor>& inputs, bool trainMode);

/// The gradients of sum(output · given gradient) by Input block id and by parameter name. Outputs
/// without a given gradient do not count.
Result<std::vector<NamedTensor>> gradients(const Project& project, const Weights& weights,
                                           const std::vector<NamedTensor>& inputs,
                                           const std::vector<NamedTensor>& outputGradients,
                                           bool trainMode);

}  // namespace loom
