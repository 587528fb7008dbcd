#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/backend/compiled_network.h"
#include "core/base/params.h"
#include "core/project/project.h"
#include "core/train/schedule.h"

namespace loom::backend {

/// One entry of `param_groups`: parameters, and the optimizer's settings as they hold for them.
struct OptimizerGroup {
    ParameterList parameters;
    const std::vector<ParamSpec>* specs = nullptr;
    Params params = {};
    Settings settings() const { return {*specs, params}; }
};

/// What an optimizer remembers of one parameter, by Python's names.
class OptimizerState {
public:
    /// Undefined before it is first set. The reference holds until the next call.
    at::Tensor& operator[](const std::string& name);
    bool empty() const { return m_tensors.empty(); }
    auto begin() const { return m_tensors.begin(); }
    auto end() const { return m_tensors.end(); }

private:
    std::vector<std::pair<std::string, at::Tensor>> m_tensors;
};

/// An optimizer by Python's formulas, with its state in the open so that a checkpoint holds all of
/// it.
class Optimizer {
public:
    /// Computes the loss on the batch in hand and fills the gradients, as the function one gives to
    /// `optimizer.step(closure)`.
    using Closure = std::function<double()>;

    explicit Optimizer(std::vector<OptimizerGroup> groups);
    virtual ~Optimizer() = default;
    /// One step. Calls the closure, most optimizers once, and gives its first loss back.
    virtual double step(const Closure& closure) = 0;
    void zeroGrad();

    /// What schedules move: rates and momenta, group by group.
    std::vector<GroupRates>& rates() { return m_rates; }
    const std::vector<GroupRates>& rates() const { return m_rates; }
    double learningRate() const { return m_rates.front().lr; }

    /// `<parameter name>/<state name>` -> tensor, to save; and back.
    std::vector<std::pair<std::string, at::Tensor>> state() const;
    void setState(const std::vector<std::pair<std::string, at::Tensor>>& state);

protected:
    std::vector<OptimizerGroup> m_groups;
    std::vector<GroupRates> m_rates;
    std::vector<std::vector<OptimizerState>> m_states;  ///< by group and parameter
};

/// How one parameter moves: the formula of an optimizer that looks at one tensor at a time.
class UpdateRule {
public:
    virtual ~UpdateRule() = default;
    /// `rates` are the group's in force now.
    virtual void update(const at::Tensor& parameter, at::Tensor gradient, OptimizerState& state,
                        const GroupRates& rates) = 0;
};

/// Applies a rule to every parameter of every group.
class RuleOptimizer : public Optimizer {
public:
    RuleOptimizer(std::vector<OptimizerGroup> groups,
                  const std::function<std::unique_ptr<UpdateRule>(const Settings&)>& rule);
    double step(const Closure& closure) override;

private:
    std::vector<std::unique_ptr<UpdateRule>> m_rules;
};

/// Freezes what the project freezes, and builds its optimizer over the rest: first the parameters
/// that are in no group of their own, then the groups in their order, as the script
/// `optim.SGD([{'params': rest}, {'params': head, 'lr': 0.1}])` has them.
std::shared_ptr<Optimizer> buildOptimizer(const TrainingSection& training, const Graph& graph,
                                          CompiledNetwork& network);

}  // namespace loom::backend
