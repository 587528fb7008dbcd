#include "widgets/plots/smoothing.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <random>

using namespace loom;

namespace {

/// TensorBoard's data_transformer.ts, line by line.
std::vector<double> tensorBoard(const std::vector<double>& values, double weight) {
    std::vector<double> result;
    double last = values.empty() ? 0 : 0;
    int accumulated = 0;
    for (const double value : values) {
        if (!std::isfinite(value)) {
            result.push_back(value);
            continue;
        }
        last = last * weight + (1 - weight) * value;
        ++accumulated;
        const double debias = weight == 1 ? 1 : 1 - std::pow(weight, accumulated);
        result.push_back(last / debias);
    }
    return result;
}

}  // namespace

class SmoothingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalsTensorBoard_data() {
        QTest::addColumn<double>("weight");
        for (const double weight : {0.0, 0.1, 0.6, 0.9, 0.99, 0.999})
            QTest::addRow("%g", weight) << weight;
    }
    void equalsTensorBoard() {
        QFETCH(double, weight);
        std::mt19937 random(7);
        std::normal_distribution<double> noise(0, 0.3);
        std::vector<double> values;
        for (int i = 0; i < 20000; ++i)
            values.push_back(2.3 * std::exp(-i / 4000.0) + noise(random));
        values[11] = std::numeric_limits<double>::quiet_NaN();
        values[12] = std::numeric_limits<double>::infinity();
        const std::vector<double> ours = smoothed(values, weight);
        const std::vector<double> theirs = tensorBoard(values, weight);
        QCOMPARE(ours.size(), theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            if (!std::isfinite(values[i])) {
                QCOMPARE(std::isnan(ours[i]), std::isnan(values[i]));
                continue;
            }
            QVERIFY2(std::abs(ours[i] - theirs[i]) < 1e-12, qPrintable(QString::number(i)));
        }
    }

    void theFirstValueIsItself() {
        for (const double weight : {0.0, 0.6, 0.999})
            QVERIFY(std::abs(smoothed({2.5}, weight).front() - 2.5) < 1e-12);
    }

    void thePastDoesNotChange() {
        const std::vector<double> shortRun = smoothed({3, 1, 4, 1, 5}, 0.9);
        const std::vector<double> longRun = smoothed({3, 1, 4, 1, 5, 9, 2, 6}, 0.9);
        for (std::size_t i = 0; i < shortRun.size(); ++i) QCOMPARE(longRun[i], shortRun[i]);
    }
};

QTEST_APPLESS_MAIN(SmoothingTest)
#include "smoothing_test.moc"
