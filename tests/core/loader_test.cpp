#include <QTest>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <new>
#include <numeric>
#include <set>
#include <thread>

#include "core/data/loader.h"

using namespace loom;

/// Batches: the same bits for any number of workers, bounded, with errors carried and a prompt end.
class LoaderTest : public QObject {
    Q_OBJECT

private slots:
    void anyNumberOfWorkersGivesTheSameBits();
    void batchesFollowTheOrder();
    void lastBatch_data();
    void lastBatch();
    void skippedBatchesLeaveTheRestUnchanged();
    void epochAndSeedChangeTheDraws();
    void badSamplesAreLeftOutAndListed_data();
    void badSamplesAreLeftOutAndListed();
    void aBatchOfWhichNothingIsLeftIsNotTheEnd_data();
    void aBatchOfWhichNothingIsLeftIsNotTheEnd();
    void aPassOfBadSamplesIsAnError_data();
    void aPassOfBadSamplesIsAnError();
    void differentSizesAreAnError();
    void noMemoryIsAnError_data();
    void noMemoryIsAnError();
    void timeoutNamesTheSlowSample();
    void memoryGivenBackServesAgain();
    void onlySoManyBatchesWait();
    void destructionInMidPassIsPrompt();
    void pictureAtTheEndIsASentence();
    void wrongListsOfTransformsAreSentences_data();
    void wrongListsOfTransformsAreSentences();
    void stagesShowEveryStep();
    void emptyPassEndsAtOnce();
};

namespace {

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

Pipeline randomPipeline() {
    return *Pipeline::make({{"RandomCrop", {{"size", 10}, {"padding", 3}}},
                            {"RandomHorizontalFlip", {}},
                            {"ToTensor", {}},
                            {"Normalize", {{"mean", List{0.5}}, {"std", List{0.25}}}}});
}

Pipeline plainPipeline() {
    return *Pipeline::make({{"ToTensor", {}}});
}

LoaderOptions optionsFor(std::int64_t samples, int workers, std::int64_t batchSize = 16) {
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

std::vector<Batch> allBatches(Loader& loader) {
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

bool same(const std::vector<Batch>& a, const std::vector<Batch>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Batch& x, const Batch& y) {
        return x.dims == y.dims && x.inputs == y.inputs && x.labels == y.labels &&
               x.indices == y.indices;
    });
}

}  // namespace

void LoaderTest::anyNumberOfWorkersGivesTheSameBits() {
    const auto dataset = std::make_shared<CountingDataset>(500);
    Loader alone(dataset, randomPipeline(), optionsFor(500, 0));
    const auto expected = allBatches(alone);
    QCOMPARE(expected.size(), std::size_t(32));
    QCOMPARE(expected[0].dims, (std::vector<std::int64_t>{1, 10, 10}));
    QCOMPARE(expected[0].inputs.size(), std::size_t(16 * 100));
    for (const int workers : {1, 3, 8})
        for (int round = 0; round < 5; ++round) {
            Loader loader(dataset, randomPipeline(), optionsFor(500, workers));
            QVERIFY2(same(allBatches(loader), expected), QByteArray::number(workers));
        }
    // And each sample is what it is alone.
    const auto one = prepareSample(*dataset, randomPipeline(), expected[3].indices[5], 11, 3);
    QVERIFY(one);
    QVERIFY(std::equal(one->values.begin(), one->values.end(), expected[3].inputs.begin() + 500));
}

void LoaderTest::batchesFollowTheOrder() {
    LoaderOptions options = optionsFor(0, 2, 3);
    options.order = {7, 7, 0, 42, 3};
    Loader loader(std::make_shared<CountingDataset>(50), plainPipeline(), options);
    const auto batches = allBatches(loader);
    QCOMPARE(batches.size(), std::size_t(2));
    QCOMPARE(batches[0].indices, (std::vector<std::int64_t>{7, 7, 0}));
    QCOMPARE(batches[1].indices, (std::vector<std::int64_t>{42, 3}));
    QCOMPARE(batches[1].labels, (std::vector<std::int64_t>{2, 3}));
}

