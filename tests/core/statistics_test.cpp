#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "core/data/transforms/statistics.h"
#include "tests/support/python.h"

using namespace loom;

/// Mean and deviation of the channels against numpy's over all pixels.
class StatisticsTest : public QObject {
    Q_OBJECT

private slots:
    void pictureSumsAreExact();
    void sizesAreThoseAfterTheSteps();
    void tensorsAreMeasuredToo();
    void damagedSamplesAreLeftOut();
    void differentChannelsAreToldOf();
    void stopsWhenTold();
    void randomStepsAndNormalizeAreLeftOut();
};

namespace {

Picture noise(int width, int height, int channels, TorchRandom& random, int most = 256) {
    Picture made{width, height, channels, {}};
    for (int i = 0; i < width * height * channels; ++i)
        made.pixels.push_back(static_cast<std::uint8_t>(random.integer(0, most)));
    return made;
}

std::shared_ptr<const Dataset> pictures(int count, int channels) {
    TorchRandom random(3);
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i)
        samples.push_back({noise(5 + i % 40, 9 + i % 13, channels, random, 20 + i % 230), 0});
    return makeMemoryDataset(std::move(samples), {"one"});
}

/// Numpy's figures of the bytes that `write` puts into a file, as lines of Python floats.
std::vector<double> numpyFigures(const std::vector<std::uint8_t>& bytes, int channels) {
    QTemporaryDir folder;
    const QString path = folder.filePath("bytes.bin");
    std::ofstream(path.toStdString(), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), std::streamsize(bytes.size()));
    const auto python = test::runPython(R"(
import sys, numpy
a = numpy.fromfile(sys.argv[1], numpy.uint8).reshape(-1, int(sys.argv[2])).astype(numpy.longdouble) / 255
for figure in list(a.mean(axis=0)) + list(a.std(axis=0)): print(float(figure).hex())
)",
                                        {path, QString::number(channels)});
    std::vector<double> figures;
    for (const QByteArray& line : python.out.trimmed().split('\n'))
        figures.push_back(std::strtod(line.constData(), nullptr));
    return figures;
}

void compareWithNumpy(const ChannelStatistics& found, const std::vector<std::uint8_t>& bytes) {
    const std::size_t channels = found.mean.size();
    const std::vector<double> wanted = numpyFigures(bytes, int(channels));
    QCOMPARE(wanted.size(), 2 * channels);
    for (std::size_t c = 0; c < channels; ++c) {
        QVERIFY(std::fabs(found.mean[c] - wanted[c]) < 1e-13);
        QVERIFY(std::fabs(found.deviation[c] - wanted[channels + c]) < 1e-12);
    }
}

const std::atomic<bool> kGoOn = false;

}  // namespace

void StatisticsTest::pictureSumsAreExact() {
    for (const int channels : {1, 3}) {
        const auto set = pictures(700, channels);
        std::vector<std::uint8_t> bytes;
        for (std::int64_t i = 0; i < set->size(); ++i) {
            const auto sample = set->sample(i);
            const auto& pixels = std::get<Picture>(sample->input).pixels;
            bytes.insert(bytes.end(), pixels.begin(), pixels.end());
        }
        std::int64_t last = 0;
        MeasureOptions options;
        options.threads = 1;
        options.progress = [&](std::int64_t done, std::int64_t total) {
            QVERIFY(done > last && total == 700);
            last = done;
        };
        const auto one = measureChannels(*set, {}, kGoOn, options);
        QVERIFY(one);
        QCOMPARE(one->samples, 700);
        QCOMPARE(last, 700);
        QCOMPARE(one->mean.size(), std::size_t(channels));
        compareWithNumpy(*one, bytes);
        const auto many = measureChannels(*set, {}, kGoOn, {.threads = 5});
        QCOMPARE(many->mean, one->mean);
        QCOMPARE(many->deviation, one->deviation);
    }
}

