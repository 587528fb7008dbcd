#include "core/train/network_use.h"

#include <algorithm>
#include <mutex>

#include "core/backend/batch_tensors.h"
#include "core/backend/compiled_network.h"
#include "core/backend/fresh_network.h"
#include "core/backend/loss.h"
#include "core/backend/tensors.h"
#include "core/data/subset.h"
#include "core/train/plan.h"

namespace loom {
namespace {

using backend::CompiledNetwork;

Error firstError(const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics)
        if (diagnostic.severity == Severity::Error) return {diagnostic.message, diagnostic.hint};
    return {};
}

/// The network of a project. Only what the network itself needs is checked: it may be used without
/// data.
Result<std::shared_ptr<CompiledNetwork>> build(const ShapeReport& shapes, const Graph& graph,
                                               std::int64_t seed) {
    if (hasErrors(shapes.diagnostics)) return firstError(shapes.diagnostics);
    return backend::freshNetwork(graph, shapes, seed);
}

Result<std::shared_ptr<CompiledNetwork>> build(const Project& project, std::int64_t seed) {
    return build(checkProject(project).shapes, project.network, seed);
}

Result<std::shared_ptr<CompiledNetwork>> loaded(const Project& project, const Weights& weights,
                                                std::vector<std::string>* remarks = nullptr) {
    auto network = build(project, project.training.seed);
    if (!network) return network;
    if (const Status status = (*network)->load(weights, remarks); !status) return status.error();
    return network;
}

void useThreads(const Project& project) {
    at::set_num_threads(project.training.threads > 0 ? project.training.threads : defaultThreads());
}

/// What went wrong in a forward pass, with the block.
Error blockError(const CompiledNetwork& network, const std::string& what) {
    const NodeId& block = network.currentBlock();
    // How many samples come is known only here.
    if (what.find("more than 1 value per channel") != std::string::npos)
        return {block +
                    " received a single number per channel, but normalisation takes the mean "
                    "and deviation of at least two.",
                "Give at least two samples, or let the block track running statistics."};
    return {(block.empty() ? "The network" : block) + " could not compute this: " + what + ".",
            "Check that the input has the size the network was drawn for."};
}

}  // namespace

Result<Weights> initialWeights(const Project& project, std::int64_t seed) {
    auto network = backend::drawnNetwork(project, seed);
    if (!network) return network.error();
    return (*network)->weights();
}

Status matchWeights(const Project& project, const Weights& weights,
                    std::vector<std::string>* remarks) {
    auto network = loaded(project, weights, remarks);
    if (!network) return network.error();
    return {};
}

struct Predictor::State {
    std::shared_ptr<CompiledNetwork> network;
    std::shared_ptr<backend::BuiltLoss> loss;
    bool probabilitiesAlready = false;
    bool givesClasses = true;
    Pipeline pipeline;
    std::int64_t channels = 3;
    std::vector<std::string> classes;
    int threads = 1;
    mutable std::mutex mutex;  ///< the network holds the state of one pass
};

namespace {

at::Tensor answerTo(CompiledNetwork& network, const TensorSample& prepared) {
    Batch batch;
    batch.dims = prepared.dims;
    batch.views = prepared.views;
    batch.inputs = prepared.values;
    batch.labels = {0};
    return backend::forwardViews(network, backend::inputTensor(batch), batch.views);
}

}  // namespace

Predictor::Predictor(std::shared_ptr<const State> state) : m_state(std::move(state)) {}

Result<Predictor> Predictor::make(const Project& project, const Weights& weights) {
    auto state = std::make_shared<State>();
    const ProjectReport report = checkProject(project);
    if (!report.ok()) return firstError(report.diagnostics);
    auto network = loaded(project, weights);
    if (!network) return network.error();
    state->network = *network;
    state->network->root().eval();
    auto pipeline = Pipeline::make(project.data.testTransforms);
    if (!pipeline) return pipeline.error();
    state->pipeline = std::move(*pipeline);
    const LossKind* loss = losses().find(project.training.loss.kind);
    state->loss = loss->build(Settings(loss->params, project.training.loss.params));
    const auto outputs = nodesOfKind(project.network, "Output");
    const Edge* wire = project.network.edgeInto({outputs.front(), 0});
    const Node* last = wire ? project.network.find(wire->from.node) : nullptr;
    state->probabilitiesAlready = last && last->kind == "Softmax";
    const bool severalLabels = report.target.yesNo;
    state->givesClasses = report.target.type == TargetSpec::Type::ClassIndex || severalLabels;
    if (report.sampleSpec && !report.sampleSpec->dims.empty())
        state->channels = report.sampleSpec->dims[0];
    const DatasetKind* dataset = datasets().find(project.data.dataset.kind);
    if (dataset) state->classes = knownClasses(*dataset, project.data.dataset.params);
    if (dataset && state->classes.empty()) {
        if (auto opened = openSamples(project.data.dataset))
            state->classes = severalLabels ? (*opened)->answerNames() : (*opened)->classes();
    }
    state->threads = project.training.threads > 0 ? project.training.threads : defaultThreads();
    return Predictor(state);
}

