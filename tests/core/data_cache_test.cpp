#include <QTest>
#include <algorithm>
#include <atomic>
#include <numeric>
#include <random>
#include <thread>

#include "core/data/data_cache.h"
#include "core/data/loader.h"

using namespace loom;

/// Picture files by every way into a batch: whole or in part, kept in memory or not, by any number
/// of workers, the bits are the same.
class DataCacheTest : public QObject {
    Q_OBJECT

private slots:
    void everyWayGivesTheSameBits_data();
    void everyWayGivesTheSameBits();
    void budgetDecidesWhatIsKept();
    void budgetIsNeverExceeded();
    void keptPicturesAreReadOnce();
    void damagedFilesAreSkippedByEveryWay();
    void severalThreadsShareIt();
};

namespace {

/// JPEG would need an encoder here; PNG goes the same way but for decoding windows, which
/// jpeg_test looks after.
class FilesDataset : public Dataset {
public:
    explicit FilesDataset(std::int64_t size) {
        std::mt19937 random(3);
        for (std::int64_t i = 0; i < size; ++i) {
            Picture picture{60 + int(i % 7), 50 + int(i % 5), 3, {}};
            picture.pixels.resize(std::size_t(picture.width * picture.height * 3));
            for (std::uint8_t& byte : picture.pixels) byte = std::uint8_t(random());
            m_files.push_back(*encodePng(picture));
        }
    }
    std::int64_t size() const override { return std::int64_t(m_files.size()); }
    Result<Sample> sample(std::int64_t index) const override {
        auto picture = decodePicture(m_files[std::size_t(index)], nameOf(index));
        if (!picture) return picture.error();
        return Sample{std::move(*picture), label(index)};
    }
    std::int64_t label(std::int64_t index) const override { return index % 3; }
    const std::vector<std::string>& classes() const override { return m_classes; }
    SampleSpec spec() const override { return {false, {3, -1, -1}}; }
    bool hasEncodedPictures() const override { return true; }
    Result<std::string> encodedPicture(std::int64_t index) const override {
        ++reads;
        return m_files[std::size_t(index)];
    }
    void damage(std::int64_t index) {
        std::string& file = m_files[std::size_t(index)];
        file.resize(file.size() / 2);
    }

    mutable std::atomic<int> reads = 0;

private:
    std::vector<std::string> m_files;
    std::vector<std::string> m_classes{"a", "b", "c"};
};

using Choices = std::vector<TransformChoice>;

const TransformChoice kNormalize{
    "Normalize", {{"mean", List{0.485, 0.456, 0.406}}, {"std", List{0.2, 0.3, 0.1}}}};

LoaderOptions optionsFor(const Dataset& dataset, int workers) {
    LoaderOptions options;
    options.order.resize(std::size_t(dataset.size()));
    std::iota(options.order.begin(), options.order.end(), 0);
    options.batchSize = 7;
    options.workers = workers;
    options.seed = 5;
    return options;
}

std::vector<Batch> batchesOf(const std::shared_ptr<const Dataset>& dataset,
                             const Pipeline& pipeline, LoaderOptions options) {
    Loader loader(dataset, pipeline, std::move(options));
    std::vector<Batch> batches;
    while (true) {
        auto batch = loader.next();
        if (!batch || batch->size() == 0) return batches;
        batches.push_back(std::move(*batch));
    }
}

bool same(const std::vector<Batch>& a, const std::vector<Batch>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Batch& x, const Batch& y) {
        return x.dims == y.dims && x.inputs == y.inputs && x.indices == y.indices &&
               x.skipped.size() == y.skipped.size();
    });
}

constexpr std::int64_t kPlenty = 1 << 30;

}  // namespace

void DataCacheTest::everyWayGivesTheSameBits_data() {
    QTest::addColumn<Choices>("choices");
    const TransformChoice toTensor{"ToTensor", {}};
    QTest::newRow("window, table") << Choices{
        {"RandomCrop", {{"size", 40}}}, {"RandomHorizontalFlip", {}}, toTensor, kNormalize};
    QTest::newRow("middle") << Choices{{"CenterCrop", {{"size", List{31, 44}}}}, toTensor};
    QTest::newRow("whole, table") << Choices{
        {"Resize", {{"size", List{33, 35}}}}, {"RandomVerticalFlip", {}}, toTensor, kNormalize};
    QTest::newRow("steps after ToTensor") << Choices{
        {"RandomCrop", {{"size", 40}}}, toTensor, kNormalize, {"RandomHorizontalFlip", {}}};
    QTest::newRow("grey") << Choices{{"CenterCrop", {{"size", 40}}},
                                     {"Grayscale", {}},
                                     toTensor,
                                     {"Normalize", {{"mean", 0.3}, {"std", 0.7}}}};
}

