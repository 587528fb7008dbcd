#include "core/data/loader.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/base/shape.h"
#include "core/data/sample_source.h"

namespace loom {
namespace {

/// Room for batches that wait, whatever the options ask for.
constexpr int kMaximumWorkers = 256;

/// What a worker has in hand, for the sentence when it takes too long.
struct InHand {
    std::atomic<std::int64_t> batch = -1;
    std::atomic<std::int64_t> sample = -1;
};

/// A batch in the making, in memory that may have served before.
class BatchMaker {
public:
    BatchMaker(const Dataset& dataset, std::size_t samples, std::vector<float> memory)
        : m_dataset(dataset), m_samples(samples) {
        m_batch.inputs = std::move(memory);
        m_batch.labels.reserve(samples);
        m_batch.indices.reserve(samples);
    }

    void skip(std::int64_t index, const Error& error) { m_batch.skipped.push_back({index, error}); }

    Status add(std::int64_t index, const PreparedSample& sample) {
        if (!sample.isTensor()) return noTensorError();
        const std::size_t count = sample.count();
        if (m_batch.indices.empty()) {
            m_batch.dims = sample.dims();
            m_batch.views = sample.views();
            m_batch.inputs.resize(count * m_samples);
        } else if (sample.dims() != m_batch.dims || sample.views() != m_batch.views) {
            return Error{"Samples of a batch must have the same size, but " +
                             m_dataset.nameOf(index) + " is " + Shape{sample.dims()}.toSentence() +
                             " after the transforms, and " +
                             m_dataset.nameOf(m_batch.indices.front()) + " is " +
                             Shape{m_batch.dims}.toSentence() + ".",
                         "Add a Resize with height and width, or a crop, to the transforms."};
        }
        sample.write(m_batch.inputs.data() + m_batch.indices.size() * count);
        m_batch.labels.push_back(m_dataset.label(index));
        const std::vector<float> answer = m_dataset.answer(index);
        m_batch.answers.insert(m_batch.answers.end(), answer.begin(), answer.end());
        m_batch.indices.push_back(index);
        return {};
    }

    Batch finish(std::int64_t number) {
        m_batch.number = number;
        m_batch.inputs.resize(m_batch.inputs.size() / std::max<std::size_t>(m_samples, 1) *
                              m_batch.indices.size());
        return std::move(m_batch);
    }

private:
    const Dataset& m_dataset;
    std::size_t m_samples;
    Batch m_batch;
};

/// What the workers and the caller share. Workers hold it too, so that one that hangs in a read can
/// be left behind.
class Pass {
public:
    Pass(std::shared_ptr<const Dataset> dataset, Pipeline pipeline, LoaderOptions options)
        : m_dataset(std::move(dataset)),
          m_pipeline(std::move(pipeline)),
          m_options(std::move(options)) {
        m_options.batchSize = std::max<std::int64_t>(m_options.batchSize, 1);
        m_options.workers = std::clamp(m_options.workers, 0, kMaximumWorkers);
        const auto samples = static_cast<std::int64_t>(m_options.order.size());
        m_total = samples / m_options.batchSize;
        if (!m_options.dropLast && samples % m_options.batchSize != 0) ++m_total;
        m_nextToHandOut = m_nextToPrepare =
            std::clamp<std::int64_t>(m_options.skipBatches, 0, m_total);
        const std::int64_t left = m_total - m_nextToPrepare;
        m_workers = static_cast<int>(std::min<std::int64_t>(m_options.workers, left));
        // Of a single batch nothing can be prepared ahead, and a thread costs more than small
        // samples do; only the timeout needs one beside the caller.
        if (left <= 1 && m_options.timeout <= 0) m_workers = 0;
        m_window = std::max<std::int64_t>(m_workers, 1) * std::max(m_options.prefetchFactor, 1);
        m_inHand = std::vector<InHand>(static_cast<std::size_t>(std::max(m_workers, 1)));
    }

    std::int64_t batches() const { return m_total; }
    int workers() const { return m_workers; }

