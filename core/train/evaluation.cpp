#include "core/train/evaluation.h"

#include <cstddef>
#include <exception>
#include <memory>
#include <numeric>
#include <utility>

#include "core/backend/batch_tensors.h"
#include "core/backend/borrowed_streams.h"
#include "core/backend/drawn_network.h"
#include "core/backend/failures.h"
#include "core/backend/fresh_network.h"
#include "core/backend/loss.h"
#include "core/data/subset.h"
#include "core/project/delivered_dataset.h"

namespace loom {
namespace {

using backend::CompiledNetwork;

/// The test set or the part of it that the project takes, and which samples of the whole those are
/// (empty: all).
struct TestSet {
    std::shared_ptr<const Dataset> dataset;
    std::vector<std::int64_t> indices;
};

Result<TestSet> openTestSet(const Project& project) {
    const Choice delivered = deliveredDataset(project);
    auto test = openDataset(delivered.kind, delivered.params, Split::Test);
    if (!test) return test.error();
    if (!project.data.testSubset) return TestSet{*test, {}};
    auto cut = cutDataset(**test, *project.data.testSubset);
    if (!cut) return cut.error();
    return TestSet{makeSubset(*test, cut->part), cut->part};
}

std::unique_ptr<Loader> loaderOver(const TestSet& test, Pipeline pipeline,
                                   const TrainingSection& training) {
    LoaderOptions options;
    options.order.resize(static_cast<std::size_t>(test.dataset->size()));
    std::iota(options.order.begin(), options.order.end(), std::int64_t(0));
    options.batchSize = training.batchSize;
    options.workers = training.numWorkers;
    return std::make_unique<Loader>(test.dataset, std::move(pipeline), std::move(options));
}

/// The project's loss, with another reduction if one is given.
std::shared_ptr<backend::BuiltLoss> buildLoss(const Choice& choice,
                                              const std::string& reduction = {}) {
    const LossKind* kind = losses().find(choice.kind);
    Params params = choice.params;
    if (!reduction.empty()) params.set("reduction", Value(reduction));
    return kind->build(Settings(kind->params, params));
}

/// N rows of plain numbers.
at::Tensor rowsOf(const at::Tensor& tensor) {
    const at::Tensor plain = tensor.to(at::kCPU, at::kFloat);
    return (plain.dim() > 1 ? plain.flatten(1) : plain.unsqueeze(1)).contiguous();
}

std::vector<float> rowOf(const at::Tensor& rows, std::int64_t i) {
    const float* begin = rows.data_ptr<float>() + i * rows.size(1);
    return {begin, begin + rows.size(1)};
}

/// Tells the samples of a batch one by one.
class SampleTeller {
public:
    SampleTeller(const Project& project, const TestSet& test, const EvaluationOptions& options)
        : m_loss(buildLoss(project.training.loss)),
          m_each(buildLoss(project.training.loss, "none")),
          m_inputIsAnswer(project.data.targetIsInput),
          m_test(test),
          m_options(options) {}

    Status operator()(const backend::TestedBatch& tested) const {
        const at::Tensor numbers = rowsOf(m_each->forward(tested.output, tested.target.tensor));
        const at::Tensor losses =
            (m_loss->sumsNumbers ? numbers.sum(1) : numbers.mean(1)).to(at::kDouble).contiguous();
        const at::Tensor outputs = rowsOf(tested.output);
        at::Tensor targets, classes;
        if (tested.target.classes)
            classes = tested.predicted.to(at::kCPU).contiguous();
        else
            targets = rowsOf(tested.target.tensor);
        for (std::int64_t i = 0; i < tested.batch.size(); ++i) {
            const auto place = static_cast<std::size_t>(i);
            EvaluatedSample sample;
            const std::int64_t index = tested.batch.indices[place];
            sample.index =
                m_test.indices.empty() ? index : m_test.indices[static_cast<std::size_t>(index)];
            sample.classes = tested.target.classes;
            sample.loss = losses.data_ptr<double>()[i];
            if (sample.classes) {
                sample.target = tested.batch.labels[place];
                sample.prediction = classes.data_ptr<std::int64_t>()[i];
                sample.scores = rowOf(outputs, i);
            } else if (!m_inputIsAnswer) {
                sample.targetNumbers = rowOf(targets, i);
                sample.predictedNumbers = rowOf(outputs, i);
            }
            if (const Status told = m_options.tell(sample); !told) return told;
        }
        return {};
    }

private:
    std::shared_ptr<backend::BuiltLoss> m_loss;
    std::shared_ptr<backend::BuiltLoss> m_each;
    bool m_inputIsAnswer;
    const TestSet& m_test;
    const EvaluationOptions& m_options;
};

}  // namespace

std::string reductionOf(const Choice& loss) {
    const LossKind* kind = losses().find(loss.kind);
    return kind ? Settings(kind->params, loss.params).text("reduction") : std::string();
}

ProjectReport checkForEvaluation(const Project& project) {
    if (reductionOf(project.training.loss) != "none") return checkProject(project);
    Project judged = project;
    judged.training.loss.params.erase("reduction");
    return checkProject(judged);
}

Result<Evaluation> evaluate(const Project& project, const Weights& weights,
                            const EvaluationOptions& options) {
    const ProjectReport report = checkForEvaluation(project);
    for (const Diagnostic& diagnostic : report.diagnostics)
        if (diagnostic.severity == Severity::Error)
            return Error{diagnostic.message, diagnostic.hint};
    const TrainingSection& training = project.training;
    backend::useThreads(project);
    auto network = backend::freshNetwork(project.network, report.shapes, training.seed);
    if (!network) return network.error();
    if (const Status fits = (*network)->load(weights, options.remarks); !fits) return fits.error();
    const auto test = openTestSet(project);
    if (!test) return test.error();
    auto pipeline = Pipeline::make(project.data.testTransforms);
    if (!pipeline) return pipeline.error();
    const auto loss = buildLoss(training.loss);
    const auto loader = loaderOver(*test, std::move(*pipeline), training);
    backend::TestPassOptions pass;
    if (options.tell) pass.tell = SampleTeller(project, *test, options);
    try {
        const backend::BorrowedStreams borrowed(training.seed);
        const auto result =
            backend::testPass(**network, *loss, project.data, *loader, at::kCPU, pass);
        if (!result) return result.error();
        Evaluation evaluation;
        evaluation.loss = result->tally.loss();
        evaluation.accuracy = result->tally.accuracy();
        evaluation.samples = result->tally.samples;
        evaluation.skipped = static_cast<std::int64_t>(result->skipped.size());
        evaluation.reduction = reductionOf(training.loss);
        evaluation.lossSum = result->tally.lossSum;
        evaluation.lossPerSample = result->tally.lossPerSample();
        if (options.skipped)
            for (const SkippedSample& one : result->skipped) options.skipped(one.error);
        return evaluation;
    } catch (const std::exception& failure) {
        return backend::explainFailure(failure, network->get());
    }
}

}  // namespace loom
