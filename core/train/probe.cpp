#include "core/train/probe.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "core/backend/borrowed_streams.h"
#include "core/backend/failures.h"
#include "core/backend/fresh_network.h"
#include "core/backend/tensors.h"
#include "core/data/loader.h"
#include "core/data/subset.h"
#include "core/project/delivered_dataset.h"
#include "core/project/project_check.h"
#include "core/train/plan.h"

namespace loom {
namespace {

using backend::CompiledNetwork;

/// The network up to the block in execution order, as far as its sizes are known: what is
/// constructed before it draws its weights before it, also on branches that do not lead there.
Graph upTo(const Graph& graph, const ShapeReport& shapes, const NodeId& block) {
    std::set<NodeId> wanted;
    std::size_t end = 0;
    const auto place = [&](const NodeId& id) {
        const auto found = std::find(shapes.order.begin(), shapes.order.end(), id);
        return static_cast<std::size_t>(found - shapes.order.begin()) + 1;
    };
    end = place(block);
    // A module that is used at a second place may be constructed further on.
    for (std::size_t i = 0; i < end && i < shapes.order.size(); ++i) {
        const Node* node = graph.find(shapes.order[i]);
        if (node && !node->sharesWith.empty()) end = std::max(end, place(node->sharesWith));
    }
    for (std::size_t i = 0; i < end && i < shapes.order.size(); ++i) {
        const BlockReport* report = shapes.find(shapes.order[i]);
        if (report && report->known) wanted.insert(shapes.order[i]);
    }
    Graph part;
    for (const Node& node : graph.nodes)
        if (wanted.contains(node.id)) part.nodes.push_back(node);
    for (const Edge& edge : graph.edges)
        if (wanted.contains(edge.from.node) && wanted.contains(edge.to.node))
            part.edges.push_back(edge);
    return part;
}

at::Tensor stacked(const std::vector<TensorSample>& samples) {
    std::vector<at::Tensor> rows;
    for (const TensorSample& sample : samples) {
        const at::Tensor row = at::empty(sample.dims, at::kFloat);
        std::copy(sample.values.begin(), sample.values.end(), row.data_ptr<float>());
        rows.push_back(row);
    }
    return at::stack(rows);
}

/// Numbers for an Input block that no sample fits: normal ones, or class number 0.
at::Tensor noise(const Shape& shape, std::int64_t count) {
    std::vector<std::int64_t> sides = shape.dims;
    sides.insert(sides.begin(), count);
    if (shape.type == ElementType::Int64) return at::zeros(sides, at::kLong);
    return at::randn(sides);
}

/// The weights of `all` that this part of the network has, taken over; false when they do not fit.
bool takeWeights(CompiledNetwork& network, const Weights& all) {
    Weights own;
    for (const auto& [name, tensor] : network.state())
        if (const PlainTensor* found = all.find(name)) own.tensors.push_back({name, *found});
    return network.load(own).ok();
}

/// Takes a tensor over when it is one of the block's, under its name within the block.
void takeOwn(Weights& own, const NodeId& owner, const std::string& name, PlainTensor tensor) {
    if (name == owner)
        own.tensors.push_back({name, std::move(tensor)});
    else if (name.starts_with(owner + "."))
        own.tensors.push_back({name.substr(owner.size() + 1), std::move(tensor)});
}

std::shared_ptr<torch::nn::Module> moduleAt(CompiledNetwork& network, const NodeId& id) {
    const auto modules = network.root().named_modules();
    const auto* found = modules.find(id);
    return found ? *found : nullptr;
}

}  // namespace

Result<ProbeSample> probeSample(const Project& project, std::int64_t index) {
    auto dataset = openSamples(deliveredDataset(project));
    if (!dataset) return dataset.error();
    auto pipeline = Pipeline::make(project.data.testTransforms);
    if (!pipeline) return pipeline.error();
    ProbeSample sample;
    sample.count = (*dataset)->size();
    if (sample.count == 0)
        return Error{"The data set's test split is empty.", "Choose another data set."};
    sample.index = (index % sample.count + sample.count) % sample.count;
    auto input = prepareSample(**dataset, *pipeline, sample.index,
                               static_cast<std::uint64_t>(project.training.seed), 0);
    if (!input) return input.error();
    sample.input = std::move(*input);
    const auto& classes = (*dataset)->classes();
    const std::int64_t label = (*dataset)->label(sample.index);
    if (label >= 0 && label < static_cast<std::int64_t>(classes.size()))
        sample.className = classes[static_cast<std::size_t>(label)];
    return sample;
}

Result<BlockProbe> probeBlock(const Project& project, const NodeId& block,
                              const std::vector<TensorSample>& samples,
                              const ProbeOptions& options) {
    const ProjectReport checked = checkProject(project);
    const BlockReport* report = checked.shapes.find(block);
    if (!report || !report->known)
        return Error{block + " has no size yet, so there is nothing to compute.",
                     "Connect it, and mend the problems of the blocks before it."};
    std::optional<Shape> data;
    if (!samples.empty()) data = Shape{samples.front().dims};
    const Graph part = upTo(project.network, checked.shapes, block);
    const ShapeReport shapes = inferShapes(part, checked.dataShape);
    at::set_num_threads(project.training.threads > 0 ? project.training.threads : defaultThreads());
    auto built = backend::freshNetwork(part, shapes, project.training.seed);
    if (!built) return built.error();
    CompiledNetwork& network = **built;
    BlockProbe probe;
    try {
        torch::NoGradGuard guard;
        // Nothing is taken over in part: names and sizes are compared first.
        probe.givenWeights = options.weights && takeWeights(network, *options.weights);
        const std::int64_t count = std::max<std::int64_t>(1, std::ssize(samples));
        const backend::BorrowedStreams borrowed(project.training.seed);
        std::vector<at::Tensor> arriving;
        for (const NodeId& id : network.inputs()) {
            const Shape& shape = *shapes.shapeAt({id, 0});
            const bool fits = data && data->dims == shape.dims;
            probe.realInput = probe.realInput || fits;
            arriving.push_back(fits ? stacked(samples).to(
                                          shape.type == ElementType::Int64 ? at::kLong : at::kFloat)
                                    : noise(shape, count));
        }
        if (arriving.empty())
            return Error{"Nothing arrives at " + block + ": the network has no Input block.",
                         "Add an Input block."};
        network.root().eval();
        const Node& node = *part.find(block);
        const NodeId& owner = node.sharesWith.empty() ? node.id : node.sharesWith;
        if (options.blockTrains)
            if (const auto module = moduleAt(network, owner)) module->train();

        const std::vector<Edge> wires = part.edgesInto(block);
        std::map<std::pair<NodeId, int>, at::Tensor> seen;
        network.forward(arriving, [&](const NodeId& id, const std::vector<at::Tensor>& made) {
            for (const Edge& wire : wires)
                if (wire.from.node == id && wire.from.port < static_cast<int>(made.size()))
                    seen[{id, wire.from.port}] = made[static_cast<std::size_t>(wire.from.port)];
            if (id != block) return;
            for (const at::Tensor& tensor : made) probe.outputs.push_back(backend::toPlain(tensor));
        });
        const LayerKind& kind = *layers().find(node.kind);
        if (!kind.variadicInputs) probe.inputs.resize(kind.inputs.size());
        for (const Edge& wire : wires) {
            PlainTensor plain = backend::toPlain(seen.at({wire.from.node, wire.from.port}));
            if (kind.variadicInputs)
                probe.inputs.push_back(std::move(plain));
            else
                probe.inputs.at(static_cast<std::size_t>(wire.to.port)) = std::move(plain);
        }
        for (const auto& [name, tensor] : network.state())
            takeOwn(probe.state, owner, name, backend::toPlain(tensor));
        return probe;
    } catch (const std::exception& failure) {
        return backend::explainFailure(failure, &network);
    }
}

Result<BlockWeights> blockWeights(const Project& project, const NodeId& block,
                                  const Weights* given) {
    BlockWeights found;
    const Node* node = project.network.find(block);
    if (!node) return Error{"There is no block " + block + "."};
    const NodeId owner = node->sharesWith.empty() ? node->id : node->sharesWith;
    if (given)
        for (const NamedTensor& entry : given->tensors)
            takeOwn(found.state, owner, entry.name, entry.tensor);
    found.given = !found.state.tensors.empty();
    if (found.given) return found;
    const ProjectReport checked = checkProject(project);
    const BlockReport* report = checked.shapes.find(owner);
    if (!report || !report->known)
        return Error{block + " has no size yet, so it has no weights.",
                     "Connect it, and mend the problems of the blocks before it."};
    const Graph part = upTo(project.network, checked.shapes, owner);
    auto built = backend::freshBlock(part, inferShapes(part, checked.dataShape),
                                     project.training.seed, owner);
    if (!built) return built.error();
    for (const auto& [name, tensor] : *built)
        takeOwn(found.state, owner, name, backend::toPlain(tensor));
    return found;
}

}  // namespace loom
