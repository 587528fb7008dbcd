#include <QApplication>
#include <QFileInfo>
#include <QLabel>
#include <QTest>

#include "app/main_window.h"
#include "app/screenshot.h"
#include "app/start_options.h"
#include "core/graph/edit.h"
#include "tests/support/small_project.h"
#include "tests/support/window_test_main.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/explain/block_picture.h"
#include "widgets/explain/help_panel.h"
#include "widgets/explain/help_view.h"
#include "widgets/explain/window_player.h"
#include "widgets/style/theme.h"

using namespace loom;
using Shown = Explanation::Picture;

namespace {

test::AppHome* home = nullptr;

}  // namespace

class HelpTest : public QObject {
    Q_OBJECT

    static void bringUp(MainWindow& window) {
        window.resize(1280, 800);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
    }

    static QString projectFile() {
        const QString root = home->path(QStringLiteral("pictures"));
        if (!QFileInfo::exists(root)) test::writeSmallFashionMnist(root, 64, 32);
        return test::writeProject(home->path(QStringLiteral("help.loom")),
                                  test::smallProject(root));
    }

    /// The block of this kind in the small project.
    static NodeId blockOf(MainWindow& window, const char* kind) {
        return nodesOfKind(window.document()->graph(), kind).at(0);
    }

private Q_SLOTS:
    void f1ShowsTheWindowOnARealSample() {
        MainWindow window;
        bringUp(window);
        window.openAtStart(projectFile());
        DesignPage& design = *window.designPage();
        HelpPanel& help = *design.help();
        design.canvas()->drawing().select({blockOf(window, "Conv2d")});
        QTest::keyClick(&window, Qt::Key_F1);
        QVERIFY(help.isVisible());
        QCOMPARE(help.currentKey(), QStringLiteral("layer/Conv2d"));
        BlockPicture& picture = *help.picture();
        QTRY_VERIFY(!picture.isComputing());
        QCOMPARE(picture.explanation().picture, Shown::Window);
        QVERIFY2(picture.explanation().realSample, qPrintable(picture.explanation().source));
        QVERIFY(picture.explanation().source.startsWith(QStringLiteral("test sample 0")));
        QVERIFY(picture.isVisible());
        const WindowView& view = *picture.player()->view();
        const WindowSums::Sum sum = view.currentSum();
        QVERIFY(std::abs(sum.result - sum.real) <= 1e-5);
        // A parameter changes, the window with it.
        const Cell before = view.sums()->geometry().output();
        window.document()->editGraph("Set", [&](const Graph& graph) {
            return edit::setParam(graph, blockOf(window, "Conv2d"), "stride", Value(2));
        });
        QTRY_VERIFY(view.sums() && view.sums()->geometry().output() != before);
        QVERIFY(view.isMoving() == view.isPlaying());
        // Other families: a curve; units are crossed out only while training.
        design.canvas()->drawing().select({blockOf(window, "ReLU")});
        QTRY_COMPARE(picture.explanation().picture, Shown::Curve);
        const Explanation& curve = picture.explanation();
        QCOMPARE(curve.y.front(), 0.0);
        QCOMPARE(curve.y.back(), curve.x.back());
        QCOMPARE(curve.slope.front(), 0.0);
        QCOMPARE(curve.slope.back(), 1.0);
        QVERIFY(!curve.before.empty());
        design.explainKind(QStringLiteral("Dropout"));
        QTRY_COMPARE(picture.explanation().picture, Shown::Units);
        design.explainKind(QStringLiteral("BatchNorm2d"));
        QTRY_COMPARE(picture.explanation().picture, Shown::Histogram);
        design.explainKind(QStringLiteral("Softmax"));
        QTRY_COMPARE(picture.explanation().picture, Shown::Bars);
        double total = 0;
        for (const float value : picture.explanation().after) total += value;
        QVERIFY(std::abs(total - 1) < 1e-5);
        // Nothing to draw leaves the room to the text.
        design.explainKind(QStringLiteral("Flatten"));
        QTRY_COMPARE(picture.explanation().picture, Shown::None);
        QVERIFY(!picture.isVisible());
        design.closeHelp();
        QVERIFY(!help.isVisible() && !view.isMoving());
    }

    void f1OnTheOtherPagesOpensAWindow() {
        MainWindow window;
        bringUp(window);
        window.openAtStart(projectFile());
        window.showPage(MainWindow::Train);
        QTest::keyClick(&window, Qt::Key_F1);
        QVERIFY(window.helpWindow() && window.helpWindow()->isVisible());
        QVERIFY(window.helpWindow()->isWindow());
        QCOMPARE(window.helpWindow()->currentKey(), QStringLiteral("loss/CrossEntropyLoss"));
        QVERIFY(!window.designPage()->help()->isVisible());
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.showPage(MainWindow::Data);
        QTest::keyClick(&window, Qt::Key_F1);
        QCOMPARE(window.helpWindow()->currentKey(), QStringLiteral("dataset/FashionMNIST"));
        QTest::keyClick(window.helpWindow(), Qt::Key_Escape);
        QVERIFY(!window.helpWindow()->isVisible());
    }

    void pagesSaySinceWhenPythonHasIt() {
        MainWindow window;
        bringUp(window);
        window.openAtStart(projectFile());
        const HelpPanel& help = *window.designPage()->help();
        const auto shows = [&](const char* text) {
            for (const QLabel* label : help.findChildren<QLabel*>())
                if (label->text().contains(QString::fromUtf8(text))) return true;
            return false;
        };
        showHelp(window, QStringLiteral("RMSNorm"));
        QCOMPARE(help.view()->page().since, QStringLiteral("since PyTorch 2.4"));
        QTRY_VERIFY(shows("torch.nn.RMSNorm · since PyTorch 2.4"));
        showHelp(window, QStringLiteral("LayerNorm"));
        QCOMPARE(help.view()->page().since, QString());
        QTRY_VERIFY(shows("Python has it since PyTorch 2.1."));
        showHelp(window, QStringLiteral("TransformerEncoder"));
        QTRY_VERIFY(shows("Follows the linked LibTorch"));
    }

    void commandLineOpensAPage() {
        const StartOptions options = StartOptions::read(
            {QStringLiteral("torchloom"), QStringLiteral("--help-on"), QStringLiteral("conv1")});
        QVERIFY(options.problem.isEmpty());
        QCOMPARE(options.helpOn, QStringLiteral("conv1"));
        MainWindow window;
        bringUp(window);
        window.openAtStart(projectFile());
        const HelpPanel& help = *window.designPage()->help();
        showHelp(window, QString::fromStdString(blockOf(window, "MaxPool2d")));
        QCOMPARE(help.currentKey(), QStringLiteral("layer/MaxPool2d"));
        QVERIFY(!help.view()->page().block.isEmpty());
        showHelp(window, QStringLiteral("Tanh"));
        QCOMPARE(help.currentKey(), QStringLiteral("layer/Tanh"));
        showHelp(window, QStringLiteral("loss/MSELoss"));
        QCOMPARE(help.currentKey(), QStringLiteral("loss/MSELoss"));
    }
};

int main(int argc, char** argv) {
    return test::windowTestMain<HelpTest>(argc, argv, home);
}

#include "help_test.moc"