    void work(const std::stop_token& stop, std::size_t worker) {
        std::unique_lock lock(m_mutex);
        while (m_roomChanged.wait(lock, stop, [&] {
            return m_nextToPrepare >= m_total || m_nextToPrepare < m_nextToHandOut + m_window;
        })) {
            if (stop.stop_requested() || m_nextToPrepare >= m_total) return;
            const std::int64_t number = m_nextToPrepare++;
            std::vector<float> memory = takeMemory();
            lock.unlock();
            Result<Batch> made = prepare(number, std::move(memory), m_inHand[worker], stop);
            lock.lock();
            // Nothing after a failing batch is handed out, so nothing more is begun.
            if (!made) m_nextToPrepare = m_total;
            m_ready.emplace(number, std::move(made));
            m_batchReady.notify_all();
        }
    }

    Result<Batch> next() {
        if (m_failure) return *m_failure;
        std::vector<SkippedSample> skipped;
        while (m_nextToHandOut < m_total) {
            Result<Batch> batch = take();
            if (!batch) {
                m_failure = batch.error();
                return batch;
            }
            skipped.insert(skipped.end(), std::make_move_iterator(batch->skipped.begin()),
                           std::make_move_iterator(batch->skipped.end()));
            if (batch->size() == 0) continue;
            m_handedOut = true;
            batch->skipped = std::move(skipped);
            return batch;
        }
        if (!m_handedOut && m_options.skipBatches <= 0 && !skipped.empty()) {
            const Error& first = skipped.front().error;
            m_failure = Error{"Not one of " + groupDigits(std::int64_t(skipped.size())) +
                                  " samples could be prepared. The first: " + first.message,
                              first.hint};
            return *m_failure;
        }
        Batch end;
        end.number = m_total;
        end.skipped = std::move(skipped);
        return end;
    }

    void giveBack(Batch batch) {
        const std::lock_guard lock(m_mutex);
        if (static_cast<std::int64_t>(m_memory.size()) < m_window)
            m_memory.push_back(std::move(batch.inputs));
    }

    /// Whether a worker was given up on.
    bool timedOut() const { return m_timedOut; }

private:
    std::vector<float> takeMemory() {
        if (m_memory.empty()) return {};
        std::vector<float> memory = std::move(m_memory.back());
        m_memory.pop_back();
        return memory;
    }

    Result<Batch> prepare(std::int64_t number, std::vector<float> memory, InHand& inHand,
                          const std::stop_token& stop) const {
        const auto begin = static_cast<std::size_t>(number * m_options.batchSize);
        const std::size_t end =
            std::min(begin + static_cast<std::size_t>(m_options.batchSize), m_options.order.size());
        try {
            BatchMaker maker(*m_dataset, end - begin, std::move(memory));
            inHand.batch = number;
            for (std::size_t place = begin; place < end && !stop.stop_requested(); ++place) {
                const std::int64_t index = m_options.order[place];
                inHand.sample = index;
                const auto sample =
                    prepareFromDataset(*m_dataset, m_pipeline, index, m_options.seed,
                                       m_options.epoch, nullptr, m_options.cache.get());
                if (!sample)
                    maker.skip(index, sample.error());
                else if (auto added = maker.add(index, *sample); !added)
                    return added.error();
            }
            inHand.batch = -1;
            return maker.finish(number);
        } catch (const std::bad_alloc&) {
            return Error{"There was not enough memory to prepare a batch.",
                         "Choose a smaller batch size or fewer workers."};
        } catch (const std::exception&) {
            // What libraries below say is nothing for the person at the screen.
            if (inHand.sample < 0)
                return Error{"A batch could not be prepared.",
                             "Look at its samples and at the transforms on the Data page."};
            return Error{m_dataset->nameOf(inHand.sample) + " could not be prepared.",
                         "Look at it and at the transforms on the Data page."};
        }
    }

