#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/pictures/picture.h"
#include "core/exchange/weights.h"
#include "core/project/project.h"
#include "core/train/evaluation.h"

namespace loom {

/// Using a network outside of training: each call builds it from the project.

/// Freshly initialised weights: those a PyTorch script gets after `torch.manual_seed(seed)`.
Result<Weights> initialWeights(const Project& project, std::int64_t seed);

/// Whether weights fit the project's network: missing, surplus and wrongly shaped names in one
/// sentence.
Status matchWeights(const Project& project, const Weights& weights);

struct ClassScore {
    std::int64_t index = 0;
    std::string name;
    double probability = 0;
};
/// Classes of one picture, most probable first, through the test transforms. Probabilities are the
/// softmax of the outputs; outputs that are log-probabilities or probabilities already (NLLLoss, a
/// final Softmax) are taken as such.
class Predictor {
public:
    static Result<Predictor> make(const Project& project, const Weights& weights);
    Result<std::vector<ClassScore>> predict(const Picture& picture) const;
    Result<std::vector<ClassScore>> predict(const TensorSample& prepared) const;
    /// A picture file: greyscale or colour as the data set's pictures are.
    Result<std::vector<ClassScore>> predictFile(const std::string& path) const;
    /// False where the answers are numbers (a regression, an autoencoder): `compute` gives them.
    bool givesClasses() const;
    /// What the network gives for one sample, through the test transforms.
    Result<TensorSample> compute(const SampleInput& input) const;

private:
    struct State;
    explicit Predictor(std::shared_ptr<const State> state);
    Result<TensorSample> prepare(const SampleInput& input) const;
    std::shared_ptr<const State> m_state;
};

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
