#pragma once

#include <QAbstractButton>
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QMessageBox>
#include <QTableWidget>
#include <QTest>
#include <QTimer>
#include <string>

#include "app/main_window.h"
#include "app/run_actions.h"
#include "core/train/plan.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/runs/runs_page.h"

/// What tests of runs in the application's window share.
namespace loom::test {

inline AppHome* home = nullptr;

inline QByteArray contents(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void overwrite(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write");
}

inline void bringUp(MainWindow& window) {
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
}

inline void rename(MainWindow& window, const char* name) {
    window.document()->edit(QStringLiteral("Rename"),
                            [&](const Project& project) -> Result<Project> {
                                Project next = project;
                                next.name = name;
                                return next;
                            });
}

/// Presses a button of the question that is asked next.
inline void answer(const QString& name, const QString& button) {
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
inline void chooseFile(const QString& path, QStringList* filters, QString* title) {
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

inline QString runsFolder() {
    return QString::fromStdString(defaultRunsFolder());
}

inline QString projectFile(const QString& name, int epochs) {
    const QString root = home->path(QStringLiteral("pictures"));
    if (!QFileInfo::exists(root)) writeSmallFashionMnist(root, 64, 32);
    return writeProject(home->path(name),
                        withField(smallProject(root), QStringLiteral("training.epochs"), epochs));
}

/// Trains to the end in a window that is then gone; gives the run folder back.
inline QString finishedRun(const QString& project) {
    MainWindow window;
    bringUp(window);
    window.documentActions()->openFile(project);
    window.runActions()->train()->trigger();
    if (!QTest::qWaitFor([&] { return !window.bridge()->isActive(); }, 60000)) qFatal("hangs");
    return QString::fromStdString(window.bridge()->session()->runFolder());
}

inline void listed(MainWindow& window, int count) {
    window.showPage(MainWindow::Runs);
    QTRY_COMPARE_WITH_TIMEOUT(window.runsPage()->table()->rowCount(), count, 5000);
    QTRY_VERIFY(!window.runsPage()->isReading());
}

}  // namespace loom::test