    Result<Batch> take() {
        std::optional<Result<Batch>> taken;
        std::unique_lock lock(m_mutex);
        if (m_workers == 0) {
            std::vector<float> memory = takeMemory();
            taken = prepare(m_nextToHandOut, std::move(memory), m_inHand.front(), {});
        } else {
            const auto isReady = [&] { return m_ready.contains(m_nextToHandOut); };
            if (m_options.timeout <= 0) {
                m_batchReady.wait(lock, isReady);
            } else if (!m_batchReady.wait_for(
                           lock, std::chrono::duration<double>(m_options.timeout), isReady)) {
                m_timedOut = true;
                return timeoutError();
            }
            const auto found = m_ready.find(m_nextToHandOut);
            taken = std::move(found->second);
            m_ready.erase(found);
        }
        ++m_nextToHandOut;
        lock.unlock();
        m_roomChanged.notify_all();
        return std::move(*taken);
    }

    Error timeoutError() const {
        std::string slow;
        for (const InHand& one : m_inHand)
            if (one.batch == m_nextToHandOut) slow = m_dataset->nameOf(one.sample);
        return {
            "No batch was ready within timeout, " + formatFloat(m_options.timeout, false) +
                " seconds" +
                (slow.empty() ? std::string(".") : "; " + slow + " was still being prepared."),
            "Raise timeout or set it to 0, use more workers, and see whether the disk answers."};
    }

    std::shared_ptr<const Dataset> m_dataset;
    Pipeline m_pipeline;
    LoaderOptions m_options;
    std::int64_t m_total = 0;
    std::int64_t m_window = 1;  ///< batches in work or waiting, at most
    int m_workers = 0;
    std::vector<InHand> m_inHand;

    // Of the caller's thread alone.
    bool m_handedOut = false;
    bool m_timedOut = false;
    std::optional<Error> m_failure;

    std::mutex m_mutex;
    std::condition_variable_any m_roomChanged;
    std::condition_variable_any m_batchReady;
    std::int64_t m_nextToPrepare = 0;
    std::int64_t m_nextToHandOut = 0;
    std::map<std::int64_t, Result<Batch>> m_ready;
    std::vector<std::vector<float>> m_memory;  ///< given back
};

}  // namespace

struct Loader::State {
    std::shared_ptr<Pass> pass;
    double waited = 0.0;
    std::vector<std::jthread> workers;
};

Loader::Loader(std::shared_ptr<const Dataset> dataset, Pipeline pipeline, LoaderOptions options)
    : m_state(std::make_unique<State>()) {
    m_state->pass =
        std::make_shared<Pass>(std::move(dataset), std::move(pipeline), std::move(options));
    for (int worker = 0; worker < m_state->pass->workers(); ++worker)
        m_state->workers.emplace_back([pass = m_state->pass, worker](const std::stop_token& stop) {
            pass->work(stop, static_cast<std::size_t>(worker));
        });
}

Loader::~Loader() {
    // All are told before the first is waited for.
    for (std::jthread& worker : m_state->workers) worker.request_stop();
    // One that hangs ends when its read does.
    if (m_state->pass->timedOut())
        for (std::jthread& worker : m_state->workers) worker.detach();
}

std::int64_t Loader::batches() const {
    return m_state->pass->batches();
}

Result<Batch> Loader::next() {
    const auto begin = std::chrono::steady_clock::now();
    Result<Batch> batch = m_state->pass->next();
    m_state->waited +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return batch;
}

void Loader::giveBack(Batch batch) {
    m_state->pass->giveBack(std::move(batch));
}

double Loader::waitedSeconds() const {
    return m_state->waited;
}

Result<TensorSample> prepareSample(const Dataset& dataset, const Pipeline& pipeline,
                                   std::int64_t index, std::uint64_t seed, std::uint64_t epoch,
                                   std::vector<std::string>* trace) {
    auto prepared = prepareFromDataset(dataset, pipeline, index, seed, epoch, trace);
    if (!prepared) return prepared.error();
    if (!prepared->isTensor()) return noTensorError();
    SampleInput made = std::move(*prepared).take();
    return std::move(std::get<TensorSample>(made));
}

}  // namespace loom
