// What is dropped on the window becomes the previewed picture, the data set, or a sentence.

#include <QApplication>
#include <QDir>
#include <QDropEvent>
#include <QFile>
#include <QImage>
#include <QMimeData>
#include <QPushButton>
#include <QTest>
#include <QUndoStack>
#include <QUrl>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/data/data_page.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/drop_reader.h"
#include "widgets/data/transform_strip.h"
#include "widgets/runs/drawing_pad.h"
#include "widgets/runs/try_page.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

void writePicture(const QString& path) {
    QDir().mkpath(QFileInfo(path).path());
    QImage image(32, 24, QImage::Format_RGB888);
    image.fill(QColor(200, 90, 40));
    QVERIFY(image.save(path, "PNG"));
}

/// As a file manager sends it to the window: enter, then drop. True when it was taken.
bool drop(MainWindow& window, QMimeData* mime) {
    const QPointF at(window.width() / 2.0, window.height() / 2.0);
    QDragEnterEvent enter(at.toPoint(), Qt::CopyAction, mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &enter);
    if (!enter.isAccepted()) return false;
    QDropEvent event(at, Qt::CopyAction, mime, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &event);
    QTest::qWait(10);
    QElapsedTimer clock;
    clock.start();
    while (window.drops()->isReading() && clock.elapsed() < 10000) QTest::qWait(10);
    return true;
}

bool dropPath(MainWindow& window, const QString& path) {
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(path)});
    return drop(window, &mime);
}

void settle(MainWindow& window) {
    QTest::qWait(80);
    QElapsedTimer clock;
    clock.start();
    while (window.dataPage()->isComputing() && clock.elapsed() < 10000) QTest::qWait(10);
}

QPushButton* noticeButton(MainWindow& window, const QString& text) {
    for (QPushButton* button : window.notice()->findChildren<QPushButton*>())
        if (button->text() == text && button->isVisible()) return button;
    return nullptr;
}

}  // namespace

class DropTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        test::writeSmallFashionMnist(home->path(QStringLiteral("small")), 40, 20);
        m_project = test::writeProject(home->path(QStringLiteral("p.loom")),
                                       test::smallProject(home->path(QStringLiteral("small"))));
    }

    void aPictureIsPreviewedAndNotInTheDataSet() {
        MainWindow window;
        window.openAtStart(m_project);
        window.show();
        writePicture(home->path(QStringLiteral("boot.png")));
        window.showPage(MainWindow::Design);
        QVERIFY(dropPath(window, home->path(QStringLiteral("boot.png"))));
        QCOMPARE(window.currentPage(), int(MainWindow::Data));
        settle(window);
        QCOMPARE(window.dataPage()->strip()->cards()[0].caption, QStringLiteral("boot.png"));
        QVERIFY(!window.document()->isModified());
    }

    void onTryItAPictureIsTried() {
        MainWindow window;
        window.openAtStart(m_project);
        window.show();
        writePicture(home->path(QStringLiteral("boot.png")));
        window.showPage(MainWindow::TryIt);
        QVERIFY(dropPath(window, home->path(QStringLiteral("boot.png"))));
        QCOMPARE(window.currentPage(), int(MainWindow::TryIt));
        QCOMPARE(window.tryPage()->pad()->picture().size(), QSize(32, 24));
    }

    void aFolderBecomesTheDataSetWithUndo() {
        MainWindow window;
        window.openAtStart(m_project);
        window.show();
        for (const char* name :
             {"train/ant/1.png", "train/bee/1.png", "val/ant/2.png", "val/bee/2.png"})
            writePicture(home->path(QStringLiteral("insects/") + name));
        window.showPage(MainWindow::Train);
        QVERIFY(dropPath(window, home->path(QStringLiteral("insects"))));
        QCOMPARE(window.document()->project().data.dataset.kind, std::string("ImageFolder"));
        QCOMPARE(window.currentPage(), int(MainWindow::Data));
        QVERIFY2(window.notice()->message().contains(QStringLiteral("2 classes")),
                 qPrintable(window.notice()->message()));
        QPushButton* undo = noticeButton(window, QStringLiteral("Undo"));
        QVERIFY(undo);
        QTest::mouseClick(undo, Qt::LeftButton);
        QCOMPARE(window.document()->project().data.dataset.kind, std::string("FashionMNIST"));
        QVERIFY(window.notice()->message().isEmpty());
    }

    /// The data set menu's "My own table…" goes the same way, and leaves no step for pictures.
    void aChosenTableBecomesTheDataSet() {
        MainWindow window;
        window.openAtStart(m_project);
        window.show();
        QVERIFY(!window.document()->project().data.trainTransforms.empty());
        QFile table(home->path(QStringLiteral("chosen.csv")));
        QVERIFY(table.open(QFile::WriteOnly));
        table.write("a,b,y\n1.5,2,x\n2.5,1,z\n3.5,2,x\n4.5,1,z\n5.5,2,x\n");
        table.close();
        Q_EMIT window.dataPage()->datasetPanel()->ownDataChosen(table.fileName());
        QTRY_COMPARE(window.document()->project().data.dataset.kind, std::string("Table"));
        QVERIFY(window.document()->project().data.trainTransforms.empty());
        for (const Diagnostic& one : window.document()->report().diagnostics)
            QVERIFY2(one.section.rfind("data", 0) != 0 || one.severity != Severity::Error,
                     one.message.c_str());
        window.document()->undoStack()->undo();
        QVERIFY(!window.document()->project().data.trainTransforms.empty());
    }

    void classFoldersAloneKeepAPartToJudgeBy() {
        MainWindow window;
        window.openAtStart(m_project);
        window.show();
        for (const char* name : {"cat/1.png", "dog/1.png"})
            writePicture(home->path(QStringLiteral("alone/") + name));
        QVERIFY(dropPath(window, home->path(QStringLiteral("alone"))));
        const DataSection& data = window.document()->project().data;
        QCOMPARE(data.dataset.kind, std::string("ImageFolder"));
        QVERIFY(data.validation && data.validation->fraction == 0.2);
        QVERIFY(window.notice()->message().contains(QStringLiteral("no test pictures apart")));
    }

    void torchvisionsFoldersAreKnown() {
        MainWindow window;
        window.show();
        QVERIFY(dropPath(window, home->path(QStringLiteral("small/FashionMNIST/raw"))));
        const Choice& dataset = window.document()->project().data.dataset;
        QCOMPARE(dataset.kind, std::string("FashionMNIST"));
        QVERIFY(dataset.params.contains("root"));
        QVERIFY(window.document()->report().location.found);
    }

    void somethingUnknownIsASentence() {
        MainWindow window;
        window.openAtStart(m_project);
        window.show();
        QFile file(home->path(QStringLiteral("notes.txt")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("milk, eggs");
        file.close();
        QVERIFY(dropPath(window, file.fileName()));
        QVERIFY2(window.notice()->message().contains(QStringLiteral("notes.txt is neither")),
                 qPrintable(window.notice()->message()));
        QVERIFY(!window.document()->isModified());
        QMimeData text;
        text.setText(QStringLiteral("words"));
        QVERIFY(!drop(window, &text));
        QMimeData two;
        two.setUrls({QUrl::fromLocalFile("/a"), QUrl::fromLocalFile("/b")});
        QVERIFY(!drop(window, &two));
    }

private:
    QString m_project;
};

int main(int argc, char** argv) {
    return test::windowTestMain<DropTest>(argc, argv, home);
}

#include "drop_test.moc"
