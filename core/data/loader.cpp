#include "core/data/loader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "core/base/shape.h"

namespace loom {
namespace {

/// Room for batches that wait, whatever the options ask for.
constexpr int kMaximumWorkers = 256;

Result<Batch> prepareBatch(const Dataset& dataset, const Pipeline& pipeline,
                           const LoaderOptions& options, std::size_t begin, std::size_t end,
                           const std::stop_token& stop) {
    Batch batch;
    const auto count = end - begin;
    batch.labels.reserve(count);
    batch.indices.reserve(count);
    for (std::size_t place = begin; place < end; ++place) {
        if (stop.stop_requested()) break;
        const std::int64_t index = options.order[place];
        auto sample = prepareSample(dataset, pipeline, index, options.seed, options.epoch);
        if (!sample) {
            // One bad file does not end a run; it is left out and told of.
            batch.skipped.push_back({index, sample.error()});
            continue;
        }
        if (batch.indices.empty()) {
            batch.dims = sample->dims;
            batch.views = sample->views;
            batch.inputs.reserve(count * sample->values.size());
        } else if (sample->dims != batch.dims) {
            return Error{"Samples of a batch must have the same size, but " +
                             dataset.nameOf(index) + " is " + Shape{sample->dims}.toSentence() +
                             " after the transforms, and " + dataset.nameOf(batch.indices.front()) +
                             " is " + Shape{batch.dims}.toSentence() + ".",
                         "Add a Resize with height and width, or a crop, to the transforms."};
        }
        batch.inputs.insert(batch.inputs.end(), sample->values.begin(), sample->values.end());
        batch.labels.push_back(dataset.label(index));
        const std::vector<float> answer = dataset.answer(index);
        batch.answers.insert(batch.answers.end(), answer.begin(), answer.end());
        batch.indices.push_back(index);
    }
    return batch;
}

}  // namespace

struct Loader::State {
    State(std::shared_ptr<const Dataset> givenDataset, Pipeline givenPipeline,
          LoaderOptions givenOptions)
        : dataset(std::move(givenDataset)),
          pipeline(std::move(givenPipeline)),
          options(std::move(givenOptions)) {
        options.batchSize = std::max<std::int64_t>(options.batchSize, 1);
        options.workers = std::clamp(options.workers, 0, kMaximumWorkers);
        const auto samples = static_cast<std::int64_t>(options.order.size());
        total = samples / options.batchSize;
        if (!options.dropLast && samples % options.batchSize != 0) ++total;
        nextToHandOut = nextToPrepare = std::clamp<std::int64_t>(options.skipBatches, 0, total);
        const auto useful =
            static_cast<int>(std::min<std::int64_t>(options.workers, total - nextToPrepare));
        window = std::max<std::int64_t>(useful, 1) * std::max(options.prefetchFactor, 1);
        for (int i = 0; i < useful; ++i)
            workers.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }

    Result<Batch> prepare(std::int64_t number, const std::stop_token& stop) const {
        const auto begin = static_cast<std::size_t>(number * options.batchSize);
        const std::size_t end =
            std::min(begin + static_cast<std::size_t>(options.batchSize), options.order.size());
        try {
            return prepareBatch(*dataset, pipeline, options, begin, end, stop);
        } catch (const std::exception& problem) {
            return Error{std::string("A batch could not be prepared: ") + problem.what() + ".",
                         "Choose a smaller batch size or fewer workers, if memory is short."};
        }
    }

    void work(const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        while (roomChanged.wait(lock, stop, [&] {
            return nextToPrepare >= total || nextToPrepare < nextToHandOut + window;
        })) {
            if (stop.stop_requested() || nextToPrepare >= total) return;
            const std::int64_t number = nextToPrepare++;
            lock.unlock();
            Result<Batch> made = prepare(number, stop);
            lock.lock();
            // Nothing after a failing batch is handed out, so nothing more is begun.
            if (!made) nextToPrepare = total;
            ready.emplace(number, std::move(made));
            batchReady.notify_all();
        }
    }

    Result<Batch> take() {
        if (failure) return *failure;
        if (nextToHandOut >= total) return Batch{};
        std::optional<Result<Batch>> taken;
        if (workers.empty()) {
            taken = prepare(nextToHandOut, {});
        } else {
            std::unique_lock lock(mutex);
            batchReady.wait(lock, [&] { return ready.contains(nextToHandOut); });
            const auto found = ready.find(nextToHandOut);
            taken = std::move(found->second);
            ready.erase(found);
        }
        {
            const std::lock_guard lock(mutex);
            ++nextToHandOut;
        }
        roomChanged.notify_all();
        if (!*taken) failure = taken->error();
        return std::move(*taken);
    }

    std::shared_ptr<const Dataset> dataset;
    Pipeline pipeline;
    LoaderOptions options;
    std::int64_t total = 0;
    std::int64_t window = 1;  ///< batches in work or waiting, at most
    double waited = 0.0;
    std::optional<Error> failure;

    std::mutex mutex;
    std::condition_variable_any roomChanged;
    std::condition_variable_any batchReady;
    std::int64_t nextToPrepare = 0;
    std::int64_t nextToHandOut = 0;
    std::map<std::int64_t, Result<Batch>> ready;
    std::vector<std::jthread> workers;  ///< last, so that they end before what they use
};

Loader::Loader(std::shared_ptr<const Dataset> dataset, Pipeline pipeline, LoaderOptions options)
    : m_state(
          std::make_unique<State>(std::move(dataset), std::move(pipeline), std::move(options))) {}

Loader::~Loader() {
    // All are told before the first is waited for.
    for (std::jthread& worker : m_state->workers) worker.request_stop();
}

std::int64_t Loader::batches() const {
    return m_state->total;
}

Result<Batch> Loader::next() {
    const auto begin = std::chrono::steady_clock::now();
    Result<Batch> batch = m_state->take();
    m_state->waited +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return batch;
}

double Loader::waitedSeconds() const {
    return m_state->waited;
}

Result<TensorSample> prepareSample(const Dataset& dataset, const Pipeline& pipeline,
                                   std::int64_t index, std::uint64_t seed, std::uint64_t epoch) {
    auto sample = dataset.sample(index);
    if (!sample) return sample.error();
    TorchRandom random(sampleSeed(seed, epoch, static_cast<std::uint64_t>(index)));
    auto made = pipeline.apply(std::move(sample->input), random);
    if (!made) {
        std::string message = dataset.nameOf(index) + ": " + made.error().message;
        if (message.starts_with("sample")) message[0] = 'S';
        return Error{message, made.error().hint};
    }
    if (auto* tensor = std::get_if<TensorSample>(&*made)) return std::move(*tensor);
    return Error{"The transforms leave a picture, but a network takes a tensor.",
                 "Add ToTensor to the transforms."};
}

}  // namespace loom
