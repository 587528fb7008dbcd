#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/exchange/weights.h"

namespace loom {

/// PyTorch's file format (`torch.save`, zip form), written so that `torch.load(weights_only=True)`
/// of 1.13 and of 2.x accepts it, and read without executing anything of it.

/// An `OrderedDict` of tensors: `model.load_state_dict(torch.load(path))`.
Status saveStateDict(const std::string& path, const Weights& weights);
/// A single tensor.
Status saveTensor(const std::string& path, const PlainTensor& tensor);
Status saveTensors(const std::string& path, const std::vector<NamedTensor>& tensors);

/// Weights from a file: its one dict of tensors, wherever in a checkpoint it is. With several of
/// them, all, under names that begin with their places; `fitNames` tells which a network means.
Result<Weights> loadStateDict(const std::string& path);
/// A tensor (one entry with an empty name) or a dict of tensors.
Result<std::vector<NamedTensor>> loadTensors(const std::string& path);

/// Weights from anything `--weights` takes: a weight file, or a run folder (its best weights).
Result<Weights> loadWeights(const std::string& path);

}  // namespace loom
