#include "core/train/predictor.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <mutex>
#include <utility>
#include <variant>

#include "core/backend/batch_tensors.h"
#include "core/backend/borrowed_streams.h"
#include "core/backend/drawn_network.h"
#include "core/backend/failures.h"
#include "core/backend/loss_parts.h"
#include "core/check/number_source.h"
#include "core/data/dataset.h"
#include "core/data/pictures/ground.h"
#include "core/data/transforms/resample.h"
#include "core/project/project_check.h"
#include "core/train/sample_fitting.h"

namespace loom {
namespace {

using backend::CompiledNetwork;

/// The shape of samples where neither the drawing nor the data set says it, as of folders that are
/// not on this machine: what the test transforms make of any picture.
std::optional<Shape> shapeFromTransforms(const Project& project) {
    const PipelineInference inference =
        inferPipeline(project.data.testTransforms, {false, {3, -1, -1}});
    if (inference.failedStep >= 0 || inference.specs.empty()) return std::nullopt;
    const SampleSpec& last = inference.specs.back();
    if (!last.isTensor || !last.fixed()) return std::nullopt;
    return Shape{last.dims};
}

/// The loss's reading of outputs; of a loss that is not known, that of scores.
std::shared_ptr<backend::BuiltLoss> readingLoss(const Choice& choice) {
    const LossKind* kind = losses().find(choice.kind);
    Params params = choice.params;
    if (kind)
        for (const ParamProblem& problem : checkParams(kind->params, params))
            if (!problem.unknown) params = {};
    if (!kind) {
        kind = losses().find("CrossEntropyLoss");
        params = {};
    }
    return kind->build(Settings(kind->params, params));
}

/// The ground of the data set's pictures as far as they agree.
Ground groundOfData(const Project& project) {
    constexpr std::int64_t kLooked = 24;
    const Choice& dataset = project.data.dataset;
    for (const Split split : {Split::Test, Split::Train}) {
        const auto opened = openDataset(dataset.kind, dataset.params, split);
        if (!opened || (*opened)->size() == 0) continue;
        std::int64_t dark = 0, light = 0, looked = 0;
        const std::int64_t size = (*opened)->size();
        for (std::int64_t i = 0; i < std::min(kLooked, size); ++i) {
            const auto sample = (*opened)->sample(i * size / std::min(kLooked, size));
            const Picture* picture = sample ? std::get_if<Picture>(&sample->input) : nullptr;
            if (!picture) continue;
            const Ground ground = groundOf(*picture);
            ++looked;
            dark += ground == Ground::Dark;
            light += ground == Ground::Light;
        }
        if (looked > 0 && dark * 5 >= looked * 4) return Ground::Dark;
        if (looked > 0 && light * 5 >= looked * 4) return Ground::Light;
        return Ground::Mixed;
    }
    return Ground::Mixed;
}

}  // namespace

ShapeReport shapesForPrediction(const Project& project) {
    ProjectReport report = checkProject(project);
    if (!report.dataShape)
        if (const auto shape = shapeFromTransforms(project))
            return inferShapes(project.network, shape);
    return std::move(report.shapes);
}

struct Predictor::State {
    Project project;
    std::shared_ptr<CompiledNetwork> network;
    std::shared_ptr<backend::BuiltLoss> loss;
    Gives ending = Gives::Anything;
    bool givesClasses = true;
    Pipeline pipeline;
    Shape takes;
    std::optional<SampleSpec> data;
    std::vector<std::string> classes;
    mutable std::mutex mutex;  ///< the network holds the state of one pass
    mutable std::optional<Ground> ground;

