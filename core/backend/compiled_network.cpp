#include "core/backend/compiled_network.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <set>
#include <utility>

#include "core/backend/failures.h"
#include "core/backend/initialization.h"
#include "core/backend/interrupt.h"
#include "core/backend/tensors.h"
#include "core/base/machine_memory.h"
#include "core/base/saturating.h"
#include "core/base/sentence.h"
#include "core/exchange/weight_names.h"

namespace loom::backend {
namespace {

/// A path of the module tree that is no layer itself, such as `layer1.0`.
struct Group : torch::nn::Module {
    using torch::nn::Module::Module;
};

std::string sides(const std::vector<std::int64_t>& dims) {
    return dims.empty() ? "a single number" : Shape{dims}.toSentence();
}

/// Tensors that a sentence names.
constexpr std::size_t kNamed = 3;

/// "5 numbers", "3 × 32 × 32"
std::string sampleText(const std::vector<std::int64_t>& dims) {
    if (dims.size() != 1) return sides(dims);
    return counted(dims[0], "number", "numbers");
}

/// Gradients pass here; looking at them changes nothing.
void askOnTheWayBack(const std::vector<at::Tensor>& made, const std::function<bool()>& asked) {
    if (made.empty() || !made[0].requires_grad() || made[0].is_leaf()) return;
    made[0].register_hook([asked](const at::Tensor&) {
        if (asked()) throw Interrupted();
    });
}

}  // namespace

Result<std::shared_ptr<CompiledNetwork>> CompiledNetwork::build(const Graph& graph,
                                                                const ShapeReport& report) {
    const std::int64_t bytes = times(report.parameters, std::int64_t(sizeof(float)));
    if (const std::int64_t memory = machineMemory(); memory > 0 && bytes > memory)
        return Error{"The network's " + groupDigits(report.parameters) + " parameters take " +
                         byteText(static_cast<double>(bytes)) + ", but this machine has " +
                         byteText(static_cast<double>(memory)) + " of memory.",
                     "Make the network smaller."};
    auto network = std::make_shared<CompiledNetwork>();
    network->m_root = std::make_shared<Group>();
    std::map<std::pair<NodeId, int>, std::size_t> slots;
    std::map<NodeId, std::shared_ptr<BuiltLayer>> built;
    for (const NodeId& id : report.order) {
        const Node& node = *graph.find(id);
        if (!node.sharesWith.empty()) continue;
        auto layer = network->buildLayer(graph, node, report);
        if (!layer) return layer.error();
        built[id] = *layer;
    }
    for (const NodeId& id : report.order) {
        const Node& node = *graph.find(id);
        const LayerKind& kind = *layers().find(node.kind);
        const BlockReport& block = *report.find(id);
        Step step;
        step.id = id;
        for (const Edge& edge : graph.edgesInto(id)) {
            const std::size_t port = static_cast<std::size_t>(edge.to.port);
            if (!kind.variadicInputs) step.inputs.resize(kind.inputs.size(), kNone);
            if (kind.variadicInputs)
                step.inputs.push_back(slots.at({edge.from.node, edge.from.port}));
            else
                step.inputs.at(port) = slots.at({edge.from.node, edge.from.port});
        }
        for (std::size_t port = 0; port < block.inference.outputs.size(); ++port)
            slots[{id, static_cast<int>(port)}] = network->m_slots,
                       step.outputs.push_back(network->m_slots++);
        step.layer = built[node.sharesWith.empty() ? id : node.sharesWith];
        if (!step.layer && kind.inputs.empty()) step.takes = block.inference.outputs.at(0);
        if (!step.layer)
            (kind.inputs.empty() ? network->m_inputs : network->m_outputs).push_back(id);
        network->m_steps.push_back(std::move(step));
    }
    if (const Status begun = applyInitializations(graph, report, *network->m_root); !begun)
        return begun.error();
    // Let go of each value right after the last step that reads it. Output steps hand their value
    // on.
    std::set<std::size_t> seen;
    for (auto step = network->m_steps.rbegin(); step != network->m_steps.rend(); ++step) {
        for (std::size_t slot : step->inputs)
            if (slot != kNone && seen.insert(slot).second) step->finished.push_back(slot);
        for (std::size_t slot : step->outputs)
            if (seen.insert(slot).second && step->layer) step->finished.push_back(slot);
    }
    return network;
}

Result<std::shared_ptr<BuiltLayer>> CompiledNetwork::buildLayer(const Graph& graph,
                                                                const Node& node,
                                                                const ShapeReport& report) {
    const LayerKind* kind = layers().find(node.kind);
    const BlockReport* block = report.find(node.id);
    if (!kind || !block || !block->known)
        return Error{node.id + " cannot be built: its shapes are not known.",
                     "Mend the problems of the network first."};
    if (!kind->build) return std::shared_ptr<BuiltLayer>();
    try {
        auto layer = kind->build({graph, node, Settings(kind->params, node.params), block->inputs},
                                 block->inference);
        registerLayer(node.id, *layer);
        return layer;
    } catch (const std::exception& failure) {
        if (isOutOfMemory(failure))
            return Error{"There was not enough memory for the weights of " + node.id + " (" +
                             node.kind + "), " + groupDigits(block->inference.parameters) +
                             " numbers.",
                         "Make the block smaller."};
        return Error{node.id + " (" + node.kind + ") cannot be built with these parameters.",
                     "Take its defaults and change one after the other."};
    }
}

void CompiledNetwork::registerLayer(const NodeId& id, const BuiltLayer& layer) {
    if (!layer.module && !layer.parameter.defined()) return;
    std::shared_ptr<torch::nn::Module> parent = m_root;
    std::size_t begin = 0;
    for (std::size_t dot = id.find('.'); dot != std::string::npos; dot = id.find('.', begin)) {
        const std::string name = id.substr(begin, dot - begin);
        const auto children = parent->named_children();
        parent = children.contains(name) ? children[name]
                                         : parent->register_module(name, std::make_shared<Group>());
        begin = dot + 1;
    }
    const std::string name = id.substr(begin);
    if (layer.module)
        parent->register_module(name, layer.module);
    else
        parent->register_parameter(name, layer.parameter);
}

at::Tensor CompiledNetwork::received(const Step& step, const at::Tensor& batch) {
    const auto sides = batch.sizes();
    if (sides.empty() || sides.slice(1) != at::IntArrayRef(step.takes.dims))
        throw SampleSizeError(
            {step.id + " takes samples of " + sampleText(step.takes.dims) +
                 ", but what arrives has " +
                 sampleText(sides.empty() ? std::vector<std::int64_t>() : sides.slice(1).vec()) +
                 ".",
             "Bring the samples to that size, or change the shape of " + step.id + "."});
    // Samples travel as float32, in which the data set's whole numbers are exact.
    return step.takes.type == ElementType::Int64 && batch.is_floating_point() ? batch.to(at::kLong)
                                                                              : batch;
}

std::vector<at::Tensor> CompiledNetwork::computed(const Step& step,
                                                  const std::vector<at::Tensor>& arriving) {
    try {
        return step.layer->forward(arriving);
    } catch (...) {
        m_arrived.clear();
        for (const at::Tensor& tensor : arriving)
            if (tensor.defined()) m_arrived.push_back(tensor.sizes().vec());
        throw;
    }
}

std::vector<at::Tensor> CompiledNetwork::forward(const std::vector<at::Tensor>& inputs,
                                                 const Probe& probe) {
    std::vector<at::Tensor> values(m_slots);
    std::vector<at::Tensor> results(m_outputs.size());
    const std::function<bool()>& asked = InterruptScope::current();
    std::size_t nextInput = 0;
    for (const Step& step : m_steps) {
        m_current = step.id;
        if (asked && asked()) throw Interrupted();
        std::vector<at::Tensor> arriving;
        for (std::size_t slot : step.inputs)
            arriving.push_back(slot == kNone ? at::Tensor() : values[slot]);
        std::vector<at::Tensor> made;
        if (step.layer && step.layer->parameter.defined()) {
            std::vector<std::int64_t> sides = step.layer->parameter.sizes().vec();
            sides.at(0) = inputs.at(0).size(0);
            made = {step.layer->parameter.expand(sides)};
        } else if (step.layer) {
            made = computed(step, arriving);
        } else if (step.inputs.empty()) {
            made = {received(step, inputs.at(nextInput++))};
        } else {
            made = arriving;
            const auto place =
                std::find(m_outputs.begin(), m_outputs.end(), step.id) - m_outputs.begin();
            results[static_cast<std::size_t>(place)] = arriving[0];
        }
        if (probe) probe(step.id, made);
        if (asked && step.layer) askOnTheWayBack(made, asked);
        for (std::size_t i = 0; i < step.outputs.size(); ++i)
            values[step.outputs[i]] = std::move(made[i]);
        for (std::size_t slot : step.finished) values[slot].reset();
    }
    m_current.clear();
    return results;
}

ParameterList CompiledNetwork::parameters() const {
    ParameterList list;
    for (const auto& entry : m_root->named_parameters()) {
        list.names.push_back(entry.key());
        list.tensors.push_back(entry.value());
    }
    return list;
}

std::vector<std::pair<std::string, at::Tensor>> CompiledNetwork::state() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (const auto& module : m_root->named_modules()) {
        const std::string prefix = module.key().empty() ? "" : module.key() + ".";
        for (const auto& entry : module.value()->named_parameters(false))
            all.emplace_back(prefix + entry.key(), entry.value());
        for (const auto& entry : module.value()->named_buffers(false))
            all.emplace_back(prefix + entry.key(), entry.value());
    }
    return all;
}

