#include "core/data/transforms/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <optional>
#include <thread>

namespace loom {
namespace {

/// Samples that a thread takes at a time.
constexpr std::int64_t kChunk = 64;

/// Sums of one channel. Long double holds every sum of whole bytes exactly.
struct Sums {
    long double count = 0;
    long double first = 0;
    long double squares = 0;
    void add(const Sums& other) {
        count += other.count;
        first += other.first;
        squares += other.squares;
    }
};

/// How often each byte occurs in a channel.
using Histogram = std::array<std::int64_t, 256>;

/// What a thread has counted of pictures, or a chunk of tensors.
struct Tally {
    std::vector<Histogram> bytes;
    std::vector<Sums> numbers;
    std::int64_t samples = 0;
    std::int64_t skipped = 0;
    std::int64_t channels = 0;
    std::optional<Error> problem;  ///< of the first sample that was skipped

    void count(const Picture& picture) {
        const auto depth = static_cast<std::size_t>(picture.channels);
        if (bytes.size() < depth) bytes.resize(depth, Histogram{});
        const std::uint8_t* at = picture.pixels.data();
        const std::size_t pixels = picture.pixels.size() / depth;
        for (std::size_t i = 0; i < pixels; ++i)
            for (std::size_t c = 0; c < depth; ++c) ++bytes[c][*at++];
    }
    void count(const TensorSample& tensor) {
        const std::size_t depth =
            tensor.dims.empty()
                ? 1
                : static_cast<std::size_t>(std::max<std::int64_t>(tensor.dims[0], 1));
        if (numbers.size() < depth) numbers.resize(depth);
        const std::size_t all = tensor.values.size(),
                          plane = all / depth / std::size_t(tensor.views);
        for (std::size_t i = 0; i < all; ++i) {
            const long double value = static_cast<long double>(tensor.values[i]);
            Sums& sums = numbers[i / plane % depth];
            sums.count += 1;
            sums.first += value;
            sums.squares += value * value;
        }
    }
    void add(const Tally& other) {
        if (bytes.size() < other.bytes.size()) bytes.resize(other.bytes.size(), Histogram{});
        for (std::size_t c = 0; c < other.bytes.size(); ++c)
            for (std::size_t value = 0; value < 256; ++value)
                bytes[c][value] += other.bytes[c][value];
        if (numbers.size() < other.numbers.size()) numbers.resize(other.numbers.size());
        for (std::size_t c = 0; c < other.numbers.size(); ++c) numbers[c].add(other.numbers[c]);
        samples += other.samples;
        skipped += other.skipped;
        if (!problem) problem = other.problem;
    }
};

std::int64_t channelsIn(const SampleInput& input) {
    if (const auto* picture = std::get_if<Picture>(&input)) return picture->channels;
    const auto& dims = std::get<TensorSample>(input).dims;
    return dims.empty() ? 1 : dims[0];
}

Sums sumsOf(const Histogram& bytes) {
    Sums sums;
    for (std::size_t value = 0; value < bytes.size(); ++value) {
        const auto often = static_cast<long double>(bytes[value]);
        const auto one = static_cast<long double>(value);
        sums.count += often;
        sums.first += often * one;
        sums.squares += often * one * one;
    }
    return sums;
}

ChannelStatistics statisticsOf(const Tally& tally) {
    ChannelStatistics found;
    found.samples = tally.samples;
    found.skipped = tally.skipped;
    const auto add = [&](const Sums& sums, long double unit) {
        if (sums.count == 0) return;
        const long double mean = sums.first / sums.count;
        const long double variance = sums.squares / sums.count - mean * mean;
        found.mean.push_back(static_cast<double>(mean / unit));
        found.deviation.push_back(static_cast<double>(std::sqrt(std::max(variance, 0.0L)) / unit));
    };
    for (const Histogram& bytes : tally.bytes) add(sumsOf(bytes), 255.0L);
    if (tally.bytes.empty())
        for (const Sums& sums : tally.numbers) add(sums, 1.0L);
    return found;
}

/// What all threads share.
struct Work {
    Work(const Dataset& givenDataset, const Pipeline& givenPipeline,
         const std::atomic<bool>& givenCancelled, const MeasureOptions& givenOptions)
        : dataset(givenDataset),
          pipeline(givenPipeline),
          cancelled(givenCancelled),
          options(givenOptions),
          total(options.indices.empty() ? dataset.size()
                                        : static_cast<std::int64_t>(options.indices.size())),
          chunks(static_cast<std::size_t>((total + kChunk - 1) / kChunk)) {}
    const Dataset& dataset;
    const Pipeline& pipeline;
    const std::atomic<bool>& cancelled;
    const MeasureOptions& options;
    std::int64_t total;
    std::vector<Tally> chunks;  ///< added up in their order, so that threads do not matter
    std::atomic<std::int64_t> next = 0;
    std::atomic<std::int64_t> done = 0;
    std::atomic<std::int64_t> channels = 0;  ///< of the first sample
    std::mutex mutex;
    std::optional<Error> failure;

