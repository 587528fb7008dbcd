// What the window says of problems and of the files it opens, and where it leads.

#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QPushButton>
#include <QTest>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "app/top_bar.h"
#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/data/data_page.h"
#include "widgets/data/transform_strip.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/network_page.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

test::AppHome* home = nullptr;

struct Bench {
    MainWindow window;
    explicit Bench(const QSize& size = {1280, 800}) {
        window.resize(size);
        window.show();
        window.activateWindow();
        if (!QTest::qWaitForWindowActive(&window)) qFatal("no window");
    }
    ~Bench() { window.document()->undoStack()->setClean(); }
    DocumentController& document() { return *window.document(); }
    StatusStrip& strip() { return *window.statusStrip(); }
    void draw(const char* text) {
        document().editGraph(QStringLiteral("Draw"),
                             [text](const Graph&) { return graphFromText(text); });
    }
    void setSteps(Split split, std::vector<Choice> steps) {
        document().edit(QStringLiteral("Set"), [&](const Project& project) -> Result<Project> {
            Project next = project;
            (split == Split::Test ? next.data.testTransforms : next.data.trainTransforms) = steps;
            return next;
        });
    }
    QLabel* problems() { return window.findChild<QLabel*>(QStringLiteral("problems")); }
    QLabel* remarks() { return window.findChild<QLabel*>(QStringLiteral("remarks")); }
};

constexpr const char* kSound =
    "Input > a=Flatten > fc=Linear in_features=784 out_features=10 > Output";
const Params kHalf{{"size", Value(List{14, 14})}};

}  // namespace

class ProblemsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theStatusBarLeadsToTheListAtFault() {
        Bench bench;
        bench.draw(kSound);
        bench.setSteps(Split::Test, {{"Resize", kHalf}, {"ToTensor"}});
        QVERIFY(bench.problems()->isVisible());
        QTest::mouseClick(bench.problems(), Qt::LeftButton);
        QCOMPARE(bench.window.currentPage(), int(MainWindow::Data));
        QCOMPARE(bench.window.dataPage()->split(), Split::Test);
        // The other way.
        bench.setSteps(Split::Test, {{"ToTensor"}});
        bench.setSteps(Split::Train, {{"Resize", kHalf}, {"ToTensor"}});
        bench.window.showPage(MainWindow::Design);
        QTest::mouseClick(bench.problems(), Qt::LeftButton);
        QCOMPARE(bench.window.dataPage()->split(), Split::Train);
        // A list that ends with a picture, one with a wrong step, one with an unknown one.
        bench.setSteps(Split::Train, {{"ToTensor"}});
        for (const std::vector<Choice>& steps :
             {std::vector<Choice>{}, {{"ToTensor"}, {"Resize"}}, {{"ToTensor"}, {"Nonsense"}}}) {
            bench.window.dataPage()->setSplit(Split::Train);
            bench.setSteps(Split::Test, steps);
            bench.window.showPage(MainWindow::Runs);
            bench.window.runActions()->train()->trigger();
            QCOMPARE(bench.window.currentPage(), int(MainWindow::Data));
            QCOMPARE(bench.window.dataPage()->split(), Split::Test);
            if (!steps.empty()) QCOMPARE(bench.window.dataPage()->strip()->selected(), 2);
        }
    }

    void whatIsSaidIsSaidInFull() {
        for (const QSize size : {QSize(960, 540), QSize(1280, 800)}) {
            Bench bench(size);
            bench.draw(kSound);
            bench.setSteps(Split::Test, {{"Resize", kHalf}, {"ToTensor"}});
            QTest::mouseClick(bench.problems(), Qt::LeftButton);
            const QString said = bench.strip().message();
            QVERIFY(said.contains(QStringLiteral("end both lists with the same size")));
            QWidget* card = bench.strip().messageCard();
            QVERIFY(card && card->isVisible());
            const auto* text = card->findChild<QLabel*>();
            QCOMPARE(text->text(), said);
            QVERIFY(text->heightForWidth(text->width()) <= text->height());
            QVERIFY(bench.window.rect().contains(
                QRect(card->mapTo(&bench.window, QPoint()), card->size())));
            QTest::mouseClick(card, Qt::LeftButton);
            QVERIFY(!card->isVisible());
            QVERIFY(bench.strip().message().isEmpty());
            // A short one stands in the line.
            bench.strip().say(QStringLiteral("Saved."));
            QVERIFY(!card->isVisible());
            QCOMPARE(bench.strip().message(), QStringLiteral("Saved."));
        }
    }

    void whatIsSaidEndsWithItsCause() {
        Bench bench;
        bench.draw(
            "Input > conv=Conv2d out_channels=4 kernel_size=3 > fc=Linear out_features=10 > "
            "Output");
        bench.window.runActions()->train()->trigger();
        QVERIFY(bench.strip().message().contains(QStringLiteral("fc")));
        // An edit that does not mend it leaves it; undo of the cause ends it.
        bench.document().edit(QStringLiteral("Name"),
                              [](const Project& project) -> Result<Project> {
                                  Project next = project;
                                  next.name = "Other";
                                  return next;
                              });
        QVERIFY(bench.strip().message().contains(QStringLiteral("fc")));
        bench.draw(kSound);
        QVERIFY2(bench.strip().message().isEmpty(), qPrintable(bench.strip().message()));
        // What was refused is over with the next change.
        QVERIFY(!bench.document().editGraph(QStringLiteral("Nonsense"), [](const Graph&) {
            return Result<Graph>(Error{"That cannot be done.", "Do something else."});
        }));
        QCOMPARE(bench.strip().message(),
                 QStringLiteral("That cannot be done. Do something else."));
        bench.draw("Input > a=Flatten > fc=Linear out_features=10 > Output");
        QVERIFY(bench.strip().message().isEmpty());
        bench.window.runActions()->train();
        bench.strip().say(QStringLiteral("That is refused."), true);
        bench.document().reset(newProject());
        QVERIFY(bench.strip().message().isEmpty());
    }

    void altEnterMendsWhatTheStatusBarShows() {
        Bench bench;
        bench.draw(
            "Input > conv=Conv2d out_channels=4 kernel_size=3 > fc=Linear out_features=10 > "
            "Output");
        for (const int page : {int(MainWindow::Design), int(MainWindow::Train)}) {
            bench.window.showPage(page);
            bench.window.designPage()->canvas()->drawing().clearSelection();
            QVERIFY(!bench.document().report().ok());
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::AltModifier);
            QVERIFY(bench.document().report().ok());
            QVERIFY(bench.strip().message().contains(QStringLiteral("Flatten")));
            bench.document().undoStack()->undo();
        }
        // The end that is missing, from an empty canvas on.
        bench.document().reset(newProject());
        bench.window.showPage(MainWindow::Design);
        bench.window.designPage()->canvas()->addFromPalette(QStringLiteral("Conv2d"));
        bench.window.designPage()->canvas()->drawing().clearSelection();
        QTest::keyClick(bench.window.designPage()->canvas(), Qt::Key_Return, Qt::AltModifier);
        QVERIFY(bench.document().report().ok());
        // A list of transforms.
        bench.setSteps(Split::Test, {});
        QTest::keyClick(bench.window.designPage()->canvas(), Qt::Key_Return, Qt::AltModifier);
        QVERIFY(bench.document().report().ok());
        QCOMPARE(bench.document().project().data.testTransforms.size(), std::size_t(1));
        QTest::keyClick(&bench.window, Qt::Key_Return, Qt::AltModifier);
        QVERIFY(!bench.strip().message().isEmpty());
    }

    void anEmptyCanvasIsNoAlarmAndTrainExplains() {
        Bench bench(QSize(960, 540));
        QVERIFY(bench.problems()->isVisible());
        QCOMPARE(bench.problems()->property("role").toString(), QStringLiteral("muted"));
        QTest::mouseClick(bench.window.topBar()->trainButton(), Qt::LeftButton);
        QVERIFY(!bench.window.bridge()->hasRun());
        QVERIFY2(bench.strip().message().contains(QStringLiteral("no layers yet")),
                 qPrintable(bench.strip().message()));
        bench.draw("Input ; conv=Conv2d out_channels=4 kernel_size=99 ; Output");
        QCOMPARE(bench.problems()->property("role").toString(), QStringLiteral("muted"));
        bench.draw("Input > conv=Conv2d out_channels=4 kernel_size=99 > Output");
        QCOMPARE(bench.problems()->property("role").toString(), QStringLiteral("danger"));
    }

    void whatAFileHeldIsToldAndStaysFindable() {
        const QString root = home->path(QStringLiteral("small"));
        test::writeSmallFashionMnist(root, 20, 10);
        QJsonObject strange = test::smallProject(root);
        strange[QStringLiteral("colour")] = QStringLiteral("green");
        strange = test::withField(strange, QStringLiteral("network.nodes.2.kind"),
                                  QStringLiteral("Reluu"));
        strange = test::withField(strange, QStringLiteral("training.mood"), QStringLiteral("good"));
        strange = test::withField(strange, QStringLiteral("network.nodes.1.params.spin"), 3);
        const QString file =
            test::writeProject(home->path(QStringLiteral("strange.loom")), strange);
        const QString plain =
            test::writeProject(home->path(QStringLiteral("plain.loom")), test::smallProject(root));
        const auto told = [](Bench& bench) {
            QStringList texts{bench.window.notice()->message()};
            for (const QLabel* label :
                 bench.window.designPage()->inspector()->networkPage()->findChildren<QLabel*>())
                if (label->isVisible()) texts << label->text();
            return texts.join(QLatin1Char('\n'));
        };
        for (const bool start : {true, false}) {
            Bench bench;
            if (start)
                bench.window.openAtStart(file);
            else
                bench.window.documentActions()->openFile(file);
            QVERIFY(bench.window.notice()->isVisible());
            for (const char* word : {"colour", "mood", "Reluu", "spin"})
                QTRY_VERIFY2(told(bench).contains(QLatin1String(word)), word);
            QVERIFY(bench.remarks()->isVisible());
            // Put away, it can be read again.
            bench.window.notice()->dismiss();
            bench.draw(kSound);
            QVERIFY(bench.remarks()->isVisible());
            QTest::mouseClick(bench.remarks(), Qt::LeftButton);
            QVERIFY(bench.window.notice()->isVisible());
            for (QPushButton* button : bench.window.notice()->findChildren<QPushButton*>())
                if (button->text().startsWith(QStringLiteral("Show all")))
                    QTest::mouseClick(button, Qt::LeftButton);
            QCOMPARE(bench.window.currentPage(), int(MainWindow::Design));
            bench.document().undoStack()->setClean();
            bench.window.documentActions()->openFile(plain);
            QVERIFY(!bench.window.notice()->isVisible());
            QVERIFY(!bench.remarks()->isVisible());
        }
        // A newer version, and that it is only to be read.
        const QString newer = test::writeProject(
            home->path(QStringLiteral("newer.loom")),
            test::withField(test::smallProject(root), QStringLiteral("version"), 99));
        Bench bench;
        bench.window.openAtStart(newer);
        QVERIFY(bench.document().isReadOnly());
        QVERIFY(bench.window.notice()->message().contains(QStringLiteral("newer")));
        QVERIFY(bench.remarks()->isVisible());
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<ProblemsTest>(argc, argv, home);
}

#include "problems_test.moc"
