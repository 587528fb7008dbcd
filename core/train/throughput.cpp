#include "core/train/throughput.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <numeric>
#include <utility>

#include "core/backend/batch_tensors.h"
#include "core/backend/borrowed_streams.h"
#include "core/backend/compiled_network.h"
#include "core/backend/optimizer.h"
#include "core/backend/run_failures.h"
#include "core/data/loader.h"
#include "core/data/subset.h"
#include "core/project/delivered_dataset.h"
#include "core/train/session.h"

namespace loom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kWarmUpSteps = 5;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Batches of the training set, from its beginning again when it ends.
class Batches {
public:
    static Result<Batches> open(const Project& project) {
        Batches batches;
        const DataSection& data = project.data;
        auto sets =
            openSplits({deliveredDataset(project), data.validation, data.subset, data.testSubset});
        if (!sets) return sets.error();
        auto pipeline = Pipeline::make(project.data.trainTransforms);
        if (!pipeline) return pipeline.error();
        batches.m_dataset = sets->train;
        batches.m_pipeline = *std::move(pipeline);
        batches.m_options.batchSize = project.training.batchSize;
        batches.m_options.workers = project.training.numWorkers;
        batches.m_options.seed = static_cast<std::uint64_t>(project.training.seed);
        batches.m_options.order.resize(static_cast<std::size_t>(batches.m_dataset->size()));
        std::iota(batches.m_options.order.begin(), batches.m_options.order.end(), std::int64_t(0));
        return batches;
    }
    Result<Batch> next() {
        for (int attempt = 0; attempt < 2; ++attempt) {
            if (!m_loader) m_loader = std::make_unique<Loader>(m_dataset, m_pipeline, m_options);
            Result<Batch> batch = m_loader->next();
            if (!batch || batch->size() > 0) return batch;
            m_loader.reset();
        }
        return Error{"The training set is empty.", "Choose a data set with samples."};
    }

private:
    std::shared_ptr<const Dataset> m_dataset;
    Pipeline m_pipeline;
    LoaderOptions m_options;
    std::unique_ptr<Loader> m_loader;
};

Result<double> measurePipeline(Batches& batches, std::int64_t steps) {
    Clock::time_point begin;
    std::int64_t samples = 0;
    for (std::int64_t step = -kWarmUpSteps; step < steps; ++step) {
        if (step == 0) begin = Clock::now();
        const Result<Batch> batch = batches.next();
        if (!batch) return batch.error();
        if (step >= 0) samples += batch->size();
    }
    return static_cast<double>(samples) / secondsSince(begin);
}

Result<double> measureStep(const TrainingPlan& plan, const Batch& batch, std::int64_t steps) {
    const TrainingSection& training = plan.project.training;
    const backend::BorrowedStreams borrowed(training.seed);
    auto network = backend::CompiledNetwork::build(plan.project.network, plan.report.shapes);
    if (!network) return network.error();
    const at::Device device(plan.device);
    (*network)->root().to(device);
    const auto optimizer = backend::buildOptimizer(training, plan.project.network, **network);
    const LossKind* lossKind = losses().find(training.loss.kind);
    const auto loss = lossKind->build(Settings(lossKind->params, training.loss.params));
    const at::Tensor input = backend::inputTensor(batch).to(device);

    (*network)->root().train();
    Clock::time_point begin;
    for (std::int64_t step = -kWarmUpSteps; step < steps; ++step) {
        if (step == 0) begin = Clock::now();
        optimizer->step([&] {
            const at::Tensor output = backend::forwardViews(**network, input, batch.views);
            const at::Tensor value = loss->forward(
                output, backend::targetOf(batch, plan.project.data, *loss, input, output).tensor);
            // A run reads it at every step; on a GPU this is where it waits.
            const double number = value.item<double>();
            optimizer->zeroGrad();
            value.backward();
            return number;
        });
    }
    return static_cast<double>(batch.size() * steps) / secondsSince(begin);
}

Result<double> measureTraining(TrainingPlan plan, std::int64_t steps) {
    plan.options = {};
    plan.options.maxSteps = kWarmUpSteps + steps;
    plan.project.training.epochs = kWarmUpSteps + steps;  // enough, however few samples there are
    TrainingSession session(std::make_shared<const TrainingPlan>(std::move(plan)));
    session.start();
    session.wait();
    std::size_t cursor = 0;
    double warmUpSeconds = 0;
    for (const RunEvent& event : session.log().read(cursor)) {
        if (event.type == RunEvent::Type::Step && event.step == kWarmUpSteps)
            warmUpSeconds = event.elapsed;
        if (event.type == RunEvent::Type::Failed || event.type == RunEvent::Type::Diverged)
            return Error{event.message, event.hint};
        if (event.type != RunEvent::Type::Finish) continue;
        const double perStep = event.samplesPerSecond * event.elapsed /
                               static_cast<double>(std::max<std::int64_t>(1, event.step));
        return perStep * static_cast<double>(event.step - kWarmUpSteps) /
               (event.elapsed - warmUpSeconds);
    }
    return Error{"The run ended without a word."};
}

}  // namespace

Result<Throughput> measureThroughput(const TrainingPlan& plan, std::int64_t steps) {
    try {
        at::set_num_threads(plan.threads);
        Result<Batches> batches = Batches::open(plan.project);
        if (!batches) return batches.error();
        const Result<double> pipeline = measurePipeline(*batches, steps);
        if (!pipeline) return pipeline.error();
        const Result<Batch> batch = batches->next();
        if (!batch) return batch.error();
        const Result<double> step = measureStep(plan, *batch, steps);
        if (!step) return step.error();
        const Result<double> training = measureTraining(plan, steps);
        if (!training) return training.error();
        return Throughput{*pipeline, *step, *training};
    } catch (const std::exception& failure) {
        return backend::explainRunFailure(failure, plan, nullptr);
    }
}

}  // namespace loom