    void fail(Error error) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::move(error);
        next = static_cast<std::int64_t>(chunks.size());
    }

    void run() {
        for (;;) {
            const std::int64_t chunk = next++;
            if (chunk >= static_cast<std::int64_t>(chunks.size()) || cancelled) return;
            const std::int64_t end = std::min((chunk + 1) * kChunk, total);
            for (std::int64_t place = chunk * kChunk; place < end && !cancelled; ++place)
                measure(options.indices.empty() ? place
                                                : options.indices[static_cast<std::size_t>(place)],
                        chunks[static_cast<std::size_t>(chunk)]);
            done += end - chunk * kChunk;
            if (options.progress) options.progress(done, total);
        }
    }

    void measure(std::int64_t index, Tally& tally) {
        auto sample = dataset.sample(index);
        std::optional<Error> problem;
        if (!sample) problem = sample.error();
        TorchRandom random(0);
        Result<std::vector<SampleInput>> views = std::vector<SampleInput>();
        if (sample) views = pipeline.applyAll(std::move(sample->input), random);
        if (!views) problem = views.error();
        if (problem) {
            ++tally.skipped;
            if (!tally.problem) tally.problem = problem;
            return;
        }
        for (const SampleInput& view : *views) {
            std::int64_t known = 0;
            const std::int64_t found = channelsIn(view);
            if (!channels.compare_exchange_strong(known, found) && known != found)
                return fail({dataset.nameOf(index) + " has " + std::to_string(found) +
                                 (found == 1 ? " channel" : " channels") + ", but others have " +
                                 std::to_string(known) + ", so no mean serves all.",
                             "Put Grayscale before ToTensor, with as many channels as the network "
                             "takes."});
            std::visit([&](const auto& one) { tally.count(one); }, view);
        }
        ++tally.samples;
    }
};

}  // namespace

std::vector<TransformChoice> stepsBeforeNormalize(const std::vector<TransformChoice>& transforms) {
    std::vector<TransformChoice> steps;
    for (const TransformChoice& choice : transforms) {
        const TransformKind* kind = loom::transforms().find(choice.kind);
        if (choice.kind == "Normalize" || choice.kind == "LinearTransformation") break;
        if (kind && !kind->random) steps.push_back(choice);
    }
    return steps;
}

Result<ChannelStatistics> measureChannels(const Dataset& dataset,
                                          const std::vector<TransformChoice>& transforms,
                                          const std::atomic<bool>& cancelled,
                                          const MeasureOptions& options) {
    auto pipeline = Pipeline::make(transforms);
    if (!pipeline) return pipeline.error();
    Work work(dataset, *pipeline, cancelled, options);
    {
        const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
        const int wanted = options.threads > 0 ? options.threads : static_cast<int>(cores);
        std::vector<std::jthread> threads;
        for (int i = 1; i < std::min<int>(wanted, static_cast<int>(work.chunks.size())); ++i)
            threads.emplace_back([&] { work.run(); });
        work.run();
    }
    if (work.failure) return *work.failure;
    if (cancelled) return Error{"Measuring mean and deviation was stopped.", ""};
    Tally all;
    for (const Tally& chunk : work.chunks) all.add(chunk);
    if (all.samples == 0)
        return all.problem.value_or(Error{"The data set holds no samples to measure.", ""});
    return statisticsOf(all);
}

}  // namespace loom
