#include "core/data/check/dataset_scan.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <iterator>
#include <mutex>
#include <thread>

#include "core/data/transform.h"
#include "core/data/transforms/statistics.h"

namespace loom {
namespace {

constexpr std::size_t kKeptSizes = 4096;
constexpr std::size_t kWidestTable = 4096;
/// Samples that go through transforms to measure what Normalize gets, where there are more steps
/// than ToTensor before it.
constexpr std::int64_t kMeasuredThroughSteps = 1000;
constexpr std::int64_t kPiece = 64;

/// Mixes 8 bytes at a time, by MurmurHash3's steps.
class Hash {
public:
    void add(const void* bytes, std::size_t count) {
        const auto* from = static_cast<const unsigned char*>(bytes);
        for (; count >= 8; count -= 8, from += 8) mix(from, 8);
        if (count > 0) mix(from, count);
    }
    void add(std::int64_t number) { add(&number, sizeof number); }
    /// Never 0, which stands for a sample that was not read.
    std::uint64_t value() const {
        std::uint64_t h = m_state;
        h = (h ^ h >> 33) * 0xFF51AFD7ED558CCDULL;
        h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53ULL;
        h ^= h >> 33;
        return h == 0 ? 1 : h;
    }

private:
    void mix(const unsigned char* from, std::size_t count) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, count);
        word = std::rotl(word * 0x87C37B91114253D5ULL, 31) * 0x4CF5AD432745937FULL;
        m_state = std::rotl(m_state ^ word, 27) * 5 + 0x52DCE729;
    }
    std::uint64_t m_state = 0x9E3779B97F4A7C15ULL;
};

bool isPlain(const Picture& picture) {
    const auto channels = static_cast<std::size_t>(picture.channels);
    for (std::size_t at = channels; at < picture.pixels.size(); ++at)
        if (picture.pixels[at] != picture.pixels[at - channels]) return false;
    return !picture.pixels.empty();
}

bool isColourless(const Picture& picture) {
    if (picture.channels != 3) return false;
    for (std::size_t at = 0; at + 2 < picture.pixels.size(); at += 3)
        if (picture.pixels[at] != picture.pixels[at + 1] ||
            picture.pixels[at] != picture.pixels[at + 2])
            return false;
    return true;
}

void seePicture(const Picture& picture, std::int64_t index, ScanPart& part, Hash& hash) {
    const std::array<int, 3> size{picture.width, picture.height, picture.channels};
    const auto found = part.sizes.find(size);
    if (found != part.sizes.end())
        found->second.add(index);
    else if (part.sizes.size() < kKeptSizes)
        part.sizes[size].add(index);
    else
        ++part.otherSizes;
    if (isPlain(picture))
        part.plain.add(index);
    else if (isColourless(picture))
        part.colourless.add(index);
    for (const int side : size) hash.add(side);
    hash.add(picture.pixels.data(), picture.pixels.size());
}

void seeTensor(const TensorSample& tensor, std::int64_t index, ScanPart& part, Hash& hash) {
    bool finite = true;
    float low = tensor.values.empty() ? 0 : tensor.values.front();
    float high = low;
    for (const float value : tensor.values) {
        finite = finite && std::isfinite(value);
        low = std::min(low, value);
        high = std::max(high, value);
    }
    if (!finite) part.notFinite.add(index);
    if (finite && low == high && tensor.values.size() > 2) part.plain.add(index);
    if (finite && tensor.dims.size() == 1 && tensor.values.size() <= kWidestTable) {
        if (part.columns.empty())
            for (const float value : tensor.values) part.columns.push_back({value, value});
        for (std::size_t c = 0; c < std::min(part.columns.size(), tensor.values.size()); ++c) {
            part.columns[c].low = std::min(part.columns[c].low, tensor.values[c]);
            part.columns[c].high = std::max(part.columns[c].high, tensor.values[c]);
        }
    }
    for (const std::int64_t side : tensor.dims) hash.add(side);
    hash.add(tensor.values.data(), tensor.values.size() * sizeof(float));
}