void LoaderTest::lastBatch_data() {
    QTest::addColumn<int>("samples");
    QTest::addColumn<bool>("dropLast");
    QTest::addColumn<int>("batches");
    QTest::addColumn<int>("lastSize");
    QTest::newRow("short") << 37 << false << 3 << 5;
    QTest::newRow("dropped") << 37 << true << 2 << 16;
    QTest::newRow("even") << 32 << false << 2 << 16;
    QTest::newRow("even, dropped") << 32 << true << 2 << 16;
}

void LoaderTest::lastBatch() {
    QFETCH(int, samples);
    QFETCH(bool, dropLast);
    QFETCH(int, batches);
    QFETCH(int, lastSize);
    LoaderOptions options = optionsFor(samples, 1);
    options.dropLast = dropLast;
    Loader loader(std::make_shared<CountingDataset>(samples), plainPipeline(), options);
    QCOMPARE(loader.batches(), std::int64_t(batches));
    const auto all = allBatches(loader);
    QCOMPARE(all.size(), std::size_t(batches));
    QCOMPARE(all.back().size(), std::int64_t(lastSize));
}

void LoaderTest::skippedBatchesLeaveTheRestUnchanged() {
    const auto dataset = std::make_shared<CountingDataset>(100);
    Loader whole(dataset, randomPipeline(), optionsFor(100, 2));
    auto expected = allBatches(whole);
    expected.erase(expected.begin(), expected.begin() + 4);
    LoaderOptions options = optionsFor(100, 2);
    options.skipBatches = 4;
    dataset->reads = 0;
    Loader rest(dataset, randomPipeline(), options);
    QVERIFY(same(allBatches(rest), expected));
    QCOMPARE(dataset->reads.load(), 36);
}

void LoaderTest::epochAndSeedChangeTheDraws() {
    const auto dataset = std::make_shared<CountingDataset>(64);
    LoaderOptions options = optionsFor(64, 1, 64);
    Loader first(dataset, randomPipeline(), options);
    const auto batches = allBatches(first);
    options.epoch = 4;
    Loader laterEpoch(dataset, randomPipeline(), options);
    QVERIFY(!same(allBatches(laterEpoch), batches));
    options.epoch = 3;
    options.seed = 12;
    Loader otherSeed(dataset, randomPipeline(), options);
    QVERIFY(!same(allBatches(otherSeed), batches));
}

void LoaderTest::badSamplesAreLeftOutAndListed_data() {
    QTest::addColumn<int>("workers");
    for (const int workers : {0, 1, 3, 8}) QTest::addRow("%d workers", workers) << workers;
}

void LoaderTest::badSamplesAreLeftOutAndListed() {
    QFETCH(int, workers);
    const auto dataset = std::make_shared<CountingDataset>(400);
    Loader whole(dataset, randomPipeline(), optionsFor(400, workers));
    auto expected = allBatches(whole);
    // Two in the sixth batch, one of them its first, and the very last.
    dataset->failing = {399 - 80, 399 - 90, 0};
    const auto drop = [](Batch& batch, std::size_t place) {
        batch.inputs.erase(batch.inputs.begin() + std::ptrdiff_t(place * 100),
                           batch.inputs.begin() + std::ptrdiff_t(place * 100 + 100));
        batch.labels.erase(batch.labels.begin() + std::ptrdiff_t(place));
        batch.indices.erase(batch.indices.begin() + std::ptrdiff_t(place));
    };
    drop(expected[5], 10);
    drop(expected[5], 0);
    drop(expected[24], 15);
    Loader loader(dataset, randomPipeline(), optionsFor(400, workers));
    const auto batches = allBatches(loader);
    QVERIFY(same(batches, expected));
    QCOMPARE(batches[4].skipped.size(), std::size_t(0));
    QCOMPARE(batches[5].skipped.size(), std::size_t(2));
    QCOMPARE(batches[5].size(), std::int64_t(14));
    QCOMPARE(batches[5].skipped[1].index, std::int64_t(309));
    QCOMPARE(batches[5].skipped[1].error.message, std::string("/data/309.png is damaged."));
    QCOMPARE(batches[24].skipped.size(), std::size_t(1));
    QCOMPARE(loader.batches(), std::int64_t(25));
}

void LoaderTest::aBatchOfWhichNothingIsLeftIsNotTheEnd_data() {
    badSamplesAreLeftOutAndListed_data();
}