void DataCacheTest::everyWayGivesTheSameBits() {
    QFETCH(Choices, choices);
    const auto dataset = std::make_shared<FilesDataset>(40);
    const auto pipeline = Pipeline::make(choices);
    QVERIFY(pipeline);

    // Step by step, each on the whole picture: what every other way has to give.
    std::vector<std::vector<float>> expected;
    for (std::int64_t i = 0; i < dataset->size(); ++i) {
        TorchRandom random(sampleSeed(5, 0, std::uint64_t(i)));
        const auto stages = pipeline->stages(dataset->sample(i)->input, random);
        QVERIFY(stages);
        expected.push_back(std::get<TensorSample>(stages->back().value).values);

        TorchRandom again(sampleSeed(5, 0, std::uint64_t(i)));
        const auto applied = pipeline->apply(dataset->sample(i)->input, again);
        QVERIFY(std::get<TensorSample>(*applied).values == expected.back());
        std::vector<std::string> trace;
        const auto alone = prepareSample(*dataset, *pipeline, i, 5, 0, &trace);
        QVERIFY(alone && alone->values == expected.back());
        std::vector<std::string> draws;
        TorchRandom traced(sampleSeed(5, 0, std::uint64_t(i)));
        QVERIFY(pipeline->apply(dataset->sample(i)->input, traced, &draws));
        QVERIFY(trace == draws);
    }
    const auto check = [&](const std::vector<Batch>& batches, const char* way) {
        QCOMPARE(batches.size(), std::size_t(6));
        for (const Batch& batch : batches)
            for (std::size_t i = 0; i < batch.indices.size(); ++i) {
                const std::vector<float>& wanted = expected[std::size_t(batch.indices[i])];
                QVERIFY2(std::equal(wanted.begin(), wanted.end(),
                                    batch.inputs.begin() + std::ptrdiff_t(i * wanted.size())),
                         way);
            }
    };
    for (const int workers : {0, 1, 3, 8}) {
        check(batchesOf(dataset, *pipeline, optionsFor(*dataset, workers)), "streamed");
        for (const std::int64_t budget : {kPlenty, std::int64_t(40 * 14000)}) {
            LoaderOptions options = optionsFor(*dataset, workers);
            options.cache = std::make_shared<DataCache>(dataset, budget);
            check(batchesOf(dataset, *pipeline, options), "filling the cache");
            check(batchesOf(dataset, *pipeline, options), "from the cache");
        }
    }
}