/// What of the training set is measured for Normalize: the steps before it that draw nothing, so
/// that the figures are the data's own, whatever is drawn.
struct Measure {
    std::optional<Pipeline> steps;
    bool plain = false;  ///< ToTensor alone: measured from the pictures themselves
    std::int64_t stride = 1;
};

Measure makeMeasure(const DatasetCheckRequest& request, std::int64_t size) {
    Measure measure;
    const std::vector<Choice> steps = stepsBeforeNormalize(request.trainTransforms);
    measure.plain =
        steps.empty() || (steps.size() == 1 && steps[0].kind == "ToTensor") ||
        (steps.size() == 2 && steps[0].kind == "ToImage" && steps[1].kind == "ToDtype" &&
         steps[1].params.find("scale") && *steps[1].params.find("scale") == Value(true));
    if (!measure.plain) {
        measure.stride = std::max<std::int64_t>(1, size / kMeasuredThroughSteps);
        if (auto pipeline = Pipeline::make(steps)) measure.steps = std::move(*pipeline);
    }
    return measure;
}

void measureSample(const Measure& measure, SampleInput input, std::int64_t index, ScanPart& part) {
    if (measure.plain) {
        if (const auto* picture = std::get_if<Picture>(&input)) {
            part.sums.add(*picture);
            ++part.measured;
        }
        return;
    }
    if (!measure.steps || index % measure.stride != 0) return;
    TorchRandom unused(0);
    auto made = measure.steps->apply(std::move(input), unused);
    if (!made) {
        part.measureProblem = made.error().message;
        return;
    }
    // Without ToTensor the list leaves a picture, which counts as ToTensor would give it.
    if (const auto* picture = std::get_if<Picture>(&*made)) {
        part.sums.add(*picture);
    } else {
        const auto& tensor = std::get<TensorSample>(*made);
        if (tensor.dims.size() != 3) return;
        part.sums.add(tensor);
    }
    ++part.measured;
}

void seeSample(const Dataset& dataset, std::int64_t index, const Measure* measure, ScanPart& part,
               std::uint64_t& hashOut) {
    ++part.looked;
    auto sample = dataset.sample(index);
    if (!sample) {
        part.noteUnreadable(index, sample.error().message);
        return;
    }
    Hash hash;
    const std::int64_t plainBefore = part.plain.count;
    if (const auto* picture = std::get_if<Picture>(&sample->input)) {
        seePicture(*picture, index, part, hash);
    } else {
        seeTensor(std::get<TensorSample>(sample->input), index, part, hash);
        // Two rows of a table may well hold the same numbers and different answers.
        hash.add(sample->label);
        const std::vector<float> answer = dataset.answer(index);
        hash.add(answer.data(), answer.size() * sizeof(float));
    }
    // Black pictures are equal to each other, too, but that has a finding of its own.
    if (part.plain.count == plainBefore) hashOut = hash.value();
    if (measure) measureSample(*measure, std::move(sample->input), index, part);
}

/// Labels need no file to be read, so all of them are looked at first.
void scanLabels(SplitScan& scan) {
    const Dataset& dataset = *scan.dataset;
    const std::int64_t size = dataset.size();
    scan.names = dataset.classes();
    const bool numbers = size > 0 && !dataset.answer(0).empty();
    if (numbers) {
        scan.names = dataset.answerNames();
        scan.severalLabels = !scan.names.empty();
        scan.counts.assign(scan.names.size(), 0);
        for (std::int64_t i = 0; i < size && scan.severalLabels; ++i) {
            const std::vector<float> answer = dataset.answer(i);
            for (std::size_t n = 0; n < std::min(answer.size(), scan.counts.size()); ++n) {
                scan.severalLabels = scan.severalLabels && (answer[n] == 0 || answer[n] == 1);
                scan.counts[n] += answer[n] == 1;
            }
        }
        if (!scan.severalLabels) {
            scan.names.clear();
            scan.counts.clear();
        }
        return;
    }
    scan.counts.assign(scan.names.size(), 0);
    const auto classes = static_cast<std::int64_t>(scan.names.size());
    for (std::int64_t i = 0; i < size; ++i) {
        const std::int64_t label = dataset.label(i);
        scan.highestLabel = std::max(scan.highestLabel, label);
        if (label == -1)
            scan.unlabelled.add(i);
        else if (label < 0 || (classes > 0 && label >= classes))
            scan.beyond.add(i);
        else if (classes > 0)
            ++scan.counts[static_cast<std::size_t>(label)];
    }
}

