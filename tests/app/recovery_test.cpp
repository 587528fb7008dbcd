// What a crash left, offered at the next start.

#include <QDir>
#include <QFileInfo>
#include <QPushButton>
#include <QStandardPaths>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>
#include <string>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/recovery.h"
#include "app/recovery_bar.h"
#include "app/run_actions.h"
#include "core/project/project_file.h"
#include "tests/app/runs_bench.h"

using namespace loom;
using namespace loom::test;

namespace {

QDir recoveryFolder() {
    return QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) +
                QStringLiteral("/recovery"));
}

/// As if left by a process that is gone: no process has such a number.
QString leave(const QString& name, const QString& path, int number) {
    const QString file = recoveryFolder().filePath(QStringLiteral("99999999%1.loom").arg(number));
    QDir().mkpath(recoveryFolder().path());
    Project project = newProject();
    project.name = name.toStdString();
    if (!saveProject(file.toStdString(), project)) qFatal("cannot write");
    overwrite(file + QStringLiteral(".origin"), path.toUtf8());
    return file;
}

/// The button of a row, the newest first.
void press(MainWindow& window, const QString& text, int row = 0) {
    // New rows are laid out and shown with the next events.
    QCoreApplication::processEvents();
    for (QPushButton* button : window.recoveryBar()->findChildren<QPushButton*>())
        if (button->isVisible() && button->text() == text && row-- == 0) {
            QTest::mouseClick(button, Qt::LeftButton);
            return;
        }
    QFAIL(qPrintable(QStringLiteral("no button ") + text));
}

}  // namespace

class RecoveryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { recoveryFolder().removeRecursively(); }

    void whatIsOpenIsAskedFor() {
        const QString copy = leave(QStringLiteral("Half done"), {}, 1);
        MainWindow window;
        bringUp(window);
        rename(window, "Work of today");
        window.offerRecovery();
        answer(QStringLiteral("unsavedQuestion"), QStringLiteral("Cancel"));
        press(window, QStringLiteral("Bring back"));
        QCOMPARE(window.document()->project().name, std::string("Work of today"));
        QVERIFY(window.document()->isModified());
        QVERIFY(QFileInfo::exists(copy));
        QCOMPARE(window.recoveryBar()->rows().size(), 1);

        answer(QStringLiteral("unsavedQuestion"), QStringLiteral("Don't save"));
        press(window, QStringLiteral("Bring back"));
        QCOMPARE(window.document()->project().name, std::string("Half done"));
        QVERIFY(window.document()->isModified());
        QVERIFY(!QFileInfo::exists(copy));
        QVERIFY(window.recoveryBar()->isHidden());
        window.document()->undoStack()->setClean();
    }

    void theFileIsRemembered() {
        const QString file = home->path(QStringLiteral("remembered.loom"));
        Project saved = newProject();
        saved.name = "As saved";
        QVERIFY(saveProject(file.toStdString(), saved).ok());
        {
            // The copy that a window keeps names the file.
            MainWindow window;
            QVERIFY(window.documentActions()->openFile(file));
            rename(window, "Half done");
            Recovery recovery(window.document());
            recovery.keep();
            const QStringList left =
                recoveryFolder().entryList({QStringLiteral("*.loom")}, QDir::Files);
            QCOMPARE(left.size(), 1);
            QCOMPARE(contents(recoveryFolder().filePath(left.front()) + QStringLiteral(".origin")),
                     file.toUtf8());
            window.document()->undoStack()->setClean();
        }
        init();
        leave(QStringLiteral("Half done"), file, 2);

        MainWindow window;
        bringUp(window);
        window.offerRecovery();
        QCOMPARE(window.recoveryBar()->rows().size(), 1);
        const QString row = window.recoveryBar()->rows().front();
        QVERIFY2(row.contains(QStringLiteral("“Half done” (remembered.loom)")), qPrintable(row));
        QVERIFY2(row.contains(QDateTime::currentDateTime().toString(QStringLiteral("yyyy"))),
                 qPrintable(row));
        press(window, QStringLiteral("Bring back"));
        QCOMPARE(window.document()->path(), file);
        QVERIFY(window.document()->isModified());
        QVERIFY(window.documentActions()->save());
        QCOMPARE(loadProject(file.toStdString())->project.name, std::string("Half done"));
        // Undo shows what the file had.
        window.document()->undoStack()->undo();
        QCOMPARE(window.document()->project().name, std::string("As saved"));
        window.document()->undoStack()->setClean();
    }

    void aFileThatIsGoneIsWrittenAgain() {
        const QString file = home->path(QStringLiteral("gone.loom"));
        leave(QStringLiteral("Half done"), file, 3);
        MainWindow window;
        bringUp(window);
        window.offerRecovery();
        press(window, QStringLiteral("Bring back"));
        QCOMPARE(window.document()->path(), file);
        QVERIFY(window.documentActions()->save());
        QCOMPARE(loadProject(file.toStdString())->project.name, std::string("Half done"));
    }

    void severalAreListed() {
        for (int i = 0; i < 5; ++i) leave(QStringLiteral("Project %1").arg(i), {}, i);
        MainWindow window;
        bringUp(window);
        window.offerRecovery();
        QCOMPARE(window.recoveryBar()->rows().size(), 3);
        const QString first = window.recoveryBar()->rows()[0];
        const QString second = window.recoveryBar()->rows()[1];
        press(window, QStringLiteral("Throw away"), 1);
        QCOMPARE(window.recoveryBar()->rows().size(), 3);
        QVERIFY(!window.recoveryBar()->rows().contains(second));
        QCOMPARE(window.recoveryBar()->rows()[0], first);
        press(window, QStringLiteral("Undo"));
        QCOMPARE(window.recoveryBar()->rows()[1], second);
        // The others stay when one is brought back.
        press(window, QStringLiteral("Bring back"));
        QCOMPARE(window.recoveryBar()->rows().size(), 3);
        QVERIFY(!window.recoveryBar()->rows().contains(first));
        window.document()->undoStack()->setClean();
    }

    void theCrossThrowsAwayAndCanBeTakenBack() {
        const QString one = leave(QStringLiteral("One"), {}, 1);
        const QString two = leave(QStringLiteral("Two"), {}, 2);
        MainWindow window;
        bringUp(window);
        window.offerRecovery();
        const auto cross = [&] {
            QCoreApplication::processEvents();
            for (QToolButton* button : window.recoveryBar()->findChildren<QToolButton*>())
                if (button->isVisible()) return QTest::mouseClick(button, Qt::LeftButton);
            QFAIL("no cross");
        };
        cross();
        QVERIFY(!QFileInfo::exists(one) && !QFileInfo::exists(two));
        QVERIFY(Recovery::leftovers().empty());
        press(window, QStringLiteral("Undo"));
        QVERIFY(QFileInfo::exists(one) && QFileInfo::exists(two));
        QCOMPARE(window.recoveryBar()->rows().size(), 2);
        cross();
        cross();
        QVERIFY(window.recoveryBar()->isHidden());
        // For good at the next start.
        MainWindow next;
        bringUp(next);
        next.offerRecovery();
        QVERIFY(next.recoveryBar()->isHidden());
        Recovery::restore(one);
        QVERIFY(!QFileInfo::exists(one));
    }

    void nothingElseTakesTheOfferAway() {
        leave(QStringLiteral("Half done"), {}, 1);
        const QString run = finishedRun(projectFile(QStringLiteral("resume.loom"), 1));
        MainWindow window;
        bringUp(window);
        window.offerRecovery();
        window.runActions()->resumeRun(run, 2);
        QVERIFY(window.bridge()->hasRun());
        QCOMPARE(window.recoveryBar()->rows().size(), 1);
        window.notice()->show(QStringLiteral("Something failed."), {}, "danger");
        window.notice()->dismiss();
        window.documentActions()->newProject();
        QCOMPARE(window.recoveryBar()->rows().size(), 1);
        QVERIFY(window.recoveryBar()->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(!window.bridge()->isActive(), 60000);
    }
};

int main(int argc, char** argv) {
    return windowTestMain<RecoveryTest>(argc, argv, home);
}

#include "recovery_test.moc"
