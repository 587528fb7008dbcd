#include <QTest>
#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/core/loader_bench.h"

using namespace loom;
using namespace loom::test;

/// Batches: the same bits for any number of workers, bounded, with a prompt end.
class LoaderTest : public QObject {
    Q_OBJECT

private slots:
    void anyNumberOfWorkersGivesTheSameBits();
    void batchesFollowTheOrder();
    void lastBatch_data();
    void lastBatch();
    void skippedBatchesLeaveTheRestUnchanged();
    void epochAndSeedChangeTheDraws();
    void memoryGivenBackServesAgain();
    void onlySoManyBatchesWait();
    void destructionInMidPassIsPrompt();
    void stagesShowEveryStep();
    void emptyPassEndsAtOnce();
};

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