class Reader {
public:
    explicit Reader(const DatasetCheckRequest& request)
        : m_request(request), m_begin(std::chrono::steady_clock::now()) {}

    void open(SplitScan& scan, Split split) {
        auto opened = openDataset(m_request.dataset.kind, m_request.dataset.params, split);
        if (!opened) {
            scan.problem = opened.error();
            return;
        }
        scan.dataset = *opened;
        scanLabels(scan);
    }

    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_begin).count();
    }

    /// False when it was stopped.
    bool read(SplitScan& scan, bool measured, std::int64_t before, std::int64_t total,
              const std::function<bool(const DatasetCheckProgress&)>& goOn) {
        const std::int64_t size = scan.size();
        scan.hashes.assign(static_cast<std::size_t>(size), 0);
        const Measure measure = makeMeasure(m_request, size);
        std::atomic<std::int64_t> next = 0;
        std::atomic<std::int64_t> done = 0;
        std::atomic<bool> stopped = false;
        std::mutex mutex;
        std::condition_variable ended;
        int running = std::max(1, m_request.threads > 0
                                      ? m_request.threads
                                      : static_cast<int>(std::thread::hardware_concurrency()));
        std::vector<std::jthread> threads;
        const auto work = [&] {
            ScanPart part;
            for (;;) {
                const std::int64_t first = next.fetch_add(kPiece);
                if (first >= size || stopped) break;
                const std::int64_t last = std::min(first + kPiece, size);
                for (std::int64_t i = first; i < last && !stopped; ++i) {
                    try {
                        seeSample(*scan.dataset, i, measured ? &measure : nullptr, part,
                                  scan.hashes[static_cast<std::size_t>(i)]);
                    } catch (const std::exception&) {
                        part.noteUnreadable(i, scan.dataset->nameOf(i) + " cannot be read.");
                    }
                    ++done;
                }
            }
            const std::lock_guard lock(mutex);
            scan.seen.add(part);
            --running;
            ended.notify_all();
        };
        for (int i = running; i > 0; --i) threads.emplace_back(work);
        std::unique_lock lock(mutex);
        while (running > 0) {
            ended.wait_for(lock, std::chrono::milliseconds(100));
            lock.unlock();
            if (!goOn({before + done, total, seconds()})) stopped = true;
            lock.lock();
        }
        return !stopped;
    }

private:
    const DatasetCheckRequest& m_request;
    std::chrono::steady_clock::time_point m_begin;
};

}  // namespace

void Noted::add(std::int64_t index) {
    ++count;
    if (indices.size() < kListedSamples) indices.push_back(index);
}

void Noted::add(const Noted& other) {
    // Each list begins with the first it saw, so the first of both together are among them.
    count += other.count;
    indices.insert(indices.end(), other.indices.begin(), other.indices.end());
    std::sort(indices.begin(), indices.end());
    if (indices.size() > kListedSamples) indices.resize(kListedSamples);
}

void ChannelSums::add(const Picture& picture) {
    const auto count = static_cast<std::size_t>(picture.channels);
    if (count == 0 || picture.pixels.empty()) return;
    if (channels.size() < count) channels.resize(count);
    for (std::size_t c = 0; c < count; ++c) {
        std::uint64_t sum = 0;
        std::uint64_t squares = 0;
        for (std::size_t at = c; at < picture.pixels.size(); at += count) {
            const std::uint32_t value = picture.pixels[at];
            sum += value;
            squares += value * value;
        }
        channels[c].sum += static_cast<double>(sum) / 255;
        channels[c].squares += static_cast<double>(squares) / (255.0 * 255.0);
        channels[c].count += static_cast<double>(picture.pixels.size() / count);
    }
}