Result<std::vector<ClassScore>> Predictor::predict(const TensorSample& prepared) const {
    const State& state = *m_state;
    if (!state.givesClasses)
        return Error{"This network gives numbers, not classes.",
                     "torchloom-cli forward gives its output as a tensor."};
    const std::lock_guard lock(state.mutex);
    torch::NoGradGuard guard;
    at::set_num_threads(state.threads);
    try {
        const at::Tensor output = answerTo(*state.network, prepared);
        const at::Tensor scores =
            (state.probabilitiesAlready ? output : state.loss->probabilities(output))
                .to(at::kDouble)
                .flatten()
                .contiguous();
        std::vector<ClassScore> ranked;
        for (std::int64_t i = 0; i < scores.numel(); ++i) {
            const std::size_t place = static_cast<std::size_t>(i);
            ranked.push_back(
                {i,
                 place < state.classes.size() ? state.classes[place] : "class " + std::to_string(i),
                 scores.data_ptr<double>()[i]});
        }
        std::stable_sort(
            ranked.begin(), ranked.end(),
            [](const ClassScore& a, const ClassScore& b) { return a.probability > b.probability; });
        return ranked;
    } catch (const c10::Error& error) {
        return blockError(*state.network, backend::firstLine(error));
    }
}

Result<TensorSample> Predictor::prepare(const SampleInput& input) const {
    SampleInput given = input;
    if (auto* picture = std::get_if<Picture>(&given);
        picture && (m_state->channels == 1 || m_state->channels == 3))
        *picture = convertChannels(*picture, static_cast<int>(m_state->channels));
    TorchRandom random(0);
    auto sample = m_state->pipeline.apply(std::move(given), random);
    if (!sample) return sample.error();
    if (auto* tensor = std::get_if<TensorSample>(&*sample)) return std::move(*tensor);
    return Error{"The test transforms leave a picture a picture, but a network takes tensors.",
                 "Add ToTensor to them."};
}

Result<std::vector<ClassScore>> Predictor::predict(const Picture& picture) const {
    auto tensor = prepare(picture);
    if (!tensor) return tensor.error();
    return predict(*tensor);
}

bool Predictor::givesClasses() const {
    return m_state->givesClasses;
}

Result<TensorSample> Predictor::compute(const SampleInput& input) const {
    auto prepared = prepare(input);
    if (!prepared) return prepared.error();
    const State& state = *m_state;
    const std::lock_guard lock(state.mutex);
    torch::NoGradGuard guard;
    at::set_num_threads(state.threads);
    try {
        const at::Tensor output = answerTo(*state.network, *prepared).to(at::kFloat).contiguous();
        TensorSample result;
        result.dims = output.sizes().slice(1).vec();
        result.values.assign(output.data_ptr<float>(), output.data_ptr<float>() + output.numel());
        return result;
    } catch (const c10::Error& error) {
        return blockError(*state.network, backend::firstLine(error));
    }
}

Result<std::vector<ClassScore>> Predictor::predictFile(const std::string& path) const {
    auto picture = readPicture(path);
    if (!picture) return picture.error();
    auto scores = predict(*picture);
    if (!scores) return Error{path + ": " + scores.error().message, scores.error().hint};
    return scores;
}