void StatisticsTest::sizesAreThoseAfterTheSteps() {
    const auto set = pictures(90, 3);
    const std::vector<TransformChoice> steps = {{"Resize", {{"size", List{12, 10}}}}};
    const auto found = measureChannels(*set, steps, kGoOn, {.indices = {3, 4, 50, 89}});
    QVERIFY(found);
    QCOMPARE(found->samples, 4);
    std::vector<std::uint8_t> bytes;
    const auto pipeline = Pipeline::make(steps);
    for (const std::int64_t i : {3, 4, 50, 89}) {
        TorchRandom random(0);
        const auto made = pipeline->apply(set->sample(i)->input, random);
        const auto& pixels = std::get<Picture>(*made).pixels;
        bytes.insert(bytes.end(), pixels.begin(), pixels.end());
    }
    compareWithNumpy(*found, bytes);
    // With ToTensor behind, the same in floats.
    const auto floats =
        measureChannels(*set, {steps[0], {"ToTensor", {}}}, kGoOn, {.indices = {3, 4, 50, 89}});
    for (std::size_t c = 0; c < 3; ++c) {
        QVERIFY(std::fabs(floats->mean[c] - found->mean[c]) < 1e-7);
        QVERIFY(std::fabs(floats->deviation[c] - found->deviation[c]) < 1e-7);
    }
}

void StatisticsTest::tensorsAreMeasuredToo() {
    std::vector<Sample> samples;
    for (int i = 0; i < 200; ++i)
        samples.push_back({TensorSample{{2}, {float(i), float(-2 * i)}}, 0});
    const auto found = measureChannels(*makeMemoryDataset(samples, {"one"}), {}, kGoOn);
    QVERIFY(found);
    const double deviation = std::sqrt((200.0 * 200.0 - 1) / 12);
    QCOMPARE(found->mean, (std::vector<double>{99.5, -199}));
    QVERIFY(std::fabs(found->deviation[0] - deviation) < 1e-9);
    QVERIFY(std::fabs(found->deviation[1] - 2 * deviation) < 1e-9);
}

void StatisticsTest::damagedSamplesAreLeftOut() {
    std::vector<Sample> samples;
    TorchRandom random(1);
    for (int i = 0; i < 10; ++i) samples.push_back({noise(i < 3 ? 4 : 20, 20, 1, random), 0});
    const auto set = makeMemoryDataset(samples, {"one"});
    const std::vector<TransformChoice> crop = {{"FiveCrop", {{"size", 10}}}};
    const auto found = measureChannels(*set, crop, kGoOn);
    QVERIFY(found);
    QCOMPARE(found->samples, 7);
    QCOMPARE(found->skipped, 3);
    const auto none = measureChannels(*set, {{"FiveCrop", {{"size", 30}}}}, kGoOn);
    QVERIFY(!none);
    QVERIFY(none.error().message.find("FiveCrop cannot cut") != std::string::npos);
}

void StatisticsTest::differentChannelsAreToldOf() {
    TorchRandom random(1);
    const auto set =
        makeMemoryDataset({{noise(4, 4, 3, random), 0}, {noise(4, 4, 1, random), 0}}, {"one"});
    const auto found = measureChannels(*set, {}, kGoOn);
    QVERIFY(!found);
    QCOMPARE(found.error().message,
             std::string("sample 1 has 1 channel, but others have 3, so no mean serves all."));
    QVERIFY(measureChannels(*set, {{"Grayscale", {}}}, kGoOn));
}

void StatisticsTest::stopsWhenTold() {
    std::atomic<bool> stop = false;
    std::atomic<std::int64_t> most = 0;
    const auto found =
        measureChannels(*pictures(5000, 1), {}, stop,
                        {.threads = 1, .progress = [&](std::int64_t done, std::int64_t) {
                             most = done;
                             stop = true;
                         }});
    QVERIFY(!found);
    QVERIFY(most < 200);
}

void StatisticsTest::randomStepsAndNormalizeAreLeftOut() {
    const auto steps = stepsBeforeNormalize({{"Resize", {{"size", 32}}},
                                             {"RandomHorizontalFlip", {}},
                                             {"ToTensor", {}},
                                             {"Normalize", {}},
                                             {"RandomErasing", {}}});
    QCOMPARE(steps.size(), std::size_t(2));
    QCOMPARE(steps[0].kind, std::string("Resize"));
    QCOMPARE(steps[1].kind, std::string("ToTensor"));
}

QTEST_GUILESS_MAIN(StatisticsTest)
#include "statistics_test.moc"
