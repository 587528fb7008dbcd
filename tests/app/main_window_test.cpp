#include "app/main_window.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QUndoStack>
#include <cmath>
#include <random>

#include "app/notice_bar.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "app/top_bar.h"
#include "core/exchange/torch_file.h"
#include "core/project/project_file.h"
#include "core/train/network_use.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"

#include <QTableWidget>

using namespace loom;
using State = TrainingSession::State;

namespace {

test::AppHome* home = nullptr;

/// Presses a button of the question about unsaved changes once it is there.
void answerQuestion(const QString& button) {
    QTimer::singleShot(50, [button] {
        auto* question = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        QVERIFY2(question, "the question about unsaved changes must be asked");
        for (QAbstractButton* candidate : question->buttons())
            if (candidate->text() == button) {
                QTest::mouseClick(candidate, Qt::LeftButton);
                return;
            }
        question->reject();
        QFAIL(qPrintable(QStringLiteral("no button “%1”").arg(button)));
    });
}

/// Shown and in front: shortcuts belong to the active window.
void bringUp(MainWindow& window) {
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
}

void rename(DocumentController* document, const char* name) {
    document->edit(QStringLiteral("Rename"), [&](const Project& project) -> Result<Project> {
        Project next = project;
        next.name = name;
        return next;
    });
}

}  // namespace

class MainWindowTest : public QObject {
    Q_OBJECT

    QString projectFile(const QString& name, int epochs, int trainSamples = 64) {
        const QString root = home->path(QStringLiteral("data-%1").arg(trainSamples));
        if (!QFileInfo::exists(root)) test::writeSmallFashionMnist(root, trainSamples, 32);
        return test::writeProject(
            home->path(name),
            test::withField(test::smallProject(root), QStringLiteral("training.epochs"), epochs));
    }

private Q_SLOTS:
    void savesAndOpensAgain() {
        MainWindow window;
        bringUp(window);
        const QString file = projectFile(QStringLiteral("a.loom"), 2);
        window.documentActions()->openFile(file);
        QVERIFY(!window.document()->isModified());
        rename(window.document(), "Another name");
        QVERIFY(window.document()->isModified());
        QVERIFY(window.isWindowModified());
        const QString copy = home->path(QStringLiteral("copy.loom"));
        QVERIFY(window.documentActions()->saveTo(copy));
        QVERIFY(!window.document()->isModified());
        const Project saved = window.document()->project();
        window.documentActions()->openFile(file);
        QVERIFY(window.document()->project().name != "Another name");
        window.documentActions()->openFile(copy);
        QVERIFY(window.document()->project() == saved);
        QCOMPARE(window.documentActions()->preferences().recentFiles().value(0), copy);
        QCOMPARE(window.documentActions()->preferences().recentFiles().value(1), file);
    }

    void unsavedChangesAreAskedFor() {
        MainWindow window;
        bringUp(window);
        rename(window.document(), "Unsaved");
        answerQuestion(QStringLiteral("Cancel"));
        window.documentActions()->newProject();
        QCOMPARE(window.document()->project().name, std::string("Unsaved"));
        answerQuestion(QStringLiteral("Cancel"));
        QVERIFY(!window.close());
        answerQuestion(QStringLiteral("Don't save"));
        window.documentActions()->newProject();
        QVERIFY(window.document()->project().name != "Unsaved");
        QVERIFY(!window.document()->isModified());
        QVERIFY(window.close());
    }

