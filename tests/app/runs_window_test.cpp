// Runs after a restart, and runs that go on.

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <cstddef>
#include <cstdint>
#include <string>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "core/train/run_folder.h"
#include "tests/app/runs_bench.h"
#include "widgets/data/preview_grid.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/run_buttons.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"
#include "widgets/runs/try_page.h"

using namespace loom;
using namespace loom::test;

class RunsWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QDir(runsFolder()).removeRecursively(); }

    void afterARestartTheLatestFittingRunIsOffered() {
        const QString project = projectFile(QStringLiteral("restart.loom"), 2);
        {
            MainWindow empty;
            bringUp(empty);
            empty.documentActions()->openFile(project);
            empty.showPage(MainWindow::TryIt);
            QTRY_COMPARE(empty.tryPage()->weightsName(), QStringLiteral("no weights yet"));
            QTest::keyClick(&empty, Qt::Key_E, Qt::ControlModifier);
            QTRY_VERIFY(empty.notice()->message().contains(QStringLiteral("no weights yet")));
        }
        const QString run = finishedRun(project);
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(project);
        window.showPage(MainWindow::TryIt);
        QTRY_VERIFY2(
            window.tryPage()->weightsName().startsWith(QStringLiteral("best weights of the run")),
            qPrintable(window.tryPage()->weightsName()));
        QTRY_VERIFY(!window.tryPage()->samples()->cells().empty());
        QTest::mouseClick(window.tryPage()->samples(), Qt::LeftButton, {},
                          window.tryPage()->samples()->cellRect(0).center());
        QTRY_VERIFY(!window.tryPage()->isComputing());
        QVERIFY2(!window.tryPage()->verdict().contains(QStringLiteral("no weights")),
                 qPrintable(window.tryPage()->verdict()));
        QVERIFY(window.tryPage()->weightsName().startsWith(QStringLiteral("best weights")));

        const QString file = home->path(QStringLiteral("exported.pth"));
        QStringList filters;
        QString title;
        chooseFile(file, &filters, &title);
        QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file), 10000);
        QCOMPARE(contents(file), contents(run + QStringLiteral("/weights/best.pth")));
        QVERIFY2(title.contains(QStringLiteral("best weights")), qPrintable(title));
        QVERIFY(!filters.isEmpty() && filters.front().contains(QStringLiteral("*.pth")));

        // The network of another drawing has none.
        window.document()->editGraph(QStringLiteral("Widen"),
                                     [](const Graph& graph) -> Result<Graph> {
                                         Graph next = graph;
                                         for (Node& node : next.nodes)
                                             if (node.kind == "Conv2d")
                                                 node.params.set("out_channels", Value(7));
                                         return next;
                                     });
        QTest::mouseClick(window.tryPage()->samples(), Qt::LeftButton, {},
                          window.tryPage()->samples()->cellRect(1).center());
        QTRY_VERIFY(window.tryPage()->verdict().contains(QStringLiteral("no weights yet")));
        answer(QStringLiteral("unsavedQuestion"), QStringLiteral("Don't save"));
        window.documentActions()->newProject();
    }

    void everyRunOfTheListCanBeTriedExportedAndContinued() {
        const QString project = projectFile(QStringLiteral("list.loom"), 2);
        const QString run = finishedRun(project);
        MainWindow window;
        bringUp(window);
        listed(window, 1);
        RunButtons* buttons = window.runsPage()->buttons();
        window.runsPage()->table()->selectRow(0);
        for (QPushButton* button :
             {buttons->tryButton(), buttons->exportButton(), buttons->resumeButton()})
            QVERIFY(button->isVisible() && button->isEnabled());
        QVERIFY(!buttons->stopButton()->isVisible());

        // Try brings the run's project along, as a copy.
        QTest::mouseClick(buttons->tryButton(), Qt::LeftButton);
        QCOMPARE(window.currentPage(), int(MainWindow::TryIt));
        QVERIFY(window.document()->path().isEmpty() && !window.document()->isModified());
        QVERIFY(window.document()->graph().find("conv"));
        QTRY_VERIFY(window.tryPage()->weightsName().startsWith(QStringLiteral("best weights")));

        const QString file = home->path(QStringLiteral("from-list.pth"));
        chooseFile(file, nullptr, nullptr);
        listed(window, 1);
        QTest::mouseClick(buttons->exportButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file), 10000);
        QCOMPARE(contents(file), contents(run + QStringLiteral("/weights/best.pth")));

        // It has had its two epochs; it goes on for three more, and its curves are whole.
        QVERIFY(buttons->moreEpochs()->isVisible());
        buttons->moreEpochs()->setValue(3);
        QTest::mouseClick(buttons->resumeButton(), Qt::LeftButton);
        QVERIFY(window.bridge()->hasRun());
        QCOMPARE(window.currentPage(), int(MainWindow::Train));
        QCOMPARE(window.bridge()->session()->runFolder(), run.toStdString());
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 60000);
        QCOMPARE(window.bridge()->session()->status(), std::string("finished"));
        const RunCurves* curves = window.trainPage()->curves();
        QTRY_COMPARE(curves->loss()->points(0).size(), std::size_t(5 * 4));
        QCOMPARE(curves->loss()->points(1).size(), std::size_t(5));
        QCOMPARE(readRunRecord(run.toStdString())->epochsDone, 5);
        listed(window, 1);
    }

    /// Of a run without classes the best is a loss, and a first epoch that was no number is not it.
    void theBestOfARunWithoutClassesIsALoss() {
        TrainingPlan plan;
        plan.project.name = "line";
        plan.options.runFolder = (runsFolder() + QStringLiteral("/line")).toStdString();
        {
            RunFolderWriter writer(plan, currentEnvironment(1, "cpu"));
            QVERIFY(writer.open().ok());
            RunEvent event;
            event.type = RunEvent::Type::Epoch;
            for (const double loss : {std::nan(""), 0.5, 0.25, 0.75}) {
                event.testLoss = loss;
                ++event.epoch, ++event.step;
                writer.write(event);
            }
            event.type = RunEvent::Type::Finish;
            event.status = "finished";
            writer.write(event);
        }
        MainWindow window;
        bringUp(window);
        listed(window, 1);
        const QTableWidgetItem* best = window.runsPage()->table()->item(0, 2);
        QCOMPARE(best->text(), QStringLiteral("loss 0.25"));
        QVERIFY2(best->toolTip().contains(QStringLiteral("Test loss after epoch 3")),
                 qPrintable(best->toolTip()));
    }

    void aLongerRunAsksWhatItsScheduleShallDo() {
        const QString project = projectFile(QStringLiteral("cycle.loom"), 2);
        QByteArray text = contents(project);
        const qsizetype at = text.indexOf("\"scheduler\": null");
        QVERIFY(at > 0);
        text.replace(at, 17,
                     "\"scheduler\": {\"kind\": \"OneCycleLR\", \"params\": {\"max_lr\": 0.1}}");
        overwrite(project, text);
        const QString run = finishedRun(project);
        MainWindow window;
        bringUp(window);
        listed(window, 1);
        window.runsPage()->table()->selectRow(0);
        RunButtons* buttons = window.runsPage()->buttons();
        buttons->moreEpochs()->setValue(1);
        answer(QStringLiteral("scheduleQuestion"), QStringLiteral("Cancel"));
        QTest::mouseClick(buttons->resumeButton(), Qt::LeftButton);
        QVERIFY(!window.bridge()->hasRun());
        window.showPage(MainWindow::Runs);
        listed(window, 1);
        window.runsPage()->table()->selectRow(0);
        buttons->moreEpochs()->setValue(1);
        answer(QStringLiteral("scheduleQuestion"), QStringLiteral("Stretch it"));
        QTest::mouseClick(buttons->resumeButton(), Qt::LeftButton);
        QVERIFY(window.bridge()->hasRun());
        QVERIFY(window.bridge()->session()->plan().options.scheduleLength ==
                ScheduleLength::Stretch);
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 60000);
        QCOMPARE(readRunRecord(run.toStdString())->epochsDone, 3);
    }

    void aMenuOffersTheSame() {
        finishedRun(projectFile(QStringLiteral("menu.loom"), 1));
        MainWindow window;
        bringUp(window);
        listed(window, 1);
        QTableWidget* table = window.runsPage()->table();
        const QPoint place = table->visualItemRect(table->item(0, 0)).center();
        Q_EMIT table->customContextMenuRequested(place);
        auto* menu = window.runsPage()->findChild<QMenu*>(QStringLiteral("runMenu"));
        QVERIFY(menu);
        QStringList entries;
        for (QAction* action : menu->actions())
            if (action->isEnabled() && !action->isSeparator()) entries << action->text();
        for (const char* wanted : {"Try it", "Export weights…", "Resume", "Open project", "Delete"})
            QVERIFY2(entries.contains(QString::fromUtf8(wanted)), wanted);
        menu->close();
    }

    void aRunWhoseProgramIsGoneIsInterruptedAndGoesOn() {
        const QString project = projectFile(QStringLiteral("gone.loom"), 3);
        const QString run = finishedRun(project);
        // As after a kill in the second epoch, before the first checkpoint was written.
        QByteArray record = contents(run + QStringLiteral("/run.json"));
        record.replace("\"finished\"", "\"running\"")
            .replace("\"epochs_done\": 3", "\"epochs_done\": 0");
        overwrite(run + QStringLiteral("/run.json"), record);
        const QByteArray weights = contents(run + QStringLiteral("/weights/last.pth"));
        QDir(run + QStringLiteral("/checkpoints")).removeRecursively();
        QDir(run + QStringLiteral("/weights")).removeRecursively();

        MainWindow window;
        bringUp(window);
        listed(window, 1);
        QCOMPARE(window.runsPage()->table()->item(0, 1)->text(), QStringLiteral("interrupted"));
        RunButtons* buttons = window.runsPage()->buttons();
        QVERIFY(!buttons->tryButton()->isEnabled());
        QVERIFY(buttons->tryButton()->toolTip().contains(QStringLiteral("no weights yet")));
        QVERIFY(buttons->resumeButton()->isEnabled());
        QTest::mouseClick(buttons->resumeButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 60000);
        QCOMPARE(window.bridge()->session()->status(), std::string("finished"));
        // Same seed, same bits.
        QCOMPARE(contents(run + QStringLiteral("/weights/last.pth")), weights);
        QTRY_COMPARE(window.trainPage()->curves()->loss()->points(0).size(), std::size_t(3 * 4));
    }

    void aStoppedRunGoesOnFromTheTrainPage() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("stopped.loom"), 500));
        window.runActions()->train()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > 5, 20000);
        window.runActions()->stop()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
        const std::int64_t steps = window.trainPage()->progress().step();
        QPushButton* resume = window.trainPage()->progressCard()->resumeButton();
        QVERIFY(resume->isVisible());
        QTest::mouseClick(resume, Qt::LeftButton);
        QVERIFY(window.bridge()->isActive());
        QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > steps, 20000);
        QVERIFY(window.trainPage()->curves()->loss()->points(0).size() >
                static_cast<std::size_t>(steps));
        window.bridge()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
    }
};

int main(int argc, char** argv) {
    return windowTestMain<RunsWindowTest>(argc, argv, home);
}

#include "runs_window_test.moc"