void ChannelSums::add(const TensorSample& tensor) {
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(tensor.dims.front(), 0));
    if (count == 0 || tensor.values.empty()) return;
    if (channels.size() < count) channels.resize(count);
    const std::size_t views = static_cast<std::size_t>(std::max<std::int64_t>(tensor.views, 1));
    const std::size_t plane = tensor.values.size() / (count * views);
    for (std::size_t at = 0; at < plane * count * views; ++at) {
        Channel& channel = channels[at / plane % count];
        const double value = tensor.values[at];
        channel.sum += value;
        channel.squares += value * value;
        channel.count += 1;
    }
}

void ChannelSums::add(const ChannelSums& other) {
    if (channels.size() < other.channels.size()) channels.resize(other.channels.size());
    for (std::size_t c = 0; c < other.channels.size(); ++c) {
        channels[c].sum += other.channels[c].sum;
        channels[c].squares += other.channels[c].squares;
        channels[c].count += other.channels[c].count;
    }
}

std::vector<double> ChannelSums::mean() const {
    std::vector<double> numbers;
    for (const Channel& channel : channels)
        numbers.push_back(channel.count > 0 ? channel.sum / channel.count : 0);
    return numbers;
}

std::vector<double> ChannelSums::deviation() const {
    std::vector<double> numbers;
    for (const Channel& channel : channels) {
        const double count = std::max(channel.count, 1.0);
        const double mean = channel.sum / count;
        numbers.push_back(std::sqrt(std::max(0.0, channel.squares / count - mean * mean)));
    }
    return numbers;
}

void ScanPart::noteUnreadable(std::int64_t index, const std::string& why) {
    ++unreadableCount;
    if (unreadable.size() < kListedSamples) unreadable[index] = why;
}

void ScanPart::add(const ScanPart& other) {
    looked += other.looked;
    unreadableCount += other.unreadableCount;
    unreadable.insert(other.unreadable.begin(), other.unreadable.end());
    while (unreadable.size() > kListedSamples) unreadable.erase(std::prev(unreadable.end()));
    for (const auto& [size, noted] : other.sizes) sizes[size].add(noted);
    otherSizes += other.otherSizes;
    plain.add(other.plain);
    colourless.add(other.colourless);
    notFinite.add(other.notFinite);
    if (columns.empty()) columns = other.columns;
    for (std::size_t c = 0; c < std::min(columns.size(), other.columns.size()); ++c) {
        columns[c].low = std::min(columns[c].low, other.columns[c].low);
        columns[c].high = std::max(columns[c].high, other.columns[c].high);
    }
    sums.add(other.sums);
    measured += other.measured;
    if (measureProblem.empty()) measureProblem = other.measureProblem;
}

int normalizeStep(const std::vector<Choice>& steps) {
    const auto found = std::find_if(steps.begin(), steps.end(),
                                    [](const Choice& step) { return step.kind == "Normalize"; });
    return found == steps.end() ? -1 : static_cast<int>(found - steps.begin());
}

DatasetScan scanDataset(const DatasetCheckRequest& request,
                        const std::function<bool(const DatasetCheckProgress&)>& goOn) {
    DatasetScan scan;
    Reader reader(request);
    reader.open(scan.train, Split::Train);
    reader.open(scan.test, Split::Test);
    const std::int64_t total = scan.train.size() + scan.test.size();
    if (scan.train.dataset) scan.complete = reader.read(scan.train, true, 0, total, goOn);
    if (scan.complete && scan.test.dataset)
        scan.complete = reader.read(scan.test, false, scan.train.size(), total, goOn);
    scan.seconds = reader.seconds();
    return scan;
}

}  // namespace loom