void DataCacheTest::budgetDecidesWhatIsKept() {
    const auto dataset = std::make_shared<FilesDataset>(40);
    // Noise does not get smaller as PNG, so the files are a little larger than the pictures.
    QVERIFY(DataCache(dataset, kPlenty).keeps() == DataCache::Keeps::Pictures);
    QVERIFY(DataCache(dataset, 1000).keeps() == DataCache::Keeps::Nothing);
    QVERIFY(DataCache(dataset, 0).keeps() == DataCache::Keeps::Nothing);
    QVERIFY(DataCache(dataset, -5).keeps() == DataCache::Keeps::Nothing);
    QVERIFY(DataCache::usualBudget() > 0);
    QCOMPARE(DataCache(dataset, 0).toSentence(),
             std::string("reads its pictures anew in every epoch"));
    QCOMPARE(DataCache(dataset, kPlenty).toSentence(),
             std::string("keeps its 40 decoded pictures in memory, about 1 MB"));
    const auto lines = makeMemoryDataset({Sample{TensorSample{{1}, {0.5f}}, 0}}, {"a"});
    QVERIFY(DataCache(lines, kPlenty).keeps() == DataCache::Keeps::Nothing);

    // Flat pictures take few bytes as files.
    class FlatDataset : public FilesDataset {
    public:
        FlatDataset() : FilesDataset(0), m_file(*encodePng(flat())) {}
        std::int64_t size() const override { return 10; }
        Result<std::string> encodedPicture(std::int64_t) const override { return m_file; }

    private:
        static Picture flat() { return {200, 200, 3, std::vector<std::uint8_t>(120000, 7)}; }
        std::string m_file;
    };
    const auto flat = std::make_shared<FlatDataset>();
    QVERIFY(DataCache(flat, 100'000).keeps() == DataCache::Keeps::Files);
    QVERIFY(DataCache(flat, 2'000'000).keeps() == DataCache::Keeps::Pictures);
}

void DataCacheTest::budgetIsNeverExceeded() {
    const auto dataset = std::make_shared<FilesDataset>(40);
    DataCache cache(dataset, 500'000);
    QVERIFY(cache.keeps() == DataCache::Keeps::Pictures);
    const auto large =
        std::make_shared<const Picture>(Picture{300, 300, 3, std::vector<std::uint8_t>(270'000)});
    cache.keep(0, large);
    QVERIFY(cache.bytes() >= 270'000);
    cache.keep(0, large);
    cache.keep(1, large);
    QCOMPARE(cache.samples(), std::int64_t(1));
    QVERIFY(cache.bytes() <= cache.budget());
    QVERIFY(cache.picture(0) == large && !cache.picture(1));
    QVERIFY(!cache.picture(-1) && !cache.picture(40) && !cache.file(0));
}

void DataCacheTest::keptPicturesAreReadOnce() {
    const auto dataset = std::make_shared<FilesDataset>(40);
    LoaderOptions options = optionsFor(*dataset, 3);
    options.cache = std::make_shared<DataCache>(dataset, kPlenty);
    const auto pipeline = *Pipeline::make({{"CenterCrop", {{"size", 30}}}, {"ToTensor", {}}});
    dataset->reads = 0;
    const auto first = batchesOf(dataset, pipeline, options);
    QCOMPARE(dataset->reads.load(), 40);
    options.epoch = 1;
    QVERIFY(same(batchesOf(dataset, pipeline, options), first));
    QCOMPARE(dataset->reads.load(), 40);
    QCOMPARE(options.cache->samples(), std::int64_t(40));
}

void DataCacheTest::damagedFilesAreSkippedByEveryWay() {
    const auto dataset = std::make_shared<FilesDataset>(40);
    dataset->damage(11);
    dataset->damage(12);
    const auto pipeline = *Pipeline::make({{"RandomCrop", {{"size", 30}}}, {"ToTensor", {}}});
    const auto streamed = batchesOf(dataset, pipeline, optionsFor(*dataset, 2));
    QCOMPARE(streamed.size(), std::size_t(6));
    QCOMPARE(streamed[1].size(), std::int64_t(5));
    QCOMPARE(streamed[1].skipped.size(), std::size_t(2));
    QCOMPARE(streamed[1].skipped[0].error.message,
             std::string("Sample 11 is cut off: the end of the PNG file is missing."));
    LoaderOptions options = optionsFor(*dataset, 2);
    options.cache = std::make_shared<DataCache>(dataset, kPlenty);
    for (int epoch = 0; epoch < 2; ++epoch)
        QVERIFY(same(batchesOf(dataset, pipeline, options), streamed));
    // A step's sentence is given the sample's name.
    const auto small = *Pipeline::make({{"RandomCrop", {{"size", 90}}}, {"ToTensor", {}}});
    const auto failed = prepareSample(*dataset, small, 3, 0, 0);
    QVERIFY(!failed);
    QCOMPARE(failed.error().message,
             std::string("Sample 3: RandomCrop cannot cut 90 × 90 out of a picture of 53 × 63."));
}

void DataCacheTest::severalThreadsShareIt() {
    const auto dataset = std::make_shared<FilesDataset>(60);
    DataCache cache(dataset, kPlenty);
    std::vector<std::jthread> threads;
    std::atomic<int> wrong = 0;
    for (int thread = 0; thread < 8; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 600; ++i) {
                const std::int64_t index = (i * 7 + thread) % 60;
                if (const auto kept = cache.picture(index)) {
                    if (kept->width != 60 + int(index % 7)) ++wrong;
                } else {
                    cache.keep(index, std::make_shared<const Picture>(std::move(
                                          std::get<Picture>(dataset->sample(index)->input))));
                }
            }
        });
    threads.clear();
    QCOMPARE(wrong.load(), 0);
    QCOMPARE(cache.samples(), std::int64_t(60));
    std::int64_t bytes = 0;
    for (std::int64_t i = 0; i < 60; ++i) bytes += std::int64_t(cache.picture(i)->pixels.size());
    QVERIFY(cache.bytes() >= bytes && cache.bytes() < bytes * 2);
}

QTEST_GUILESS_MAIN(DataCacheTest)
#include "data_cache_test.moc"