void LoaderTest::aBatchOfWhichNothingIsLeftIsNotTheEnd() {
    QFETCH(int, workers);
    const auto dataset = std::make_shared<CountingDataset>(40);
    // Batches of 10: the second and the last are lost as a whole.
    for (std::int64_t place :
         {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39})
        dataset->failing.insert(39 - place);
    Loader loader(dataset, plainPipeline(), optionsFor(40, workers, 10));
    const auto first = loader.next();
    QCOMPARE(first->size(), std::int64_t(10));
    QCOMPARE(first->number, std::int64_t(0));
    const auto third = loader.next();
    QVERIFY(third);
    QCOMPARE(third->size(), std::int64_t(9));
    QCOMPARE(third->number, std::int64_t(2));
    QCOMPARE(third->skipped.size(), std::size_t(11));
    QCOMPARE(third->skipped[0].index, std::int64_t(29));
    QCOMPARE(third->skipped[10].index, std::int64_t(18));
    const auto end = loader.next();
    QVERIFY(end);
    QCOMPARE(end->size(), std::int64_t(0));
    QCOMPARE(end->skipped.size(), std::size_t(10));
    QCOMPARE(loader.next()->skipped.size(), std::size_t(0));
}

void LoaderTest::aPassOfBadSamplesIsAnError_data() {
    badSamplesAreLeftOutAndListed_data();
}

void LoaderTest::aPassOfBadSamplesIsAnError() {
    QFETCH(int, workers);
    const auto dataset = std::make_shared<CountingDataset>(40);
    for (std::int64_t index = 0; index < 40; ++index) dataset->failing.insert(index);
    Loader loader(dataset, plainPipeline(), optionsFor(40, workers));
    for (int again = 0; again < 2; ++again) {
        const auto failed = loader.next();
        QVERIFY(!failed);
        QCOMPARE(failed.error().message,
                 std::string("Not one of 40 samples could be prepared. The first: /data/39.png is "
                             "damaged."));
    }
}

void LoaderTest::differentSizesAreAnError() {
    const auto dataset = std::make_shared<CountingDataset>(40);
    dataset->wideAt = 35;
    Loader loader(dataset, plainPipeline(), optionsFor(40, 2));
    const auto failed = loader.next();
    QVERIFY(!failed);
    QCOMPARE(failed.error().message,
             std::string("Samples of a batch must have the same size, but sample 35 is 1 × 10 × 13 "
                         "after the transforms, and sample 39 is 1 × 10 × 12."));
}

void LoaderTest::noMemoryIsAnError_data() {
    badSamplesAreLeftOutAndListed_data();
}

void LoaderTest::noMemoryIsAnError() {
    QFETCH(int, workers);
    const auto dataset = std::make_shared<CountingDataset>(400);
    dataset->throwsAt = 399;
    Loader loader(dataset, plainPipeline(), optionsFor(400, workers));
    const auto memory = loader.next();
    QVERIFY(!memory);
    QVERIFY2(memory.error().message.starts_with("There was not enough memory"),
             memory.error().message.c_str());
}

void LoaderTest::timeoutNamesTheSlowSample() {
    const auto dataset = std::make_shared<CountingDataset>(64);
    dataset->named = true;
    dataset->hangsAt = 63 - 20;
    LoaderOptions options = optionsFor(64, 2);
    options.timeout = 2;
    {
        Loader loader(dataset, plainPipeline(), options);
        QVERIFY(loader.next());
        const auto failed = loader.next();
        QVERIFY(!failed);
        QCOMPARE(failed.error().message,
                 std::string("No batch was ready within timeout, 2 seconds; /data/43.png was "
                             "still being prepared."));
        QVERIFY(!loader.next());
    }
    // Nor is the end held up by what hangs: it still does.
    QCOMPARE(dataset->hanging.load(), 1);
    dataset->release();
    options.timeout = 60;
    Loader patient(dataset, plainPipeline(), options);
    QCOMPARE(allBatches(patient).size(), std::size_t(4));
}

void LoaderTest::memoryGivenBackServesAgain() {
    const auto dataset = std::make_shared<CountingDataset>(100);
    Loader fresh(dataset, randomPipeline(), optionsFor(100, 0));
    const auto expected = allBatches(fresh);
    for (const int workers : {0, 2}) {
        Loader loader(dataset, randomPipeline(), optionsFor(100, workers));
        std::set<const float*> places;
        for (const Batch& wanted : expected) {
            auto batch = loader.next();
            QVERIFY(batch && same({*batch}, {wanted}));
            places.insert(batch->inputs.data());
            loader.giveBack(std::move(*batch));
        }
        if (workers == 0) QCOMPARE(places.size(), std::size_t(1));
    }
}

