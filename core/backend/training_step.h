#pragma once

#include <memory>
#include <string>

#include "core/backend/batch_tensors.h"
#include "core/backend/batch_transform.h"
#include "core/backend/compiled_network.h"
#include "core/backend/loss.h"
#include "core/backend/optimizer.h"
#include "core/base/result.h"

namespace loom::backend {

/// Thrown out of a step whose loss or gradients are no numbers, with the block where that began.
struct DivergedStep {
    Error error;
    NodeId node;
};

/// One step of training: forward, loss, `zero_grad`, `backward`, `step`, as a course's script has
/// them.
class TrainingStep {
public:
    TrainingStep(CompiledNetwork& network, Optimizer& optimizer, const BuiltLoss& loss,
                 const DataSection& data, bool pinMemory)
        : m_network(network),
          m_optimizer(optimizer),
          m_loss(loss),
          m_data(data),
          m_pinMemory(pinMemory),
          m_mixer(data.batchTransforms) {}

    struct Outcome {
        BatchFigures figures;
        at::Tensor input;      ///< as the network received it
        at::Tensor predicted;  ///< a class each; undefined where the answers are none
        std::string mixing;    ///< what was done to the batch as a whole
    };
    /// `classes`: how many the data has. `step` counts from 1, for sentences. Throws DivergedStep.
    Outcome run(const Batch& batch, std::int64_t classes, at::Device device, std::int64_t step);

private:
    at::Tensor toDevice(const at::Tensor& input, at::Device device) const;
    bool gradientsAreFinite() const;

    CompiledNetwork& m_network;
    Optimizer& m_optimizer;
    const BuiltLoss& m_loss;
    const DataSection& m_data;
    bool m_pinMemory;
    BatchMixer m_mixer;
};

}  // namespace loom::backend