    at::Tensor probabilities(const at::Tensor& output) const {
        return ending == Gives::Probabilities      ? asTheyAre(output)
               : ending == Gives::LogProbabilities ? expOf(output)
                                                   : loss->probabilities(output);
    }
};

Predictor::Predictor(std::shared_ptr<const State> state) : m_state(std::move(state)) {}

Result<Predictor> Predictor::make(const Project& project, const Weights& weights,
                                  std::vector<std::string>* remarks) {
    auto state = std::make_shared<State>();
    state->project = project;
    const ProjectReport report = checkProject(project);
    const ShapeReport shapes = shapesForPrediction(project);
    auto network = backend::drawnNetwork(project.network, shapes, project.training.seed);
    if (!network) return network.error();
    if (const Status fits = (*network)->load(weights, remarks); !fits) return fits.error();
    if ((*network)->inputs().size() != 1)
        return Error{"The network has " + std::to_string((*network)->inputs().size()) +
                         " Input blocks, but a single sample is given.",
                     "torchloom-cli forward takes a tensor for each of them."};
    state->network = *network;
    state->network->root().eval();
    state->takes = *shapes.shapeAt({state->network->inputs().front(), 0});
    auto pipeline = Pipeline::make(project.data.testTransforms);
    if (!pipeline) return pipeline.error();
    state->pipeline = std::move(*pipeline);
    state->loss = readingLoss(project.training.loss);

    const NodeId output = state->network->outputs().front();
    state->ending = numbersAtOutput(project.network, output);
    const Edge* wire = project.network.edgeInto({output, 0});
    const Shape* answer = wire ? shapes.shapeAt(wire->from) : nullptr;
    const bool severalLabels = report.target.yesNo;
    state->givesClasses = answer && answer->rank() == 1 && answer->type == ElementType::Float &&
                          (report.target.type == TargetSpec::Type::ClassIndex || severalLabels);
    state->data = report.sampleSpec;
    const Choice& choice = project.data.dataset;
    const DatasetKind* dataset = datasets().find(choice.kind);
    if (dataset && state->givesClasses) state->classes = knownClasses(*dataset, choice.params);
    for (const Split split : {Split::Test, Split::Train}) {
        if (!dataset || !state->givesClasses || !state->classes.empty()) break;
        if (auto opened = openDataset(choice.kind, choice.params, split))
            state->classes = severalLabels ? (*opened)->answerNames() : (*opened)->classes();
    }
    return Predictor(state);
}

bool Predictor::givesClasses() const {
    return m_state->givesClasses;
}

const Shape& Predictor::takes() const {
    return m_state->takes;
}

Result<Prediction> Predictor::predict(const SampleInput& sample,
                                      const PredictOptions& options) const try {
    const State& state = *m_state;
    Prediction made;
    SampleInput given = sample;
    if (auto* picture = std::get_if<Picture>(&given)) {
        if (options.invert) *picture = inverted(*picture);
        const Ground ground = isGreyToned(*picture) ? groundOf(*picture) : Ground::Mixed;
        if (ground != Ground::Mixed) {
            const std::lock_guard lock(state.mutex);
            if (!state.ground) state.ground = groundOfData(state.project);
            const bool dark = *state.ground == Ground::Dark;
            if (*state.ground != Ground::Mixed && *state.ground != ground)
                made.inversionAdvice =
                    dark ? "The picture is drawn on a light ground, but the data set's pictures "
                           "have a dark one: the network knows light strokes on dark."
                         : "The picture is drawn on a dark ground, but the data set's pictures "
                           "have a light one: the network knows dark strokes on light.";
        }
        const auto preparation =
            fitPicture(*picture, state.project.data.testTransforms, state.data, state.takes);
        if (!preparation) return preparation.error();
        if (const std::string scaled = scalingSentence(*picture, *preparation); !scaled.empty())
            made.remarks.push_back(scaled);
        *picture = convertChannels(*picture, preparation->channels);
        if (preparation->scaledTo)
            *picture = resample(*picture, preparation->scaledTo->second,
                                preparation->scaledTo->first, "bilinear");
    }
    TorchRandom random(0);
    auto prepared = state.pipeline.apply(std::move(given), random);
    if (!prepared) return prepared.error();
    auto* tensor = std::get_if<TensorSample>(&*prepared);
    if (!tensor)
        return Error{"The test transforms leave a picture a picture, but a network takes tensors.",
                     "Add ToTensor to them."};
    made.seen = std::move(*tensor);

    const std::lock_guard lock(state.mutex);
    try {
        torch::NoGradGuard guard;
        backend::useThreads(state.project);
        const backend::BorrowedStreams borrowed(state.project.training.seed);
        Batch batch;
        batch.dims = made.seen.dims;
        batch.views = made.seen.views;
        batch.inputs = made.seen.values;
        batch.labels = {0};
        const at::Tensor output =
            backend::forwardViews(*state.network, backend::inputTensor(batch), batch.views);
        const at::Tensor numbers = output.to(at::kFloat).contiguous();
        made.output.dims = numbers.sizes().slice(1).vec();
        made.output.values.assign(numbers.data_ptr<float>(),
                                  numbers.data_ptr<float>() + numbers.numel());
        if (!numbers.isfinite().all().item<bool>())
            made.remarks.push_back(
                "The network gives numbers that are not finite (NaN or infinity), as after a run "
                "that diverged; take the weights of an earlier epoch.");
        if (!state.givesClasses) return made;
        const at::Tensor shares =
            state.probabilities(output).to(at::kDouble).flatten().contiguous();
        const std::int64_t count = shares.numel(), unsaid = count - numbers.numel();
        for (std::int64_t i = 0; i < count; ++i) {
            const std::size_t place = static_cast<std::size_t>(i);
            ClassScore score{
                i,
                place < state.classes.size() ? state.classes[place] : "class " + std::to_string(i),
                shares.data_ptr<double>()[i]};
            // A single output stands for the second of two classes.
            if (i >= unsaid)
                score.score = double(made.output.values[static_cast<std::size_t>(i - unsaid)]);
            made.classes.push_back(std::move(score));
        }
        std::stable_sort(made.classes.begin(), made.classes.end(),
                         [](const ClassScore& a, const ClassScore& b) {
                             // Not a number comes last.
                             const auto rank = [](double p) { return std::isnan(p) ? -1.0 : p; };
                             return rank(a.probability) > rank(b.probability);
                         });
        return made;
    } catch (const std::exception& failure) {
        return backend::explainFailure(failure, state.network.get());
    }
} catch (const std::exception& failure) {
    // Before the network was asked: memory for a picture of the size it takes, above all.
    return backend::explainFailure(failure, nullptr);
}

Result<Prediction> Predictor::predictFile(const std::string& path,
                                          const PredictOptions& options) const {
    bool onWhite = false;
    auto picture = readVisible(path, onWhite);
    if (!picture) return picture.error();
    auto made = predict(*picture, options);
    if (!made) return Error{path + ": " + made.error().message, made.error().hint};
    if (onWhite)
        made->remarks.insert(made->remarks.begin(),
                             "The picture's ground is transparent; it was put on white.");
    return made;
}

}  // namespace loom