Weights CompiledNetwork::weights() const {
    Weights weights;
    for (const auto& [name, tensor] : state()) weights.tensors.push_back({name, toPlain(tensor)});
    return weights;
}

Status CompiledNetwork::load(const Weights& weights, std::vector<std::string>* remarks) {
    const auto own = state();
    std::vector<TensorSize> sizes;
    for (const auto& [name, tensor] : own) sizes.push_back({name, tensor.sizes().vec()});
    const auto fitted = fitNames(weights, sizes);
    if (!fitted) return fitted.error();
    std::vector<std::string> missing, wrong;
    for (const TensorSize& size : sizes) {
        const PlainTensor* given = fitted->find(size.name);
        if (!given)
            missing.push_back(size.name);
        else if (given->dims != size.dims)
            wrong.push_back(size.name + " is " + sides(given->dims) + " in the file and " +
                            sides(size.dims) + " in the network");
    }
    std::string message;
    if (!missing.empty()) message += " The file lacks " + someWords(missing, kNamed) + ".";
    if (!fitted->surplus.empty())
        message += " The network has no " + someWords(fitted->surplus, kNamed) + ".";
    if (!wrong.empty()) message += " Sizes differ: " + someWords(wrong, kNamed) + ".";
    if (!message.empty())
        return Error{"The weights do not fit this network." + message,
                     "Take weights of this network, or name the blocks as in the network the "
                     "weights come from."};
    torch::NoGradGuard guard;
    for (auto [name, tensor] : own) {
        auto loaded = toTensor(*fitted->find(name));
        if (!loaded) return Error{name + ": " + loaded.error().message, loaded.error().hint};
        tensor.copy_(*loaded);
    }
    if (remarks) remarks->insert(remarks->end(), fitted->remarks.begin(), fitted->remarks.end());
    return {};
}

}  // namespace loom::backend
