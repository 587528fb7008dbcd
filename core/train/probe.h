#pragma once

#include <string>
#include <vector>

#include "core/data/pictures/picture.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"

namespace loom {

/// A sample of the test split as the network receives it, through the test transforms.
struct ProbeSample {
    TensorSample input;
    std::string className;  ///< empty where the data set has no classes
    std::int64_t index = 0;
    std::int64_t count = 0;  ///< samples of the split
};
/// `index` counts around the split's end.
Result<ProbeSample> probeSample(const Project& project, std::int64_t index);

struct ProbeOptions {
    /// Weights of the network, of a run for example; null, or where they do not fit: those a fresh
    /// run begins with.
    const Weights* weights = nullptr;
    /// The block itself works as while training (Dropout, BatchNorm); those before it never do.
    bool blockTrains = false;
};

/// What arrives at a block and what it makes of it.
struct BlockProbe {
    std::vector<PlainTensor> inputs;   ///< by port, N×(dims); no sides where no wire ends
    std::vector<PlainTensor> outputs;  ///< by port, N×(dims)
    /// Parameters and buffers by their names within the block: "weight".
    Weights state;
    bool givenWeights = false;  ///< computed with the weights given
    bool realInput = false;     ///< from the samples given; else from noise
};

/// Runs the network up to the block on a batch of samples, in eval mode and without gradients. An
/// Input block that takes another size than the samples have receives noise. What comes after the
/// block may be unfinished or wrong.
///
/// Threads: any; a training that goes on meanwhile is not changed by it.
/// Errors:  the block's size is not known, or torch could not compute a block before it.
Result<BlockProbe> probeBlock(const Project& project, const NodeId& block,
                              const std::vector<TensorSample>& samples,
                              const ProbeOptions& options = {});

/// A block's parameters and buffers by their names within it: "weight", "bias".
struct BlockWeights {
    Weights state;
    bool given = false;  ///< of the weights given; else those a fresh run begins with
};
/// Of `given`, a run's or a file's, where they have some of this block; else of a network freshly
/// initialised. Of a block that uses another's module, those of that module.
///
/// Threads: any; a training that goes on meanwhile is not changed by it.
/// Errors:  the block's size is not known.
Result<BlockWeights> blockWeights(const Project& project, const NodeId& block,
                                  const Weights* given = nullptr);

}  // namespace loom
