#include <QTest>

#include "tests/core/loader_bench.h"

using namespace loom;
using namespace loom::test;

/// Samples that cannot be prepared, that differ, that never come; transforms that cannot be.
class LoaderFaultsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
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
    void pictureAtTheEndIsASentence();
    void wrongListsOfTransformsAreSentences_data();
    void wrongListsOfTransformsAreSentences();
};

void LoaderFaultsTest::badSamplesAreLeftOutAndListed_data() {
    QTest::addColumn<int>("workers");
    for (const int workers : {0, 1, 3, 8}) QTest::addRow("%d workers", workers) << workers;
}

void LoaderFaultsTest::badSamplesAreLeftOutAndListed() {
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

void LoaderFaultsTest::aBatchOfWhichNothingIsLeftIsNotTheEnd_data() {
    badSamplesAreLeftOutAndListed_data();
}

void LoaderFaultsTest::aBatchOfWhichNothingIsLeftIsNotTheEnd() {
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

void LoaderFaultsTest::aPassOfBadSamplesIsAnError_data() {
    badSamplesAreLeftOutAndListed_data();
}

void LoaderFaultsTest::aPassOfBadSamplesIsAnError() {
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

void LoaderFaultsTest::differentSizesAreAnError() {
    const auto dataset = std::make_shared<CountingDataset>(40);
    dataset->wideAt = 35;
    Loader loader(dataset, plainPipeline(), optionsFor(40, 2));
    const auto failed = loader.next();
    QVERIFY(!failed);
    QCOMPARE(failed.error().message,
             std::string("Samples of a batch must have the same size, but sample 35 is 1 × 10 × 13 "
                         "after the transforms, and sample 39 is 1 × 10 × 12."));
}

void LoaderFaultsTest::noMemoryIsAnError_data() {
    badSamplesAreLeftOutAndListed_data();
}

void LoaderFaultsTest::noMemoryIsAnError() {
    QFETCH(int, workers);
    const auto dataset = std::make_shared<CountingDataset>(400);
    dataset->throwsAt = 399;
    Loader loader(dataset, plainPipeline(), optionsFor(400, workers));
    const auto memory = loader.next();
    QVERIFY(!memory);
    QVERIFY2(memory.error().message.starts_with("There was not enough memory"),
             memory.error().message.c_str());
}

void LoaderFaultsTest::timeoutNamesTheSlowSample() {
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

void LoaderFaultsTest::pictureAtTheEndIsASentence() {
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

void LoaderFaultsTest::wrongListsOfTransformsAreSentences_data() {
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
    QTest::newRow("ColorJitter after ToTensor")
        << Choices{toTensor, {"ColorJitter", {{"hue", 0.1}}}} << 1
        << "ColorJitter works on pictures, but a tensor arrives here."
        << "Put ColorJitter before ToTensor.";
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

void LoaderFaultsTest::wrongListsOfTransformsAreSentences() {
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

QTEST_GUILESS_MAIN(LoaderFaultsTest)
#include "loader_faults_test.moc"
