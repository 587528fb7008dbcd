#include <time.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "app/main_window.h"
#include "app/run_actions.h"
#include "tests/support/app_home.h"
#include "tests/support/python.h"
#include "widgets/runs/train_page.h"

using namespace loom;

namespace {

double threadSeconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Notes how long events wait before the window handles them.
class Listener : public QObject {
public:
    struct Knock : QEvent {
        explicit Knock(qint64 at) : QEvent(static_cast<Type>(User + 1)), sent(at) {}
        qint64 sent;
    };
    QElapsedTimer clock;
    std::vector<double> waits;
    bool event(QEvent* event) override {
        if (event->type() != QEvent::User + 1) return QObject::event(event);
        waits.push_back(
            static_cast<double>(clock.nsecsElapsed() - static_cast<Knock*>(event)->sent) / 1e6);
        return true;
    }
};

}  // namespace

/// The window beside a real training on all cores, as long as it takes to tell. Not part of the
/// quick tests: it wants the machine for itself.
class LatencyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theWindowAnswersWhileItTrains() {
        MainWindow window;
        window.resize(1440, 900);
        window.show();
        window.openAtStart(
            test::sourcePath(QStringLiteral("projects/fashion_mnist_two_convolutions.loom")));
        QVERIFY2(window.document()->report().location.found, test::kNoFashionMnist);
        QElapsedTimer start;
        start.start();
        window.runActions()->train()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > 0, 30000);
        qInfo("first point after %lld ms", static_cast<long long>(start.elapsed()));
        QTest::qWait(1000);

        Listener listener;
        listener.clock.start();
        std::atomic<bool> over = false;
        std::thread knocker([&] {
            while (!over) {
                QCoreApplication::postEvent(&listener,
                                            new Listener::Knock(listener.clock.nsecsElapsed()),
                                            Qt::LowEventPriority);
                std::this_thread::sleep_for(std::chrono::milliseconds(4));
            }
        });
        const double cpuBefore = threadSeconds();
        QElapsedTimer wall;
        wall.start();
        const std::int64_t stepsBefore = window.trainPage()->progress().step();
        QTest::qWait(20000);
        const double share =
            (threadSeconds() - cpuBefore) / (static_cast<double>(wall.elapsed()) / 1000);
        const std::int64_t steps = window.trainPage()->progress().step() - stepsBefore;
        over = true;
        knocker.join();

        QElapsedTimer stopping;
        stopping.start();
        window.runActions()->stop()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
        std::sort(listener.waits.begin(), listener.waits.end());
        const double median = listener.waits[listener.waits.size() / 2];
        const double p99 = listener.waits[listener.waits.size() * 99 / 100];
        const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
        qInfo(
            "event latency: median %.2f ms, 99th percentile %.2f ms, largest %.1f ms of %zu; the "
            "window's thread used %.1f %% of "
            "one core (%.1f %% of %u) over %lld steps; stopped after %lld ms",
            median, p99, listener.waits.back(), listener.waits.size(), share * 100,
            share * 100 / cores, cores, static_cast<long long>(steps),
            static_cast<long long>(stopping.elapsed()));
        QVERIFY(p99 < 50);
        QVERIFY2(share / cores < 0.03, "drawing may cost 3 % of the machine at most");
    }
};

int main(int argc, char** argv) {
    test::AppHome own;
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("torchloom"));
    Theme::apply(application, ThemeMode::Light);
    LatencyTest tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "latency_heavy_test.moc"
