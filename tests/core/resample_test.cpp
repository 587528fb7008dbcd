#include <QTest>
#include <algorithm>
#include <random>
#include <utility>

#include "core/data/transforms/resample_rows.h"

using namespace loom;

/// The vector loops of the resampler against the plain ones.
class ResampleTest : public QObject {
    Q_OBJECT

private slots:
    void fastLoopsGiveThePlainBits_data();
    void fastLoopsGiveThePlainBits();
};

namespace {

/// Windows as filters make them: weights that sum to about one, some of them negative.
ResampleWeights weightsOf(int in, int out, int most, std::mt19937& random) {
    ResampleWeights weights;
    weights.stride = most;
    for (int place = 0; place < out; ++place) {
        const int count = 1 + int(random() % std::uint32_t(std::min(most, in)));
        weights.windows.push_back({int(random() % std::uint32_t(in - count + 1)), count});
        for (int i = 0; i < most; ++i)
            weights.values.push_back(
                i < count ? int(random() % (3u << 22)) / count - (1 << 22) / (2 * count) : 0);
    }
    return weights;
}

std::vector<std::uint8_t> noise(std::size_t size, std::mt19937& random) {
    std::vector<std::uint8_t> bytes(size);
    for (std::uint8_t& byte : bytes) byte = std::uint8_t(random());
    return bytes;
}

}  // namespace

void ResampleTest::fastLoopsGiveThePlainBits_data() {
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("most");
    for (const int channels : {1, 3})
        for (const int most : {1, 2, 3, 4, 5, 8, 33})
            for (const auto& [width, height] :
                 {std::pair{1, 1}, {2, 3}, {5, 1}, {6, 7}, {16, 2}, {61, 47}, {224, 5}, {500, 3}})
                QTest::addRow("%d × %d × %d, %d", width, height, channels, most)
                    << width << height << channels << most;
}

void ResampleTest::fastLoopsGiveThePlainBits() {
    QFETCH(int, width);
    QFETCH(int, height);
    QFETCH(int, channels);
    QFETCH(int, most);
    std::mt19937 random(std::uint32_t(width * 100 + height * 10 + most));
    const auto row = std::size_t(width) * std::size_t(channels);
    // Of the exact size, so that a read beyond shows under a sanitizer.
    const auto in = noise(row * std::size_t(height), random);
    for (const int out : {1, 2, 9, 40}) {
        const auto columns = weightsOf(width, out, most, random);
        const std::size_t size = std::size_t(out) * std::size_t(height) * std::size_t(channels);
        std::vector<std::uint8_t> plain(size), fast(size);
        plainResampleRows().columns(in.data(), width, height, channels, plain.data(), columns);
        resampleRows().columns(in.data(), width, height, channels, fast.data(), columns);
        QVERIFY(plain == fast);

        const auto rows = weightsOf(height, out, most, random);
        plain.assign(row * std::size_t(out), 0);
        fast.assign(row * std::size_t(out), 1);
        plainResampleRows().rows(in.data(), row, plain.data(), rows);
        resampleRows().rows(in.data(), row, fast.data(), rows);
        QVERIFY(plain == fast);
    }
}

QTEST_GUILESS_MAIN(ResampleTest)
#include "resample_test.moc"
