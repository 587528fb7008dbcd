#include <QAccessible>
#include <QClipboard>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QWheelEvent>
#include <cmath>
#include <set>

#include "core/graph/edit.h"
#include "tests/widgets/canvas_bench.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/diagnostic_popup.h"
#include "widgets/canvas/fuzzy_match.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/param_form.h"
#include "widgets/style/theme.h"

using namespace loom;

class CanvasKeysTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void zoomKeepsThePointUnderTheMouse() {
        Bench bench("Input 1x28x28 > a=ReLU");
        bench.view.setZoom(1);
        const QPoint spot(500, 300);
        const QPointF before = bench.view.mapToScene(spot);
        QSignalSpy zoomed(&bench.view, &CanvasView::zoomChanged);
        QWheelEvent turn(spot, bench.surface()->mapToGlobal(spot), {}, QPoint(0, 240), Qt::NoButton,
                         Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(bench.surface(), &turn);
        QVERIFY(bench.view.zoom() > 1.4);
        QCOMPARE(zoomed.last().first().toInt(), qRound(bench.view.zoom() * 100));
        const QPointF after = bench.view.mapToScene(spot);
        QVERIFY(QLineF(before, after).length() < 1.5);
        for (int i = 0; i < 60; ++i) QApplication::sendEvent(bench.surface(), &turn);
        QCOMPARE(bench.view.zoom(), CanvasView::kMostZoom);
        QWheelEvent back(spot, bench.surface()->mapToGlobal(spot), {}, QPoint(0, -24000),
                         Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        for (int i = 0; i < 60; ++i) QApplication::sendEvent(bench.surface(), &back);
        QCOMPARE(bench.view.zoom(), CanvasView::kLeastZoom);
        bench.key(Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(bench.view.zoom(), 1.0);
        bench.key(Qt::Key_Home);
        for (const auto& [id, block] : bench.view.drawing().blocks())
            QVERIFY(bench.surface()->rect().contains(bench.at(block->sceneRect().center())));
        // What fits goes on fitting when the window changes; what was moved stays.
        QVERIFY(bench.view.zoom() > 1);
        bench.page.resize(700, 500);
        for (const auto& [id, block] : bench.view.drawing().blocks())
            QVERIFY(bench.surface()->rect().contains(bench.at(block->sceneRect().center())));
        bench.view.setZoom(2);
        bench.page.resize(1000, 700);
        QCOMPARE(bench.view.zoom(), 2.0);
        bench.view.setZoom(NAN);
        QVERIFY(std::isfinite(bench.view.transform().m11()));
    }

    void panning() {
        Bench bench("Input 1x28x28 > a=ReLU");
        const QPoint before = bench.middle("a");
        QTest::mousePress(bench.surface(), Qt::MiddleButton, {}, QPoint(300, 300));
        bench.moveTo(QPoint(350, 330));
        QTest::mouseRelease(bench.surface(), Qt::MiddleButton, {}, QPoint(350, 330));
        QCOMPARE(bench.middle("a"), before + QPoint(50, 30));
        QTest::keyPress(&bench.view, Qt::Key_Space);
        bench.drag(QPoint(350, 330), QPoint(300, 300));
        QTest::keyRelease(&bench.view, Qt::Key_Space);
        QCOMPARE(bench.middle("a"), before);
    }

    void searchAddsAtThePointAndBehindTheSelection() {
        Bench bench("Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 > Output");
        QTest::mouseDClick(bench.surface(), Qt::LeftButton, {}, QPoint(300, 150));
        QVERIFY(bench.view.addPopup()->isVisible());
        QTest::keyClicks(bench.search(), QStringLiteral("drop"));
        QTest::keyClick(bench.search(), Qt::Key_Return);
        const Node* dropout = bench.document.graph().find("dropout");
        QVERIFY(dropout);
        QVERIFY(bench.view.drawing().block("dropout")->sceneRect().contains(
            bench.view.mapToScene(QPoint(300, 150))));

        bench.click(bench.middle("conv"));
        bench.key(Qt::Key_Tab);
        QVERIFY(bench.view.addPopup()->isVisible());
        QTest::keyClicks(bench.search(), QStringLiteral("relu"));
        QTest::keyClick(bench.search(), Qt::Key_Return);
        QVERIFY(bench.view.drawing().wire({{"conv", 0}, {"relu", 0}}));
        QVERIFY(bench.view.drawing().wire({{"relu", 0}, {"output", 0}}));
        // Room was made in the row: nothing lies on anything.
        const QRectF conv = bench.view.drawing().block("conv")->sceneRect();
        const QRectF relu = bench.view.drawing().block("relu")->sceneRect();
        const QRectF output = bench.view.drawing().block("output")->sceneRect();
        QVERIFY(conv.right() < relu.left() && relu.right() < output.left());
        QCOMPARE(relu.center().y(), conv.center().y());
        const auto& blocks = bench.view.drawing().blocks();
        for (const auto& [a, first] : blocks)
            for (const auto& [b, second] : blocks)
                QVERIFY2(a == b || !first->sceneRect().intersects(second->sceneRect()),
                         (a + " on " + b).c_str());
        QVERIFY(bench.view.hasFocus());
    }

    void thePaletteAppends() {
        Bench bench("Input 1x28x28 ; Output", 480);
        PalettePanel* palette = bench.page.palettePanel();
        palette->searchField()->setFocus();
        QTest::keyClicks(palette->searchField(), QStringLiteral("flat"));
        QTest::keyClick(palette->searchField(), Qt::Key_Return);
        QVERIFY(bench.view.drawing().wire({{"input", 0}, {"flatten", 0}}));
        QVERIFY(bench.view.drawing().wire({{"flatten", 0}, {"output", 0}}));
        palette->searchField()->clear();
        // By a click: the row of Linear.
        LayerList* list = palette->list();
        const auto rows = list->findItems(QStringLiteral("Linear"), Qt::MatchExactly);
        QCOMPARE(rows.size(), 1);
        list->scrollToItem(rows.first());
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                          list->visualItemRect(rows.first()).center());
        QVERIFY(bench.view.drawing().wire({{"flatten", 0}, {"fc1", 0}}) ||
                bench.view.drawing().wire({{"flatten", 0}, {"linear1", 0}}) ||
                bench.view.drawing().wire({{"flatten", 0}, {"linear", 0}}) ||
                bench.view.drawing().wire({{"flatten", 0}, {"fc", 0}}));
        QVERIFY(bench.document.report().ok());
    }

    void aRepairIsOneKeyAway() {
        Bench bench(
            "Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 > fc=Linear out_features=10 "
            "> Output");
        QCOMPARE(bench.view.drawing().block("fc")->severity(), std::optional(Severity::Error));
        QVERIFY(bench.view.drawing().wire({{"conv", 0}, {"fc", 0}})->hasFault());
        DiagnosticPopup* popup = bench.view.overlays()->diagnosticPopup();
        QVERIFY(!popup->isVisible());
        bench.click(bench.middle("fc"));
        QVERIFY(popup->isVisible());
        QVERIFY(!popup->fixButtons().empty());
        QVERIFY(popup->geometry().bottom() < bench.view.height());
        QTest::mouseClick(popup->fixButtons().front(), Qt::LeftButton);
        QVERIFY(bench.document.report().ok());
        QVERIFY(!popup->isVisible());
        QCOMPARE(bench.document.undoStack()->count(), 1);
        bench.document.undoStack()->undo();
        bench.click(bench.middle("fc"));
        bench.key(Qt::Key_Return, Qt::AltModifier);
        QVERIFY(bench.document.report().ok());
        const auto& blocks = bench.view.drawing().blocks();
        for (const auto& [a, first] : blocks)
            for (const auto& [b, second] : blocks)
                QVERIFY2(a == b || !first->sceneRect().intersects(second->sceneRect()),
                         (a + " on " + b).c_str());
    }

    void copyPasteAndDuplicate() {
        Bench bench("Input 1x28x28 > a=Conv2d out_channels=4 kernel_size=3 > b=ReLU > Output");
        bench.click(bench.middle("a"));
        bench.click(bench.middle("b"), Qt::ShiftModifier);
        bench.key(Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("\"out_channels\": 4")));
        bench.key(Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(bench.document.graph().nodes.size(), 6u);
        QCOMPARE(bench.document.graph().edges.size(), 4u);
        QCOMPARE(bench.selected().size(), 2u);
        bench.key(Qt::Key_V, Qt::ControlModifier);
        std::set<std::pair<double, double>> places;
        for (const Node& node : bench.document.graph().nodes)
            places.emplace(node.position.x, node.position.y);
        QCOMPARE(places.size(), 8u);
        bench.key(Qt::Key_Z, Qt::ControlModifier);
        bench.view.drawing().select(
            {bench.document.graph().nodes[4].id, bench.document.graph().nodes[5].id});
        bench.key(Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(bench.document.graph().nodes.size(), 8u);
        bench.key(Qt::Key_X, Qt::ControlModifier);
        QCOMPARE(bench.document.graph().nodes.size(), 6u);
        QApplication::clipboard()->setText(QStringLiteral("good morning"));
        QSignalSpy refused(&bench.document, &DocumentController::refused);
        bench.key(Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(refused.count(), 1);
        QCOMPARE(bench.document.graph().nodes.size(), 6u);
    }

    void arrowsNudgeAndMerge() {
        Bench bench("Input 1x28x28 > a=ReLU");
        bench.click(bench.middle("a"));
        for (int i = 0; i < 5; ++i) bench.key(Qt::Key_Down);
        bench.key(Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(bench.document.graph().find("a")->position, (Position{221, 50}));
        QCOMPARE(bench.document.undoStack()->count(), 1);
        bench.document.undoStack()->undo();
        QCOMPARE(bench.document.graph().find("a")->position, (Position{220, 0}));
    }

    void renamingInPlace() {
        Bench bench("Input 1x28x28 > a=ReLU > Output");
        bench.click(bench.middle("a"));
        bench.key(Qt::Key_F2);
        auto* field = bench.surface()->findChild<QLineEdit*>(QStringLiteral("canvas.rename"));
        QVERIFY(field);
        QTest::keyClicks(field, QStringLiteral("layer1.act"));
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(bench.document.graph().find("layer1.act"));
        QCOMPARE(bench.selected(), std::vector<NodeId>{"layer1.act"});
        QVERIFY(bench.view.drawing().wire({{"input", 0}, {"layer1.act", 0}}));
        // Escape keeps the name.
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        bench.key(Qt::Key_F2);
        field = bench.surface()->findChild<QLineEdit*>(QStringLiteral("canvas.rename"));
        QVERIFY(field);
        QTest::keyClicks(field, QStringLiteral("other"));
        QTest::keyClick(field, Qt::Key_Escape);
        QVERIFY(bench.document.graph().find("layer1.act"));
        QVERIFY(bench.view.hasFocus());
    }

    void theInspectorFollowsAndEdits() {
        Bench bench("Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 > Output");
        bench.click(bench.middle("conv"));
        BlockPage* block = bench.page.inspector()->blockPage();
        QCOMPARE(block->block(), std::string("conv"));
        QCOMPARE(block->pythonLine(), QStringLiteral("nn.Conv2d(1, 4, 3)"));
        bench.key(Qt::Key_Return);
        auto* channels =
            qobject_cast<QLineEdit*>(block->form()->editor(QStringLiteral("out_channels")));
        QVERIFY(channels->hasFocus());
        QTest::keyClicks(channels, QStringLiteral("16"));
        QCOMPARE(bench.document.graph().find("conv")->params.find("out_channels")->asInt(), 16);
        QCOMPARE(bench.view.drawing().block("conv")->geometry().badge, QStringLiteral("16, 3×3"));
        QCOMPARE(bench.view.drawing().wire({{"conv", 0}, {"output", 0}})->text(),
                 QStringLiteral("16×26×26"));
        QCOMPARE(bench.document.undoStack()->count(), 1);
        block->focusName();
        QTest::keyClicks(block->nameField(), QStringLiteral("first"));
        QTest::keyClick(block->nameField(), Qt::Key_Return);
        QVERIFY(bench.document.graph().find("first"));
        QCOMPARE(bench.selected(), std::vector<NodeId>{"first"});
        QCOMPARE(block->block(), std::string("first"));
    }

    void tidyUpFitsTwelveBlocksReadably() {
        Bench bench(
            "Input 1x28x28 > conv1=Conv2d out_channels=32 kernel_size=5 padding=1 > "
            "bn1=BatchNorm2d > relu1=ReLU > conv2=Conv2d out_channels=64 kernel_size=3 "
            "padding=1 > bn2=BatchNorm2d > relu2=ReLU > pool=MaxPool2d kernel_size=2 > Flatten > "
            "Dropout p=0.5 > fc1=Linear out_features=10 > Output");
        bench.key(Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY2(bench.view.zoom() >= 0.8, qPrintable(QString::number(bench.view.zoom())));
        for (const auto& [id, block] : bench.view.drawing().blocks())
            QVERIFY(bench.surface()->rect().contains(
                bench.view.mapFromScene(block->sceneRect()).boundingRect()));
        QCOMPARE(bench.document.undoStack()->count(), 1);
    }

    void theFewestLettersFindTheCommonest() {
        const auto first = [](const char* typed) {
            const auto found = findLayers(QLatin1String(typed));
            return found.empty() ? std::string() : found.front()->info.id;
        };
        QCOMPARE(first("cnv"), std::string("Conv2d"));
        QCOMPARE(first("conv"), std::string("Conv2d"));
        QCOMPARE(first("bn"), std::string("BatchNorm2d"));
        QCOMPARE(first("mp"), std::string("MaxPool2d"));
        QCOMPARE(first("pool"), std::string("MaxPool2d"));
        QCOMPARE(first("norm"), std::string("BatchNorm2d"));
        QCOMPARE(first("lin"), std::string("Linear"));
        QCOMPARE(first("re"), std::string("ReLU"));
        QCOMPARE(first("drop"), std::string("Dropout"));
        QCOMPARE(first("fl"), std::string("Flatten"));
        QCOMPARE(first("add"), std::string("Add"));
        QVERIFY(findLayers(QStringLiteral("qqq")).empty());
        QCOMPARE(findLayers({}).size(), layers().size());
        QCOMPARE(fuzzyScore(QStringLiteral("vnc"), QStringLiteral("Conv2d")), 0);
    }

    void roomIsMadeInTheRowOnly() {
        Bench bench("Input 1x28x28 > a=ReLU > b=ReLU > c=ReLU > d=ReLU > Output");
        bench.document.editGraph(QStringLiteral("Rows"), [](const Graph& g) -> Result<Graph> {
            return edit::move(g, {{"c", {0, 130}}, {"d", {220, 130}}, {"output", {440, 130}}});
        });
        bench.click(bench.middle("a"));
        bench.page.canvas()->addFromPalette(QStringLiteral("Tanh"));
        QVERIFY(bench.document.graph().find("b")->position.x > 440);
        QCOMPARE(bench.document.graph().find("d")->position, (Position{220, 130}));
        QCOMPARE(bench.document.graph().find("output")->position, (Position{440, 130}));
    }

    void screenReadersFindTheBlocks() {
        Bench bench(
            "Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 > fc=Linear out_features=10 "
            "> Output");
        QAccessibleInterface* canvas = QAccessible::queryAccessibleInterface(&bench.view);
        QVERIFY(canvas);
        QCOMPARE(canvas->childCount(), 4);
        QAccessibleInterface* conv = canvas->child(1);
        QCOMPARE(conv->text(QAccessible::Name),
                 QStringLiteral("conv, Conv2d, 4, 3×3; gives 4 × 26 × 26"));
        QVERIFY(
            canvas->child(2)->text(QAccessible::Description).contains(QStringLiteral("Linear")));
        QVERIFY(!conv->state().selected);
        bench.click(bench.middle("conv"));
        QVERIFY(conv->state().selected);
        QVERIFY(conv->rect().contains(bench.surface()->mapToGlobal(bench.middle("conv"))));
        QCOMPARE(canvas->indexOfChild(conv), 1);
        bench.key(Qt::Key_Delete);
        QCOMPARE(canvas->childCount(), 3);
        QVERIFY(!conv->isValid());
        QCOMPARE(conv->text(QAccessible::Name), QString());
    }
};

QTEST_MAIN(CanvasKeysTest)
#include "canvas_keys_test.moc"
