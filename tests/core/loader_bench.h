#pragma once

#include <QtGlobal>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <new>
#include <numeric>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/data/loader.h"

/// What the tests of the loader share.
namespace loom::test {

/// Grey pictures of 12 × 10 made from their number; counts what is read, fails or dawdles on
/// demand.
class CountingDataset : public Dataset {
public:
    explicit CountingDataset(std::int64_t size) : m_size(size) {}
    std::int64_t size() const override { return m_size; }
    Result<Sample> sample(std::int64_t index) const override {
        if (++reads > allowed) tooMany = true;
        if (index == failsAt || failing.contains(index))
            return Error{"/data/" + std::to_string(index) + ".png is damaged."};
        if (index == hangsAt) {
            std::unique_lock lock(m_mutex);
            ++hanging;
            m_released.wait(lock, [this] { return m_open; });
            --hanging;
        }
        if (index == throwsAt) throw std::bad_alloc();
        if (slow.count() > 0) std::this_thread::sleep_for(slow);
        if (index == wideAt) return Sample{Picture{13, 10, 1, std::vector<std::uint8_t>(130)}, 0};
        Picture picture{12, 10, 1, std::vector<std::uint8_t>(120)};
        for (std::size_t i = 0; i < 120; ++i)
            picture.pixels[i] = std::uint8_t(i * 3 + std::size_t(index) * 11);
        return Sample{std::move(picture), label(index)};
    }
    std::int64_t label(std::int64_t index) const override { return index % 10; }
    std::string nameOf(std::int64_t index) const override {
        return named ? "/data/" + std::to_string(index) + ".png" : Dataset::nameOf(index);
    }
    const std::vector<std::string>& classes() const override { return m_classes; }
    SampleSpec spec() const override { return {false, {1, 10, 12}}; }

    /// Lets go of the sample that hangs, and of all that would.
    void release() {
        const std::lock_guard lock(m_mutex);
        m_open = true;
        m_released.notify_all();
    }

    mutable std::atomic<int> reads = 0;
    std::atomic<int> allowed = std::numeric_limits<int>::max();
    mutable std::atomic<bool> tooMany = false;  ///< more were read than allowed at the time
    mutable std::atomic<int> hanging = 0;
    std::int64_t failsAt = -1;
    std::set<std::int64_t> failing;
    std::int64_t hangsAt = -1;
    std::int64_t wideAt = -1;
    std::int64_t throwsAt = -1;
    bool named = false;
    std::chrono::milliseconds slow{0};

private:
    std::int64_t m_size;
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_released;
    bool m_open = false;
    std::vector<std::string> m_classes = std::vector<std::string>(10, "class");
};

inline Pipeline randomPipeline() {
    return *Pipeline::make({{"RandomCrop", {{"size", 10}, {"padding", 3}}},
                            {"RandomHorizontalFlip", {}},
                            {"ToTensor", {}},
                            {"Normalize", {{"mean", List{0.5}}, {"std", List{0.25}}}}});
}

inline Pipeline plainPipeline() {
    return *Pipeline::make({{"ToTensor", {}}});
}

inline LoaderOptions optionsFor(std::int64_t samples, int workers, std::int64_t batchSize = 16) {
    LoaderOptions options;
    options.order.resize(std::size_t(samples));
    std::iota(options.order.begin(), options.order.end(), 0);
    std::reverse(options.order.begin(), options.order.end());
    options.batchSize = batchSize;
    options.workers = workers;
    options.seed = 11;
    options.epoch = 3;
    return options;
}

inline std::vector<Batch> allBatches(Loader& loader) {
    std::vector<Batch> batches;
    while (true) {
        auto batch = loader.next();
        if (!batch) {
            qWarning("%s", batch.error().message.c_str());
            return {};
        }
        if (batch->size() == 0) return batches;
        batches.push_back(std::move(*batch));
    }
}

inline bool same(const std::vector<Batch>& a, const std::vector<Batch>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Batch& x, const Batch& y) {
        return x.dims == y.dims && x.inputs == y.inputs && x.labels == y.labels &&
               x.indices == y.indices;
    });
}

}  // namespace loom::test