namespace {

/// The batch for every Input block of the network, checked against the sizes it expects.
Result<std::vector<at::Tensor>> arrivingTensors(const Project& project,
                                                const std::vector<NodeId>& ids,
                                                const std::vector<NamedTensor>& inputs) {
    const ShapeReport shapes = checkProject(project).shapes;
    std::vector<at::Tensor> batch;
    for (const NodeId& id : ids) {
        const auto named = std::find_if(inputs.begin(), inputs.end(), [&](const NamedTensor& t) {
            return t.name == id || (t.name.empty() && inputs.size() == 1);
        });
        if (named == inputs.end())
            return Error{"The file has no tensor for the input " + id + ".",
                         "Save a dict with a tensor for every Input block's id."};
        auto tensor = backend::toTensor(named->tensor);
        if (!tensor)
            return Error{"The tensor for " + id + ": " + tensor.error().message,
                         tensor.error().hint};
        const Shape expected = *shapes.shapeAt({id, 0});
        std::vector<std::int64_t> sides = tensor->sizes().vec();
        if (!sides.empty()) sides.erase(sides.begin());
        if (tensor->dim() == 0 || sides != expected.dims) {
            return Error{"The tensor for " + id + " has the size " +
                             Shape{tensor->sizes().vec()}.toSentence() +
                             ", but the network takes N × " + expected.toSentence() + ".",
                         "Give a batch of samples of that size."};
        }
        batch.push_back(expected.type == ElementType::Float ? tensor->to(at::kFloat)
                                                            : tensor->to(at::kLong));
    }
    return batch;
}

}  // namespace

Result<std::vector<NamedTensor>> forward(const Project& project, const Weights& weights,
                                         const std::vector<NamedTensor>& inputs, bool trainMode) {
    useThreads(project);
    auto network = loaded(project, weights);
    if (!network) return network.error();
    auto batch = arrivingTensors(project, (*network)->inputs(), inputs);
    if (!batch) return batch.error();
    try {
        torch::NoGradGuard guard;
        (*network)->root().train(trainMode);
        torch::manual_seed(static_cast<std::uint64_t>(project.training.seed));
        const std::vector<at::Tensor> results = (*network)->forward(*batch);
        std::vector<NamedTensor> named;
        for (std::size_t i = 0; i < results.size(); ++i)
            named.push_back({(*network)->outputs()[i], backend::toPlain(results[i])});
        return named;
    } catch (const c10::Error& error) {
        return blockError(**network, backend::firstLine(error));
    }
}

Result<std::vector<NamedTensor>> gradients(const Project& project, const Weights& weights,
                                           const std::vector<NamedTensor>& inputs,
                                           const std::vector<NamedTensor>& outputGradients,
                                           bool trainMode) {
    useThreads(project);
    auto network = loaded(project, weights);
    if (!network) return network.error();
    auto batch = arrivingTensors(project, (*network)->inputs(), inputs);
    if (!batch) return batch.error();
    try {
        (*network)->root().train(trainMode);
        torch::manual_seed(static_cast<std::uint64_t>(project.training.seed));
        for (at::Tensor& input : *batch)
            if (input.is_floating_point()) input = input.detach().clone().set_requires_grad(true);
        const std::vector<at::Tensor> results = (*network)->forward(*batch);
        std::vector<at::Tensor> roots, given;
        for (std::size_t i = 0; i < results.size(); ++i) {
            for (const NamedTensor& entry : outputGradients) {
                if (entry.name != (*network)->outputs()[i] || !results[i].requires_grad()) continue;
                auto gradient = backend::toTensor(entry.tensor);
                if (!gradient) return gradient.error();
                if (gradient->sizes() != results[i].sizes()) {
                    return Error{"The gradient for " + entry.name + " has the size " +
                                     Shape{gradient->sizes().vec()}.toSentence() +
                                     ", but the output has " +
                                     Shape{results[i].sizes().vec()}.toSentence() + ".",
                                 "Give one number for every number of the output."};
                }
                roots.push_back(results[i]);
                given.push_back(*gradient);
            }
        }
        std::vector<NamedTensor> named;
        if (roots.empty()) return named;
        torch::autograd::backward(roots, given);
        for (std::size_t i = 0; i < batch->size(); ++i)
            if ((*batch)[i].grad().defined())
                named.push_back({(*network)->inputs()[i], backend::toPlain((*batch)[i].grad())});
        const backend::ParameterList parameters = (*network)->parameters();
        for (std::size_t i = 0; i < parameters.tensors.size(); ++i)
            if (parameters.tensors[i].grad().defined())
                named.push_back(
                    {parameters.names[i], backend::toPlain(parameters.tensors[i].grad())});
        return named;
    } catch (const c10::Error& error) {
        return blockError(**network, backend::firstLine(error));
    }
}

}  // namespace loom
