// Runs after a restart, runs that go on, the record of a run, and what happens to a run when its
// window closes.

#include <QApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <QTimer>
#include <QUrl>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/recovery.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "app/top_bar.h"
#include "core/exchange/torch_file.h"
#include "core/project/project_file.h"
#include "core/train/plan.h"
#include "core/train/run_claim.h"
#include "core/train/run_folder.h"
#include "tests/support/app_home.h"
#include "tests/support/small_project.h"
#include "widgets/data/preview_grid.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/run_buttons.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"
#include "widgets/runs/try_page.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

QByteArray contents(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void overwrite(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write");
}

void bringUp(MainWindow& window) {
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
}

void rename(MainWindow& window, const char* name) {
    window.document()->edit(QStringLiteral("Rename"),
                            [&](const Project& project) -> Result<Project> {
                                Project next = project;
                                next.name = name;
                                return next;
                            });
}

/// Presses a button of the question that is asked next.
void answer(const QString& name, const QString& button) {
    auto* timer = new QTimer(qApp);
    timer->setInterval(20);
    QObject::connect(timer, &QTimer::timeout, timer, [=] {
        auto* question = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (!question) return;
        timer->deleteLater();
        timer->stop();
        if (question->objectName() != name)
            QTest::qFail(qPrintable(QStringLiteral("asked: ") + question->objectName()), __FILE__,
                         __LINE__);
        for (QAbstractButton* candidate : question->buttons())
            if (candidate->text() == button) {
                QTest::mouseClick(candidate, Qt::LeftButton);
                return;
            }
        QTest::qFail(qPrintable(QStringLiteral("no button ") + button), __FILE__, __LINE__);
        question->reject();
    });
    timer->start();
}

/// Types a path into the file dialog that is opened next; keeps what it offered.
void chooseFile(const QString& path, QStringList* filters, QString* title) {
    auto* timer = new QTimer(qApp);
    timer->setInterval(20);
    QObject::connect(timer, &QTimer::timeout, timer, [=] {
        auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
        if (!dialog) return;
        timer->deleteLater();
        timer->stop();
        if (filters) *filters = dialog->nameFilters();
        if (title) *title = dialog->windowTitle();
        dialog->findChild<QLineEdit*>()->setText(path);
        QMetaObject::invokeMethod(dialog, "accept");
    });
    timer->start();
}

}  // namespace

class RunsWindowTest : public QObject {
    Q_OBJECT

    QString runsFolder() const { return QString::fromStdString(defaultRunsFolder()); }

    QString projectFile(const QString& name, int epochs) {
        const QString root = home->path(QStringLiteral("data"));
        if (!QFileInfo::exists(root)) test::writeSmallFashionMnist(root, 64, 32);
        return test::writeProject(
            home->path(name),
            test::withField(test::smallProject(root), QStringLiteral("training.epochs"), epochs));
    }

    /// Trains to the end in a window that is then gone; gives the run folder back.
    QString finishedRun(const QString& project) {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(project);
        window.runActions()->train()->trigger();
        if (!QTest::qWaitFor([&] { return !window.bridge()->isActive(); }, 60000)) qFatal("hangs");
        return QString::fromStdString(window.bridge()->session()->runFolder());
    }

    static void listed(MainWindow& window, int count) {
        window.showPage(MainWindow::Runs);
        QTRY_COMPARE_WITH_TIMEOUT(window.runsPage()->table()->rowCount(), count, 5000);
        QTRY_VERIFY(!window.runsPage()->isReading());
    }

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

