#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/backend/torch.h"
#include "core/base/choice.h"

namespace loom::backend {

/// A batch on its way to the network: N×(dims), and the shares of the classes in each sample, N×C.
struct MixedBatch {
    at::Tensor input;
    at::Tensor shares;
    std::string note;  ///< what was done, in few words: "MixUp, λ 0.31"
};

/// MixUp, CutMix: mixes each sample with its neighbour in the batch. Draws from PyTorch's global
/// generator, as torchvision does. Source: torchvision.transforms.v2, `MixUp` and `CutMix`.
class BatchTransform {
public:
    virtual ~BatchTransform() = default;
    virtual MixedBatch apply(const at::Tensor& input, const at::Tensor& shares) const = 0;
};

/// A project's batch transforms in force.
class BatchMixer {
public:
    explicit BatchMixer(const std::vector<Choice>& choices);
    bool mixes() const { return !m_transforms.empty(); }
    /// Of several transforms draws one. `labels` are class numbers, N, of `classes` classes.
    MixedBatch mix(const at::Tensor& input, const at::Tensor& labels, std::int64_t classes) const;

private:
    std::vector<std::shared_ptr<BatchTransform>> m_transforms;
};

}  // namespace loom::backend
