#include "widgets/plots/metric_chart.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QImage>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include "widgets/plots/chart_parts.h"
#include "widgets/plots/run_curves.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

void turnWheel(PlotView* view, QPoint at, int delta, Qt::KeyboardModifiers keys = Qt::NoModifier) {
    QWidget* target = view->childAt(at);
    if (!target) target = view;
    QWheelEvent event(at, target->mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton, keys,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(target, &event);
}

/// A curve that rises from 0 to 100 in 101 steps, in a window that is shown; its place, -1 when the
/// window does not come.
int showRamp(MetricChart& chart) {
    const int series = chart.addSeries({QStringLiteral("a")});
    for (int step = 0; step <= 100; ++step) chart.append(series, step, step);
    chart.resize(600, 300);
    chart.show();
    if (!QTest::qWaitForWindowExposed(&chart)) return -1;
    chart.drawNow();
    return series;
}

std::vector<RunEvent> someRun(int epochs, int stepsPerEpoch) {
    std::vector<RunEvent> events;
    RunEvent start;
    start.type = RunEvent::Type::Start;
    start.epochs = epochs;
    start.stepsPerEpoch = stepsPerEpoch;
    start.totalSteps = epochs * stepsPerEpoch;
    events.push_back(start);
    unsigned noise = 12345;
    for (int step = 1; step <= start.totalSteps; ++step) {
        noise = noise * 1664525u + 1013904223u;
        const double wild = (noise >> 8) / double(1 << 24) - 0.5;
        RunEvent event;
        event.type = RunEvent::Type::Step;
        event.step = step;
        event.loss = 0.3 + 2 * std::exp(-step / (stepsPerEpoch * 0.8)) + 0.2 * wild;
        event.accuracy = std::clamp(
            0.9 - 0.75 * std::exp(-step / (stepsPerEpoch * 0.8)) + 0.08 * wild, 0.0, 1.0);
        events.push_back(event);
        if (step % stepsPerEpoch != 0) continue;
        RunEvent epoch;
        epoch.type = RunEvent::Type::Epoch;
        epoch.step = step;
        epoch.epoch = step / stepsPerEpoch;
        epoch.testLoss = 0.35 + 1.6 * std::exp(-step / (stepsPerEpoch * 0.9));
        epoch.testAccuracy = 0.88 - 0.5 * std::exp(-step / (stepsPerEpoch * 0.9));
        events.push_back(epoch);
    }
    return events;
}

}  // namespace

class MetricChartTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void followsUntilTheUserLooksCloser() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = chart.addSeries({QStringLiteral("train"), 0, true});
        chart.setStepsPerEpoch(series, 10);
        chart.resize(600, 300);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        for (int step = 1; step <= 50; ++step) chart.append(series, step, 1.0 / step);
        chart.drawNow();
        QVERIFY(chart.isFollowing());
        QCOMPARE(chart.view()->rangeX().high, 5.0 * 1.01);

        const QPoint middle = chart.view()->plotArea().center();
        const double under = chart.view()->xAt(middle.x());
        turnWheel(chart.view(), middle, 120);
        QVERIFY(!chart.isFollowing());
        QVERIFY(chart.view()->rangeX().high < 5.0);
        QVERIFY2(std::abs(chart.view()->xAt(middle.x()) - under) < 1e-9,
                 "the place under the mouse must stay");
        const auto before = chart.view()->rangeX();
        for (int step = 51; step <= 80; ++step) chart.append(series, step, 1.0 / step);
        chart.drawNow();
        QCOMPARE(chart.view()->rangeX().high, before.high);

        QTest::mouseDClick(chart.view()->childAt(middle), Qt::LeftButton, {}, middle);
        QVERIFY(chart.isFollowing());
        QCOMPARE(chart.view()->rangeX().high, 8.0 * 1.01);
    }

    void dragMovesTheCurveWithTheMouse() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = showRamp(chart);
        QVERIFY(series >= 0);
        QWidget* plot = chart.view()->childAt(chart.view()->plotArea().center());
        const QPoint from = chart.view()->plotArea().center();
        const double grabbed = chart.view()->xAt(from.x());
        QTest::mousePress(plot, Qt::LeftButton, {}, from);
        QTest::mouseMove(plot, from + QPoint(30, 0));
        QMouseEvent move(QEvent::MouseMove, from + QPoint(60, 0),
                         plot->mapToGlobal(from + QPoint(60, 0)), Qt::NoButton, Qt::LeftButton, {});
        QApplication::sendEvent(plot, &move);
        QTest::mouseRelease(plot, Qt::LeftButton, {}, from + QPoint(60, 0));
        QVERIFY(std::abs(chart.view()->xAt(from.x() + 60) - grabbed) < 0.5);
        QVERIFY(!chart.isFollowing());
    }

    /// With Shift, with the right button, and after the menu's entry; a small drag keeps an axis.
    void boxesZoom() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = showRamp(chart);
        QVERIFY(series >= 0);
        PlotView& view = *chart.view();
        const auto drag = [&](Qt::MouseButton button, Qt::KeyboardModifiers keys, QPoint by) {
            chart.fit();
            const QPoint from = view.plotArea().topLeft() + QPoint(100, 60);
            QWidget* plot = view.childAt(from);
            const double left = view.xAt(from.x()), right = view.xAt(from.x() + by.x());
            QTest::mousePress(plot, button, keys, from);
            for (const QPoint& on : {from + by / 2, from + by}) {
                QMouseEvent move(QEvent::MouseMove, on, plot->mapToGlobal(on), Qt::NoButton, button,
                                 keys);
                QApplication::sendEvent(plot, &move);
            }
            QTest::mouseRelease(plot, button, keys, from + by);
            const double pixel = view.xAt(1) - view.xAt(0);
            return std::abs(view.rangeX().low - left) <= 2 * pixel + 0.5 &&
                   std::abs(view.rangeX().high - right) <= 2 * pixel + 0.5;
        };
        chart.fit();
        const auto whole = view.rangeY();
        QVERIFY(drag(Qt::LeftButton, Qt::ShiftModifier, {200, 80}));
        QVERIFY(!chart.isFollowing());
        QVERIFY(view.rangeY().high < whole.high && view.rangeY().low > whole.low);
        QVERIFY(drag(Qt::RightButton, Qt::NoModifier, {150, 50}));
        QVERIFY(!QApplication::activePopupWidget());
        view.beginBox();
        QVERIFY(drag(Qt::LeftButton, Qt::NoModifier, {120, 90}));
        // Along one axis only.
        QVERIFY(drag(Qt::LeftButton, Qt::ShiftModifier, {200, 2}));
        QVERIFY(std::abs(view.rangeY().high - whole.high) < 0.02 * (whole.high - whole.low));
        // The mode lasts for one box: the next drag moves the curves again.
        QVERIFY(!drag(Qt::LeftButton, Qt::NoModifier, {120, 90}));
        // Without a move the right button opens the menu.
        const QPoint middle = view.plotArea().center();
        QTest::mouseClick(view.childAt(middle), Qt::RightButton, {}, middle);
        QTRY_VERIFY(QApplication::activePopupWidget());
        QApplication::activePopupWidget()->close();
    }

    /// A run that was stopped or diverged in its first epoch is not drawn in another unit.
    void oneUnitOnTheAxis() {
        RunCurves curves;
        curves.resize(700, 500);
        curves.show();
        QVERIFY(QTest::qWaitForWindowExposed(&curves));
        std::vector<RunEvent> finished = someRun(3, 100), stopped;
        for (const RunEvent& event : finished)
            if (event.type == RunEvent::Type::Step && event.step <= 60) stopped.push_back(event);
        // As read back from tables: without a start.
        std::erase_if(finished,
                      [](const RunEvent& event) { return event.type == RunEvent::Type::Start; });
        MetricChart& loss = *curves.loss();
        const int cut = curves.addRun(QStringLiteral("stopped"), 0);
        curves.append(cut, stopped);
        loss.drawNow();
        QVERIFY(loss.shownAxis() == ChartAxis::Steps);
        QCOMPARE(loss.view()->axisLabel(), QStringLiteral("step"));
        QVERIFY(std::abs(loss.view()->rangeX().high - 60) < 1);
        curves.append(curves.addRun(QStringLiteral("finished"), 1), finished);
        loss.drawNow();
        QCOMPARE(loss.view()->axisLabel(), QStringLiteral("step"));
        QVERIFY(std::abs(loss.view()->rangeX().high - 300) < 5);
        // Once the record tells, both are drawn over epochs.
        curves.tellStepsPerEpoch(cut, 100);
        loss.drawNow();
        QCOMPARE(loss.view()->axisLabel(), QStringLiteral("epoch"));
        QVERIFY(std::abs(loss.view()->rangeX().high - 3) < 0.1);
        loss.setAxis(ChartAxis::Steps);
        QCOMPARE(loss.view()->axisLabel(), QStringLiteral("step"));
    }

    /// What was looked at stays when the first epoch's end tells how long an epoch is.
    void unitsChangeUnderTheView() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = showRamp(chart);
        QVERIFY(series >= 0);
        turnWheel(chart.view(), chart.view()->plotArea().center(), 120);
        const auto before = chart.view()->rangeX();
        chart.setStepsPerEpoch(series, 50);
        chart.drawNow();
        QVERIFY(std::abs(chart.view()->rangeX().low * 50 - before.low) < 1e-6);
        QVERIFY(std::abs(chart.view()->rangeX().high * 50 - before.high) < 1e-6);
    }

    /// A saved picture stands by itself.
    void picturesSayWhatTheyShow() {
        QTemporaryDir folder;
        RunCurves curves;
        curves.resize(700, 500);
        curves.show();
        QVERIFY(QTest::qWaitForWindowExposed(&curves));
        curves.append(curves.addRun(), someRun(3, 40));
        curves.setPictureTitle(QStringLiteral("My first run"));
        const QString file = folder.filePath(QStringLiteral("loss.svg"));
        QVERIFY(curves.loss()->savePicture(file));
        QFile svg(file);
        QVERIFY(svg.open(QFile::ReadOnly));
        const QString text = QString::fromUtf8(svg.readAll());
        for (const char* word : {"My first run", "Loss", ">epoch", ">loss", ">train", ">test"})
            QVERIFY2(text.contains(QString::fromUtf8(word)), word);
        // On the screen the plot is as it was.
        const auto area = curves.loss()->view()->plotArea();
        QVERIFY(curves.loss()->savePicture(folder.filePath(QStringLiteral("loss.png"))));
        QCOMPARE(curves.loss()->view()->plotArea(), area);
        QVERIFY(QImage(folder.filePath(QStringLiteral("loss.png"))).height() >
                2 * curves.loss()->view()->height());
    }

    void shiftAndControlZoomOneAxis() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = showRamp(chart);
        QVERIFY(series >= 0);
        const QPoint middle = chart.view()->plotArea().center();
        const auto y = chart.view()->rangeY();
        turnWheel(chart.view(), middle, 120, Qt::ShiftModifier);
        QCOMPARE(chart.view()->rangeY().high, y.high);
        const auto x = chart.view()->rangeX();
        turnWheel(chart.view(), middle, 120, Qt::ControlModifier);
        QCOMPARE(chart.view()->rangeX().high, x.high);
        QVERIFY(chart.view()->rangeY().high < y.high);
    }

    void logarithmicAxisSurvivesZeros() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = chart.addSeries({QStringLiteral("a")});
        chart.append(series, 0, 0);
        chart.append(series, 1, 10);
        chart.append(series, 2, 0.001);
        chart.resize(600, 300);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        chart.setLogarithmic(true);
        QVERIFY(chart.view()->rangeY().low > 0);
        QVERIFY(chart.view()->rangeY().low <= 0.001);
        turnWheel(chart.view(), chart.view()->plotArea().center(), -480);
        QVERIFY(chart.view()->rangeY().low > 0);
    }

    void linkedChartsShareTheirStretch() {
        RunCurves curves;
        curves.resize(800, 600);
        curves.append(curves.addRun(), someRun(3, 50));
        curves.show();
        QVERIFY(QTest::qWaitForWindowExposed(&curves));
        turnWheel(curves.loss()->view(), curves.loss()->view()->plotArea().center(), 240);
        QVERIFY(!curves.accuracy()->isFollowing());
        QCOMPARE(curves.accuracy()->view()->rangeX().low, curves.loss()->view()->rangeX().low);
        QCOMPARE(curves.accuracy()->view()->rangeX().high, curves.loss()->view()->rangeX().high);
        curves.accuracy()->fit();
        QVERIFY(curves.loss()->isFollowing());
        QCOMPARE(curves.loss()->view()->rangeX().high, 3.0 * 1.01);
    }

    void valuesThatAreNoNumbersAreCounted() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = chart.addSeries({QStringLiteral("a"), 0, true});
        chart.append(series, 1, 1);
        chart.append(series, 2, std::numeric_limits<double>::quiet_NaN());
        chart.append(series, 3, std::numeric_limits<double>::infinity());
        chart.append(series, 4, 1);
        chart.resize(600, 300);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        chart.drawNow();
        bool found = false;
        for (QLabel* label : chart.findChildren<QLabel*>())
            found = found || (label->isVisible() &&
                              label->text().contains(QStringLiteral("2 not a number")));
        QVERIFY(found);
        QCOMPARE(chart.view()->rangeX().high, 4.0 * 1.01);
    }

    void smoothingIsAlwaysOverTheRawPoints() {
        RunCurves curves;
        const int run = curves.addRun();
        const std::vector<RunEvent> events = someRun(2, 40);
        curves.append(run, events);
        for (const double weight : {0.9, 0.0, 0.6}) curves.setSmoothing(weight);
        std::vector<double> raw;
        for (const RunEvent& event : events)
            if (event.type == RunEvent::Type::Step) raw.push_back(event.loss);
        const std::vector<double> expected = smoothed(raw, 0.6);
        QCOMPARE(curves.loss()->smoothedPoints(0).values(), expected);
        QCOMPARE(curves.loss()->points(0).values(), raw);
    }

    /// The sum of a batch and the sum of a set are no figures for one axis.
    void summedLossesAreDrawnPerSampleAndSaid() {
        RunCurves curves;
        curves.resize(900, 600);
        RunEvent step;
        step.type = RunEvent::Type::Step;
        step.step = 1, step.loss = 40, step.lossPerSample = 2;
        RunEvent ignored = step;
        ignored.step = 2, ignored.loss = ignored.lossPerSample = std::nan("");
        RunEvent epoch;
        epoch.type = RunEvent::Type::Epoch;
        epoch.step = 2, epoch.epoch = 1;
        epoch.testLoss = 1500, epoch.testLossPerSample = 1.5;
        curves.append(curves.addRun(), {step, ignored, epoch});
        // A batch of which nothing counts leaves a gap and raises no alarm.
        QCOMPARE(curves.loss()->points(0).values(), std::vector<double>{2});
        QCOMPARE(curves.loss()->points(1).values(), std::vector<double>{1.5});
        QString said;
        for (const QLabel* label : curves.loss()->findChildren<QLabel*>()) said += label->text();
        QVERIFY2(said.contains("per sample") && said.contains("1500"), qPrintable(said));
        // Without classes the best is the one with the lowest loss.
        QVERIFY2(said.contains("best") && said.contains("at epoch 1"), qPrintable(said));
        QCOMPARE(curves.best(0).epoch().epoch, 1);
    }

    void tableHoldsEveryPointExactly() {
        QTemporaryDir folder;
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = chart.addSeries({QStringLiteral("a \"b\"")});
        chart.setStepsPerEpoch(series, 4);
        chart.append(series, 1, 0.1);
        chart.append(series, 2, 1.0 / 3);
        const QString path = folder.filePath(QStringLiteral("values.csv"));
        QVERIFY(chart.saveCsv(path));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(),
                 QByteArray("series,step,epoch,value,smoothed\n\"a \"\"b\"\"\",1,0.25,0.1,\n"
                            "\"a \"\"b\"\"\",2,0.5,0.3333333333333333,\n"));
    }

    void picturesAreWritten() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("curves.png"));
        QVERIFY(renderRunCurves(someRun(5, 200), QStringLiteral("Fashion-MNIST"), path,
                                QSize(1400, 900)));
        const QImage picture(path);
        QCOMPARE(picture.size(), QSize(1400, 900));
        RunCurves curves;
        curves.resize(700, 500);
        curves.append(curves.addRun(), someRun(5, 200));
        for (const char* ending : {"png", "svg", "pdf"}) {
            const QString file = folder.filePath(QStringLiteral("chart.") + QLatin1String(ending));
            QVERIFY(curves.loss()->savePicture(file));
            QVERIFY(QFileInfo(file).size() > 1000);
        }
        if (const QString keep = qEnvironmentVariable("TORCHLOOM_PICTURES"); !keep.isEmpty()) {
            for (const bool dark : {false, true}) {
                Theme::instance().setMode(dark ? ThemeMode::Dark : ThemeMode::Light);
                renderRunCurves(someRun(5, 900), QStringLiteral("Fashion-MNIST, two convolutions"),
                                keep + (dark ? QStringLiteral("/curves-dark.png")
                                             : QStringLiteral("/curves-light.png")),
                                QSize(1400, 900));
                RunCurves live;
                live.resize(900, 640);
                std::vector<RunEvent> part = someRun(5, 900);
                part.resize(3000);
                part[700].loss = std::numeric_limits<double>::quiet_NaN();
                live.append(live.addRun(), part);
                live.show();
                QTest::qWait(50);
                const QPoint at = live.loss()->view()->plotArea().center();
                QTest::mouseMove(live.loss()->view()->childAt(at), at - QPoint(100, 0));
                QTest::qWait(20);
                live.grab().save(keep + (dark ? QStringLiteral("/live-dark.png")
                                              : QStringLiteral("/live-light.png")));
            }
            Theme::instance().setMode(ThemeMode::Light);
        }
    }

    void manyPointsDrawQuickly() {
        MetricChart chart(QStringLiteral("Loss"), ChartUnit::Number);
        const int series = chart.addSeries({QStringLiteral("train"), 0, true});
        unsigned noise = 1;
        for (int step = 0; step < 2'000'000; ++step) {
            noise = noise * 1664525u + 1013904223u;
            chart.append(series, step, noise / 4e9);
        }
        chart.resize(1200, 500);
        chart.show();
        QVERIFY(QTest::qWaitForWindowExposed(&chart));
        QElapsedTimer clock;
        clock.start();
        for (int i = 0; i < 10; ++i) chart.drawNow();
        const double milliseconds = static_cast<double>(clock.nsecsElapsed()) / 1e7;
        qInfo("one frame of 2 million points: %.1f ms", milliseconds);
        QVERIFY(milliseconds < 200);
    }
};

QTEST_MAIN(MetricChartTest)
#include "metric_chart_test.moc"
