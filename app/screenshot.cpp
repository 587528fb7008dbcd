#include "app/screenshot.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QPixmap>
#include <QThread>
#include <algorithm>
#include <cstdio>

#include "app/main_window.h"
#include "core/train/run_claim.h"
#include "core/train/run_folder.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/data/data_page.h"
#include "widgets/explain/block_picture.h"
#include "widgets/explain/help_panel.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"
#include "widgets/runs/try_page.h"

namespace loom {

namespace {

int complain(const QString& message) {
    std::fprintf(stderr, "torchloom: %s\n", qPrintable(message));
    return 1;
}

}  // namespace

int writeCurves(const StartOptions& options) {
    if (const Status free = notOfARunsRecord(options.curvesTo.toStdString()); !free)
        return complain(QString::fromStdString(free.error().message));
    const auto events = readRunEvents(options.curvesOf.toStdString());
    if (!events) return complain(QString::fromStdString(events.error().message));
    const auto record = readRunRecord(options.curvesOf.toStdString());
    const QString title = record ? QString::fromStdString(record->name) : QString();
    if (!renderRunCurves(*events, title, options.curvesTo, options.size))
        return complain(
            QObject::tr("The picture could not be written to %1.").arg(options.curvesTo));
    return 0;
}

void settle(MainWindow& window) {
    QElapsedTimer clock;
    clock.start();
    qint64 quietSince = 0;
    while (clock.elapsed() < 10000) {
        QApplication::processEvents(QEventLoop::AllEvents, 20);
        const bool busy = window.dataPage()->isComputing() || window.tryPage()->isComputing() ||
                          window.runsPage()->isReading() ||
                          window.designPage()->help()->picture()->isComputing();
        if (busy) quietSince = clock.elapsed();
        if (clock.elapsed() - quietSince > 300) return;
        QThread::msleep(5);
    }
}

void showRun(MainWindow& window, const QString& folder) {
    auto events = readRunEvents(folder.toStdString());
    const auto record = readRunRecord(folder.toStdString());
    if (!events || !record) {
        complain(QString::fromStdString(events ? record.error().message : events.error().message));
        return;
    }
    const TrainingSection& training = window.document()->project().training;
    RunEvent start;
    start.type = RunEvent::Type::Start;
    start.epochs = training.epochs;
    for (const RunEvent& event : *events) {
        if (event.type == RunEvent::Type::Epoch && start.stepsPerEpoch == 0)
            start.stepsPerEpoch = event.step / std::max<std::int64_t>(1, event.epoch);
        start.totalSteps = std::max(start.totalSteps, event.step);
    }
    events->insert(events->begin(), start);
    window.trainPage()->runStarted(training.batchSize,
                                   QString::fromStdString(training.optimizer.kind));
    window.trainPage()->takeEvents(*events);
    window.trainPage()->showFinished(QString::fromStdString(record->status));
    window.trainPage()->curves()->loss()->drawNow();
    window.trainPage()->curves()->accuracy()->drawNow();
}

void showHelp(MainWindow& window, const QString& on) {
    DesignPage& design = *window.designPage();
    window.showPage(MainWindow::Design);
    if (window.document()->graph().find(on.toStdString())) {
        design.canvas()->drawing().select({on.toStdString()});
        design.explainBlock(on.toStdString());
    } else if (on.contains(QLatin1Char('/'))) {
        design.explainPage(on);
    } else {
        design.explainKind(on);
    }
}

int writeScreenshot(const StartOptions& options, MainWindow& window) {
    window.resize(options.size);
    window.show();
    if (!options.run.isEmpty()) showRun(window, options.run);
    if (!options.helpOn.isEmpty()) showHelp(window, options.helpOn);
    // A picture of something that moves is the same each time.
    window.designPage()->help()->picture()->setPlaying(false);
    settle(window);
    if (const Status free = notOfARunsRecord(options.screenshot.toStdString()); !free)
        return complain(QString::fromStdString(free.error().message));
    if (!window.grab().save(options.screenshot, "PNG"))
        return complain(
            QObject::tr("The picture could not be written to %1.").arg(options.screenshot));
    return 0;
}

}  // namespace loom
