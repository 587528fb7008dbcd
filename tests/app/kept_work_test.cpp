// What must not be lost or changed: the record of a run, a run when its window closes, a file that
// two windows write, changes at the end of the session.

#include <QApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QPushButton>
#include <QRegularExpression>
#include <QTest>
#include <QUrl>
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/recovery.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "core/project/project_file.h"
#include "core/train/run_claim.h"
#include "core/train/run_folder.h"
#include "tests/app/runs_bench.h"
#include "widgets/runs/run_buttons.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"

using namespace loom;
using namespace loom::test;

class KeptWorkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { QDir(runsFolder()).removeRecursively(); }

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
        QTRY_VERIFY_WITH_TIMEOUT(readRunRecord(run).ok(), 20000);
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
        const auto isOffered = [](const QString& file) {
            const auto found = Recovery::leftovers();
            return std::any_of(found.begin(), found.end(),
                               [&](const Recovery::Leftover& one) { return one.copy == file; });
        };
        QVERIFY(!isOffered(copy));
        const QString gone = QString(copy).replace(QRegularExpression(QStringLiteral("_(\\d+)_")),
                                                   QStringLiteral("_1_"));
        QVERIFY(gone != copy && QFile::rename(copy, gone));
        QVERIFY(isOffered(gone));
        Recovery::discard(gone);
    }
};

int main(int argc, char** argv) {
    return windowTestMain<KeptWorkTest>(argc, argv, home);
}

#include "kept_work_test.moc"
