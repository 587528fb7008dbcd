#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/backend/torch.h"

namespace loom::backend {

/// A block ready to run: its module (null for pure operations) and how inputs become outputs.
/// Parameters and buffers are named as in PyTorch, relative to the block.
struct BuiltLayer {
    std::shared_ptr<torch::nn::Module> module;
    /// A bare `nn.Parameter` of size 1×(dims), registered under the block's own id: the block's
    /// output, expanded to the batch. `module` and `forward` are empty then.
    at::Tensor parameter = {};
    std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)> forward;
};

/// A loss: one number from the network's output and the answers.
struct BuiltLoss {
    std::function<at::Tensor(const at::Tensor& output, const at::Tensor& target)> forward;
    /// The answers in the form the loss takes, from class numbers.
    std::function<at::Tensor(const at::Tensor& labels, const at::Tensor& output)> target;
    bool sums = false;  ///< the batch's losses are summed, not averaged
    /// Turns outputs into probabilities for showing.
    std::function<at::Tensor(const at::Tensor& output)> probabilities;
};

struct ParameterList {
    std::vector<std::string> names;
    std::vector<at::Tensor> tensors;
};

/// An optimizer by Python's formulas, with its state in the open so that a checkpoint holds all of
/// it.
class Optimizer {
public:
    explicit Optimizer(ParameterList parameters) : m_parameters(std::move(parameters)) {}
    virtual ~Optimizer() = default;
    virtual void step() = 0;
    void zeroGrad();
    double learningRate() const { return m_learningRate; }
    void setLearningRate(double rate) { m_learningRate = rate; }
    /// `<parameter name>/<state name>` -> tensor, to save; and back.
    std::vector<std::pair<std::string, at::Tensor>> state() const;
    void setState(const std::vector<std::pair<std::string, at::Tensor>>& state);

protected:
    /// The state tensor of parameter `index`, undefined before it is first set.
    at::Tensor& slot(std::size_t index, const std::string& name);
    ParameterList m_parameters;
    double m_learningRate = 0;

private:
    std::vector<std::vector<std::pair<std::string, at::Tensor>>> m_slots;
};

}  // namespace loom::backend
