#include "widgets/plots/point_series.h"

#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace loom;

class PointSeriesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void extentEqualsAPlainSearch() {
        std::mt19937 random(1);
        std::uniform_real_distribution<double> value(-5, 5);
        PointSeries series;
        for (int i = 0; i < 70000; ++i)
            series.append(i * 0.5,
                          i % 97 == 0 ? std::numeric_limits<double>::quiet_NaN() : value(random));
        std::uniform_int_distribution<int> place(0, 69999);
        for (int trial = 0; trial < 300; ++trial) {
            int first = place(random);
            int last = place(random);
            if (first > last) std::swap(first, last);
            double low = std::numeric_limits<double>::infinity();
            double high = -low;
            for (int i = first; i <= last; ++i) {
                const double y = series.y(static_cast<std::size_t>(i));
                if (!std::isfinite(y)) continue;
                low = std::min(low, y);
                high = std::max(high, y);
            }
            const auto extent = series.extent(first * 0.5, last * 0.5);
            QCOMPARE(extent.empty, !(high >= low));
            if (extent.empty) continue;
            QCOMPARE(extent.low, low);
            QCOMPARE(extent.high, high);
        }
    }

    void everyColumnKeepsItsExtremes() {
        std::mt19937 random(2);
        std::normal_distribution<double> value(0, 1);
        PointSeries series;
        for (int i = 0; i < 100000; ++i) series.append(i, value(random));
        std::vector<PointSeries::Point> points;
        const int columns = 400;
        const double low = 12345;
        const double high = 67890;
        series.visible(low, high, columns, points);
        QVERIFY(points.size() <= static_cast<std::size_t>(columns) * 4 + 8);
        for (std::size_t i = 1; i < points.size(); ++i) QVERIFY(points[i].x > points[i - 1].x);
        const double width = (high - low) / columns;
        for (int column = 0; column < columns; ++column) {
            const double from = low + column * width;
            const double to = from + width;
            double lowest = 1e9, highest = -1e9, drawnLowest = 1e9, drawnHighest = -1e9;
            for (int i = static_cast<int>(std::ceil(from)); i < to; ++i) {
                lowest = std::min(lowest, series.y(static_cast<std::size_t>(i)));
                highest = std::max(highest, series.y(static_cast<std::size_t>(i)));
            }
            for (const auto& point : points) {
                if (point.x < from || point.x >= to) continue;
                drawnLowest = std::min(drawnLowest, point.y);
                drawnHighest = std::max(drawnHighest, point.y);
            }
            QCOMPARE(drawnLowest, lowest);
            QCOMPARE(drawnHighest, highest);
        }
    }

    void closeUpShowsEveryPoint() {
        PointSeries series;
        for (int i = 0; i < 1000000; ++i) series.append(i, i % 7);
        std::vector<PointSeries::Point> points;
        series.visible(500000, 500050, 800, points);
        QCOMPARE(points.size(), std::size_t(53));
        QCOMPARE(points.front().x, 499999.0);
        QCOMPARE(points.back().x, 500051.0);
    }

    void whatIsNotANumberIsKeptButNotDrawn() {
        PointSeries series;
        series.append(1, 1);
        series.append(2, std::numeric_limits<double>::quiet_NaN());
        series.append(3, std::numeric_limits<double>::infinity());
        series.append(4, 2);
        QCOMPARE(series.size(), std::size_t(4));
        QCOMPARE(series.notFinite(), (std::vector<double>{2, 3}));
        std::vector<PointSeries::Point> points;
        series.visible(0, 5, 100, points);
        QCOMPARE(points.size(), std::size_t(2));
    }

    void calmLineKeepsItsPastWhileItGrows() {
        PointSeries series;
        for (int i = 0; i < 5000; ++i) series.append(i, i % 2 ? 3 : 1);
        series.append(5000, std::numeric_limits<double>::quiet_NaN());
        std::vector<PointSeries::Point> before;
        series.visibleMeans(0, 8000, 1000, before);
        for (std::size_t i = 0; i + 1 < before.size(); ++i) QCOMPARE(before[i].y, 2.0);
        for (int i = 5001; i < 5500; ++i) series.append(i, 2);
        std::vector<PointSeries::Point> after;
        series.visibleMeans(0, 8000, 1000, after);
        QVERIFY(after.size() > before.size());
        for (std::size_t i = 0; i + 2 < before.size(); ++i) {
            QCOMPARE(after[i].x, before[i].x);
            QCOMPARE(after[i].y, before[i].y);
        }
    }

    void nearestPoint() {
        PointSeries series;
        for (const double x : {1.0, 2.0, 4.0, 8.0}) series.append(x, x);
        QCOMPARE(series.nearest(-3), std::size_t(0));
        QCOMPARE(series.nearest(2.9), std::size_t(1));
        QCOMPARE(series.nearest(3.1), std::size_t(2));
        QCOMPARE(series.nearest(99), std::size_t(3));
    }

    void tenMillionPointsPanSmoothly() {
        PointSeries series;
        const int count = 10'000'000;
        series.reserve(count);
        for (int i = 0; i < count; ++i) series.append(i, (i * 2654435761u) % 1000);
        std::vector<PointSeries::Point> points;
        QElapsedTimer clock;
        clock.start();
        for (int frame = 0; frame < 20; ++frame)
            series.visible(frame * 1000.0, 9e6 + frame * 1000.0, 1600, points);
        const double milliseconds = static_cast<double>(clock.nsecsElapsed()) / 20e6;
        qInfo("choosing points for one frame: %.2f ms", milliseconds);
        QVERIFY2(milliseconds < 16, "choosing the points must fit well into a frame at 30 Hz");
    }
};

QTEST_APPLESS_MAIN(PointSeriesTest)
#include "point_series_test.moc"