void LoaderTest::onlySoManyBatchesWait() {
    const auto dataset = std::make_shared<CountingDataset>(1600);
    LoaderOptions options = optionsFor(1600, 3, 10);
    options.prefetchFactor = 2;
    Loader loader(dataset, plainPipeline(), options);
    for (int i = 0; i < 4; ++i) QVERIFY(loader.next());
    QTRY_COMPARE(dataset->reads.load(), (4 + 3 * 2) * 10);
    // From here on no more may be read than what is taken makes room for.
    for (int taken = 4; taken < 160; ++taken) {
        dataset->allowed = (taken + 1 + 3 * 2) * 10;
        QVERIFY(loader.next());
    }
    QVERIFY(!dataset->tooMany);
}

void LoaderTest::destructionInMidPassIsPrompt() {
    for (const int workers : {1, 4}) {
        const auto dataset = std::make_shared<CountingDataset>(100000);
        dataset->slow = std::chrono::milliseconds(5);
        {
            Loader loader(dataset, plainPipeline(), optionsFor(100000, workers, 1000));
            QTRY_VERIFY(dataset->reads > 0);
        }
        // Five seconds of a batch were left to each worker.
        QVERIFY2(dataset->reads < 1000, QByteArray::number(dataset->reads.load()));
    }
}

void LoaderTest::pictureAtTheEndIsASentence() {
    const auto dataset = std::make_shared<CountingDataset>(3);
    Loader loader(dataset, *Pipeline::make({{"RandomHorizontalFlip", {}}}), optionsFor(3, 1));
    const auto failed = loader.next();
    QVERIFY(!failed);
    QCOMPARE(failed.error().message,
             std::string("The transforms leave a picture, but a network takes a tensor."));
    QCOMPARE(failed.error().hint, std::string("Add ToTensor to the transforms."));
    const auto sample = prepareSample(
        *dataset, *Pipeline::make({{"RandomCrop", {{"size", 11}}}, {"ToTensor", {}}}), 2, 0, 0);
    QVERIFY(!sample);
    QCOMPARE(sample.error().message,
             std::string("Sample 2: RandomCrop cannot cut 11 × 11 out of a picture of 10 × 12."));
}

void LoaderTest::wrongListsOfTransformsAreSentences_data() {
    using Choices = std::vector<TransformChoice>;
    QTest::addColumn<Choices>("choices");
    QTest::addColumn<int>("failedStep");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("hint");
    const TransformChoice toTensor{"ToTensor", {}};
    QTest::newRow("Normalize before ToTensor")
        << Choices{{"Normalize", {{"mean", 0.5}, {"std", 0.5}}}, toTensor} << 0
        << "Normalize works on tensors, but a picture arrives here."
        << "Put ToTensor before Normalize.";
    QTest::newRow("Resize after ToTensor") << Choices{toTensor, {"Resize", {{"size", 5}}}} << 1
                                           << "Resize works on pictures, but a tensor arrives here."
                                           << "Put Resize before ToTensor.";
    QTest::newRow("ToTensor twice") << Choices{toTensor, toTensor} << 1
                                    << "ToTensor works on pictures, but a tensor arrives here."
                                    << "What arrives is a tensor already: take ToTensor away.";
    QTest::newRow("three means")
        << Choices{toTensor, {"Normalize", {{"mean", List{0.5, 0.5, 0.5}}, {"std", List{1, 1, 1}}}}}
        << 1 << "Normalize's mean has 3 numbers, but the picture has 1 channel."
        << "Give one number, as the pictures are grey.";
    QTest::newRow("std 0") << Choices{toTensor,
                                      {"Normalize", {{"mean", List{0.5}}, {"std", List{0}}}}}
                           << 1 << "Normalize divides by std, but std is [0]."
                           << "Give the standard deviation of each channel, such as 0.5.";
    QTest::newRow("std that is 0 as float32")
        << Choices{toTensor, {"Normalize", {{"mean", 0.5}, {"std", 1e-60}}}} << 1
        << "Normalize divides by std, but std is 1e-60."
        << "";
    QTest::newRow("crop too large") << Choices{{"RandomCrop", {{"size", 32}}}} << 0
                                    << "RandomCrop cannot cut 32 × 32 out of a picture of 10 × 12."
                                    << "";
    QTest::newRow("crop too large in spite of padding")
        << Choices{{"RandomCrop", {{"size", 32}, {"padding", 2}}}} << 0
        << "RandomCrop cannot cut 32 × 32 out of a picture of 14 × 16, its padding included."
        << "";
    QTest::newRow("three paddings")
        << Choices{{"RandomCrop", {{"size", 4}, {"padding", List{1, 2, 3}}}}} << 0
        << "RandomCrop's padding is [1, 2, 3], but it must be one number, two (left and "
           "right, top and bottom) or four (left, top, right, bottom)."
        << "";
    QTest::newRow("max_size") << Choices{{"Resize", {{"size", 8}, {"max_size", 8}}}} << 0
                              << "Resize's max_size is 8, but it must be greater than size, 8."
                              << "";
    QTest::newRow("size missing") << Choices{{"Resize", {}}} << 0
                                  << "Resize: size is not set, and it has no default."
                                  << "";
    QTest::newRow("unknown") << Choices{toTensor, {"Normalise", {}}} << 1
                             << "There is no transform called Normalise here."
                             << "Did you mean Normalize?";
    QTest::newRow("two grey channels")
        << Choices{{"Grayscale", {{"num_output_channels", 2}}}} << 0
        << "Grayscale's num_output_channels is 2, but it must be 1 or 3."
        << "";
}