    void aBrokenFileIsSaidAndChangesNothing() {
        MainWindow window;
        bringUp(window);
        const QString broken = home->path(QStringLiteral("broken.loom"));
        QFile file(broken);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"format\": \"torchloom-project\", \"version\": 1, ");
        file.close();
        const Project before = window.document()->project();
        window.documentActions()->openFile(broken);
        QVERIFY(window.document()->project() == before);
        QVERIFY(window.notice()->isVisible());
        QVERIFY(window.notice()->message().contains(QStringLiteral("broken.loom")));
    }

    void theProjectIsNamedInTheTopBarOrByItsFirstFile() {
        MainWindow window;
        bringUp(window);
        QTest::mouseClick(window.topBar()->titleLabel(), Qt::LeftButton);
        QVERIFY(window.topBar()->renameField()->isVisible());
        QTest::keyClicks(window.topBar()->renameField(), QStringLiteral("My first"));
        QTest::keyClick(window.topBar()->renameField(), Qt::Key_Return);
        QCOMPARE(window.document()->project().name, std::string("My first"));
        QVERIFY(!window.topBar()->renameField()->isVisible());
        window.document()->undoStack()->undo();
        QVERIFY(window.documentActions()->saveTo(home->path(QStringLiteral("shirts.loom"))));
        QCOMPARE(window.document()->project().name, std::string("shirts"));
        QVERIFY(!window.document()->isModified());
    }

    void trainWithAProblemGoesToIt() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("p.loom"), 1));
        window.document()->editGraph(QStringLiteral("Break"),
                                     [](const Graph& graph) -> Result<Graph> {
                                         Graph next = graph;
                                         for (Node& node : next.nodes)
                                             if (node.kind == "Conv2d")
                                                 node.params.set("kernel_size", Value(99));
                                         return next;
                                     });
        QVERIFY(!window.document()->report().ok());
        window.showPage(MainWindow::Runs);
        QTest::keyClick(&window, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(window.currentPage(), int(MainWindow::Design));
        QVERIFY(!window.bridge()->hasRun());
        QVERIFY(window.statusStrip()->message().contains(QStringLiteral("99")));
    }

    void trainsToTheEndAndExports() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("t.loom"), 3));
        QTest::mouseClick(window.topBar()->trainButton(), Qt::LeftButton);
        QVERIFY(window.bridge()->hasRun());
        QCOMPARE(window.currentPage(), int(MainWindow::Train));
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 60000);
        QCOMPARE(window.bridge()->session()->status(), std::string("finished"));
        const RunCurves* curves = window.trainPage()->curves();
        QCOMPARE(curves->loss()->points(0).size(), std::size_t(12));
        QCOMPARE(curves->loss()->points(1).size(), std::size_t(3));
        QCOMPARE(curves->accuracy()->points(1).size(), std::size_t(3));
        QCOMPARE(window.trainPage()->progress().fraction(), 1.0);
        QVERIFY(window.trainPage()->progressCard()->exportButton()->isVisible());

        const QString file = home->path(QStringLiteral("weights.pth"));
        window.documentActions()->exportWeightsTo(file);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file), 10000);
        QTRY_VERIFY(window.statusStrip()->message().contains(QStringLiteral("weights.pth")));
        const auto weights = loadWeights(file.toStdString());
        QVERIFY(weights.ok());
        QVERIFY(matchWeights(window.document()->project(), *weights).ok());

        window.showPage(MainWindow::Runs);
        QTRY_COMPARE_WITH_TIMEOUT(window.runsPage()->table()->rowCount(), 1, 5000);
        QTRY_COMPARE_WITH_TIMEOUT(window.runsPage()->curves()->loss()->seriesCount(),
                                  std::size_t(2), 5000);
        window.runsPage()->table()->selectRow(0);
        window.runsPage()->deleteSelected();
        QTRY_COMPARE_WITH_TIMEOUT(window.runsPage()->table()->rowCount(), 0, 5000);
        window.runsPage()->undoDelete();
        QTRY_COMPARE_WITH_TIMEOUT(window.runsPage()->table()->rowCount(), 1, 5000);
    }

    void keysPauseStepAndResume() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("k.loom"), 2000));
        QTest::keyClick(&window, Qt::Key_Return, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(window.bridge()->state(), State::Running, 20000);
        QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > 2, 20000);
        QTest::keyClick(&window, Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(window.bridge()->state(), State::Paused, 5000);
        QTest::qWait(100);
        const std::int64_t paused = window.trainPage()->progress().step();
        QTest::keyClick(&window, Qt::Key_Period);
        QTRY_COMPARE_WITH_TIMEOUT(window.trainPage()->progress().step(), paused + 1, 5000);
        QTest::qWait(100);
        QCOMPARE(window.trainPage()->progress().step(), paused + 1);
        QTest::keyClick(&window, Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > paused + 2, 5000);
        QTest::mouseClick(window.topBar()->stopButton(), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 10000);
        QCOMPARE(window.bridge()->session()->status(), std::string("stopped"));
    }

    void stepStartsARunOfOneBatch() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("s.loom"), 50));
        QTest::mouseClick(window.topBar()->stepButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(window.trainPage()->progress().step(), std::int64_t(1), 20000);
        QTRY_COMPARE_WITH_TIMEOUT(window.bridge()->state(), State::Paused, 5000);
        QTest::qWait(150);
        QCOMPARE(window.trainPage()->progress().step(), std::int64_t(1));
        window.bridge()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 10000);
    }

    void thousandsOfRandomPressesNeverStick() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("r.loom"), 40, 32));
        std::mt19937 random(20);
        RunActions* run = window.runActions();
        QAction* actions[] = {run->train(), run->pause(), run->step(), run->pause(),
                              run->step(),  run->train(), run->stop()};
        int pressed = 0;
        for (int i = 0; pressed < 3000 && i < 20000; ++i) {
            // Stop is the rarest, as with people; otherwise hardly a run would come far.
            QAction* action = actions[random() % (random() % 20 == 0 ? 7 : 6)];
            if (action->isEnabled()) {
                action->trigger();
                ++pressed;
            }
            if (random() % 8 == 0) QTest::qWait(static_cast<int>(random() % 4));
        }
        QVERIFY2(pressed == 3000, qPrintable(QString::number(pressed)));
        if (window.bridge()->isActive()) window.bridge()->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 20000);
        QVERIFY(run->train()->isEnabled());
        QVERIFY(!run->stop()->isEnabled());
        run->train()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 60000);
        QCOMPARE(window.bridge()->session()->status(), std::string("finished"));
    }

    void closingEndsTheRunFirst() {
        MainWindow window;
        bringUp(window);
        window.documentActions()->openFile(projectFile(QStringLiteral("c.loom"), 2000));
        window.runActions()->train()->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.trainPage()->progress().step() > 0, 20000);
        const std::string folder = window.bridge()->session()->runFolder();
        answerQuestion(QStringLiteral("Stop and close"));
        window.close();
        QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), 20000);
        QVERIFY(QFileInfo::exists(QString::fromStdString(folder) +
                                  QStringLiteral("/weights/last.pth")));
    }

    void theLookFollowsTheMenu() {
        MainWindow window;
        bringUp(window);
        Theme::instance().setMode(ThemeMode::Dark);
        QVERIFY(Theme::instance().isDark());
        Theme::instance().setMode(ThemeMode::Light);
        QVERIFY(!Theme::instance().isDark());
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<MainWindowTest>(argc, argv, home);
}

#include "main_window_test.moc"
