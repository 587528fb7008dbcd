#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/backend/layer.h"
#include "core/base/result.h"
#include "core/check/shape_report.h"
#include "core/exchange/weights.h"

namespace loom::backend {

/// A network ready to run: one step per block in execution order, over modules registered under the
/// blocks' ids, so that parameter names are PyTorch's. What no later step needs is let go of at
/// once.
class CompiledNetwork {
public:
    /// Called with every block's outputs as they are computed.
    using Probe = std::function<void(const NodeId&, const std::vector<at::Tensor>&)>;

    /// Constructs the modules in graph order, which draws the initial weights from torch's
    /// generator exactly as the same Python script does. `report` must be free of errors.
    static Result<std::shared_ptr<CompiledNetwork>> build(const Graph& graph,
                                                          const ShapeReport& report);

    /// From the batch at each Input block to what arrives at each Output block, in their order in
    /// the graph. An Input of whole numbers makes int64 of what comes. Throws what `explainFailure`
    /// explains: SampleSizeError where samples have not the size of the Input block, and whatever
    /// a block throws.
    std::vector<at::Tensor> forward(const std::vector<at::Tensor>& inputs, const Probe& probe = {});
    at::Tensor forward(const at::Tensor& input) { return forward(std::vector{input}).at(0); }
    /// The block being computed; after an exception from forward, the one that failed.
    const NodeId& currentBlock() const { return m_current; }
    /// After such an exception: the sides of what arrived at that block, with the batch.
    const std::vector<std::vector<std::int64_t>>& arrived() const { return m_arrived; }

    const std::vector<NodeId>& inputs() const { return m_inputs; }
    const std::vector<NodeId>& outputs() const { return m_outputs; }
    torch::nn::Module& root() { return *m_root; }

    ParameterList parameters() const;
    /// Parameters and buffers in the order of Python's `state_dict()`.
    std::vector<std::pair<std::string, at::Tensor>> state() const;
    Weights weights() const;
    /// Takes weights over. Refused, with everything that does not fit in one sentence, unless names
    /// and sizes agree exactly (`strict=True`), apart from what `fitNames` allows for; what that
    /// was is added to `remarks`.
    Status load(const Weights& weights, std::vector<std::string>* remarks = nullptr);

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    struct Step {
        NodeId id;
        std::shared_ptr<BuiltLayer> layer;  ///< null for Input and Output
        std::vector<std::size_t> inputs;    ///< slots read, kNone where no wire ends
        std::vector<std::size_t> outputs;   ///< slots written
        std::vector<std::size_t> finished;  ///< slots no later step reads
        Shape takes = {};                   ///< of an Input: one sample
    };

    std::shared_ptr<torch::nn::Module> m_root;
    std::vector<Step> m_steps;
    std::size_t m_slots = 0;
    std::vector<NodeId> m_inputs, m_outputs;
    NodeId m_current;
    std::vector<std::vector<std::int64_t>> m_arrived;

    /// The batch as the Input block of this step hands it on.
    static at::Tensor received(const Step& step, const at::Tensor& batch);
    std::vector<at::Tensor> computed(const Step& step, const std::vector<at::Tensor>& arriving);
    void registerLayer(const NodeId& id, const BuiltLayer& layer);
    Result<std::shared_ptr<BuiltLayer>> buildLayer(const Graph& graph, const Node& node,
                                                   const ShapeReport& report);
};

}  // namespace loom::backend