    void aRunsRecordIsNeverEdited() {
        const QString run = finishedRun(projectFile(QStringLiteral("record.loom"), 1));
        const QString file = run + QStringLiteral("/project.loom");
        const QByteArray before = contents(file);
        const QString link = home->path(QStringLiteral("link-to-record.loom"));
        QVERIFY(QFile::link(file, link));
        const auto drop = [&](MainWindow& window) {
            QMimeData mime;
            mime.setUrls({QUrl::fromLocalFile(file)});
            const QPoint at(400, 300);
            QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(&window, &enter);
            QVERIFY(enter.isAccepted());
            QDropEvent event(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(&window, &event);
        };
        const std::vector<std::function<void(MainWindow&)>> doors{
            [&](MainWindow& window) {
                listed(window, 1);
                for (QPushButton* button : window.runsPage()->findChildren<QPushButton*>())
                    if (button->text() == QStringLiteral("Open project"))
                        QTest::mouseClick(button, Qt::LeftButton);
            },
            [&](MainWindow& window) { window.documentActions()->openFile(file); },
            [&](MainWindow& window) { window.documentActions()->openFile(link); },
            [&](MainWindow& window) { window.openAtStart(file); }, drop};
        for (const auto& door : doors) {
            MainWindow window;
            bringUp(window);
            door(window);
            QVERIFY(window.document()->graph().find("conv"));
            QVERIFY(window.document()->path().isEmpty());
            QVERIFY(!window.document()->isModified());
            QVERIFY(!window.documentActions()->preferences().recentFiles().contains(file));
            rename(window, "Edited");
            // Save asks where to; the run's folder is no place for it.
            for (const QString& place : {file, link, run + QStringLiteral("/another.loom")}) {
                QVERIFY(!window.documentActions()->saveTo(place));
                QVERIFY(window.notice()->message().contains(QStringLiteral("never edited")));
            }
            const QString copy = home->path(QStringLiteral("copy-of-record.loom"));
            chooseFile(copy, nullptr, nullptr);
            QFile::remove(copy);
            QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
            QTRY_VERIFY(QFileInfo::exists(copy));
            QCOMPARE(window.document()->path(), copy);
            QCOMPARE(contents(file), before);
        }
    }

    void closingWhileTrainingAsks() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("close.loom"), 40));
        window.runActions()->train()->trigger();
        window.runActions()->pause()->trigger();
        const std::string run = window.bridge()->session()->runFolder();
        answer(QStringLiteral("trainingQuestion"), QStringLiteral("Cancel"));
        QVERIFY(!window.close());
        QVERIFY(window.isVisible() && window.bridge()->isActive());

        // Kept: the window goes, the run trains on, paused as it was, to its end; then all is over.
        answer(QStringLiteral("trainingQuestion"), QStringLiteral("Keep training"));
        QVERIFY(!window.close());
        QVERIFY(!window.isVisible());
        QVERIFY(window.bridge()->isActive());
        QCOMPARE(readRunRecord(run)->status, std::string("running"));
        QVERIFY(trainingProcess(run).has_value());
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 60000);
        QCOMPARE(readRunRecord(run)->status, std::string("finished"));
        QCOMPARE(readRunRecord(run)->epochsDone, 40);
        QVERIFY(!window.isVisible());
    }

    void anotherWindowCanStopARunThatGoesOnUnseen() {
        MainWindow unseen;
        bringUp(unseen);
        unseen.documentActions()->openFile(projectFile(QStringLiteral("unseen.loom"), 4000));
        unseen.runActions()->train()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(unseen.trainPage()->progress().step() > 0, 20000);
        MainWindow window;
        bringUp(window);
        listed(window, 1);
        QCOMPARE(window.runsPage()->table()->item(0, 1)->text(), QStringLiteral("running"));
        RunButtons* buttons = window.runsPage()->buttons();
        QVERIFY(buttons->stopButton()->isVisible());
        QVERIFY(!buttons->resumeButton()->isEnabled());
        window.runsPage()->deleteSelected();
        QVERIFY(QFileInfo::exists(
            QString::fromStdString(unseen.bridge()->session()->runFolder() + "/run.json")));
        // Here both windows are one process, which does not take the signal by itself.
        unseen.bridge()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!unseen.bridge()->isActive(), 20000);
        // The list follows by itself.
        QTRY_COMPARE_WITH_TIMEOUT(window.runsPage()->table()->item(0, 1)->text(),
                                  QStringLiteral("stopped"), 10000);
        QVERIFY(!buttons->stopButton()->isVisible());
    }

    void twoWindowsOnOneFile() {
        const QString file = projectFile(QStringLiteral("shared.loom"), 2);
        MainWindow first, second;
        bringUp(first);
        bringUp(second);
        for (MainWindow* window : {&first, &second}) window->documentActions()->openFile(file);
        rename(first, "First");
        QVERIFY(first.documentActions()->save());
        const QByteArray saved = contents(file);
        rename(second, "Second");
        answer(QStringLiteral("changedOnDiskQuestion"), QStringLiteral("Cancel"));
        QVERIFY(!second.documentActions()->save());
        QVERIFY(second.document()->isModified());
        QCOMPARE(contents(file), saved);

        const QString other = home->path(QStringLiteral("second.loom"));
        answer(QStringLiteral("changedOnDiskQuestion"), QStringLiteral("Reload"));
        QVERIFY(!second.documentActions()->save());
        QCOMPARE(second.document()->project().name, std::string("First"));
        QVERIFY(!second.document()->isModified());

        // What was reloaded is known, so nothing is asked.
        rename(second, "Second again");
        QVERIFY(second.documentActions()->save());
        rename(first, "First again");
        answer(QStringLiteral("changedOnDiskQuestion"), QStringLiteral("Overwrite"));
        QVERIFY(first.documentActions()->save());
        QCOMPARE(loadProject(file.toStdString())->project.name, std::string("First again"));

        // Touched but not changed; and gone.
        rename(first, "Third");
        overwrite(file, contents(file));
        QVERIFY(first.documentActions()->save());
        QFile::remove(file);
        rename(first, "Fourth");
        QVERIFY(first.documentActions()->save());
        QCOMPARE(loadProject(file.toStdString())->project.name, std::string("Fourth"));
    }

    void theEndOfTheSessionLosesNothing() {
        const QDir recovery(home->path(QStringLiteral("data/torchloom/recovery")));
        std::string run;
        {
            MainWindow window;
            bringUp(window);
            window.documentActions()->openFile(projectFile(QStringLiteral("session.loom"), 4000));
            rename(window, "Unsaved");
            window.runActions()->train()->trigger();
            QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > 0, 20000);
            run = window.bridge()->session()->runFolder();
            window.endForSystem();
            QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
            QTRY_VERIFY(!window.isVisible());
        }
        QCOMPARE(readRunRecord(run)->status, std::string("stopped"));
        QVERIFY(QFileInfo::exists(QString::fromStdString(run + "/checkpoints/last.pt")));
        const QStringList left = recovery.entryList({QStringLiteral("*.loom")}, QDir::Files);
        QCOMPARE(left.size(), 1);
        const QString copy = recovery.filePath(left.front());
        QCOMPARE(loadProject(copy.toStdString())->project.name, std::string("Unsaved"));
        // Not offered while the program that left it is there, nor to one with its number by
        // chance.
        QVERIFY(!Recovery::leftovers().contains(copy));
        const QString gone = QString(copy).replace(QRegularExpression(QStringLiteral("_(\\d+)_")),
                                                   QStringLiteral("_1_"));
        QVERIFY(gone != copy && QFile::rename(copy, gone));
        QVERIFY(Recovery::leftovers().contains(gone));
        Recovery::discard(gone);
    }
};

int main(int argc, char** argv) {
    test::AppHome own;
    home = &own;
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("torchloom"));
    Theme::apply(application, ThemeMode::Light);
    RunsWindowTest tests;
    return QTest::qExec(&tests, argc, argv);
}

#include "runs_window_test.moc"