void LoaderTest::wrongListsOfTransformsAreSentences() {
    QFETCH(std::vector<TransformChoice>, choices);
    QFETCH(int, failedStep);
    QFETCH(QString, message);
    QFETCH(QString, hint);
    const auto inference = inferPipeline(choices, {false, {1, 10, 12}});
    QCOMPARE(inference.failedStep, failedStep);
    QCOMPARE(inference.specs.size(), std::size_t(failedStep));
    QCOMPARE(QString::fromStdString(inference.problem.message), message);
    QVERIFY(!inference.problem.message.ends_with("!"));
    if (!hint.isEmpty()) QCOMPARE(QString::fromStdString(inference.problem.hint), hint);

    // The same list, run: either refused when made, with the place, or at the first sample.
    const auto pipeline = Pipeline::make(choices);
    if (!pipeline) {
        QCOMPARE(QString::fromStdString(pipeline.error().message),
                 QString("Transform %1: ").arg(failedStep + 1) + message);
        return;
    }
    TorchRandom random(0);
    const auto dataset = CountingDataset(1);
    QVERIFY(!pipeline->apply(dataset.sample(0)->input, random));
}

void LoaderTest::stagesShowEveryStep() {
    const CountingDataset dataset(1);
    TorchRandom random(4);
    const auto stages = randomPipeline().stages(dataset.sample(0)->input, random);
    QVERIFY(stages);
    QCOMPARE(stages->size(), std::size_t(5));
    QVERIFY(std::get<Picture>((*stages)[0].value).pixels ==
            std::get<Picture>(dataset.sample(0)->input).pixels);
    QCOMPARE(std::get<Picture>((*stages)[1].value).width, 10);
    QVERIFY2((*stages)[1].draws.starts_with("x ") &&
                 (*stages)[1].draws.find(", y ") != std::string::npos,
             (*stages)[1].draws.c_str());
    QVERIFY((*stages)[2].draws == "flipped" || (*stages)[2].draws == "left as it is");
    QVERIFY((*stages)[3].draws.empty());
    // What the last stage shows is what training gets.
    TorchRandom again(4);
    const auto applied = randomPipeline().apply(dataset.sample(0)->input, again);
    QCOMPARE(std::get<TensorSample>((*stages)[4].value).values,
             std::get<TensorSample>(*applied).values);
}

void LoaderTest::emptyPassEndsAtOnce() {
    for (const int workers : {0, 2}) {
        Loader loader(std::make_shared<CountingDataset>(3), plainPipeline(),
                      optionsFor(0, workers));
        QCOMPARE(loader.batches(), std::int64_t(0));
        const auto batch = loader.next();
        QVERIFY(batch);
        QCOMPARE(batch->size(), std::int64_t(0));
    }
}

QTEST_GUILESS_MAIN(LoaderTest)
#include "loader_test.moc"
