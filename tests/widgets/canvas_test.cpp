#include "widgets/canvas/canvas_view.h"

#include <QClipboard>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include "core/graph/text_form.h"
#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/design_page.h"
#include "widgets/canvas/diagnostic_popup.h"
#include "widgets/canvas/fuzzy_match.h"
#include "widgets/canvas/layer_list.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/param_form.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

/// A Design page on screen, driven as a person drives it.
struct Bench {
    DocumentController document;
    DesignPage page{document};
    CanvasView& view = *page.canvas();

    explicit Bench(const char* text, double spacing = 220) {
        page.resize(1280, 800);
        page.show();
        (void)QTest::qWaitForWindowExposed(&page);
        Project project = newProject();
        auto graph = graphFromText(text);
        if (!graph) qFatal("%s", graph.error().message.c_str());
        double x = 0;
        for (Node& node : graph->nodes) {
            node.position = {x, 0};
            x += spacing;
        }
        project.network = *graph;
        document.reset(project);
        view.setFocus();
        if (view.zoom() < 0.7) view.setZoom(0.7);
    }

    std::string text() const { return graphToText(document.graph()); }
    QPoint at(const QPointF& scene) const { return view.mapFromScene(scene); }
    QPoint port(const char* id, int index, bool output) const {
        return at(view.drawing().block(id)->portPoint({{id, index}, output}));
    }
    QPoint middle(const char* id) const {
        return at(view.drawing().block(id)->sceneRect().center());
    }
    QWidget* surface() const { return view.viewport(); }

    void press(QPoint p, Qt::KeyboardModifiers keys = {}) {
        QTest::mousePress(surface(), Qt::LeftButton, keys, p);
    }
    void release(QPoint p, Qt::KeyboardModifiers keys = {}) {
        QTest::mouseRelease(surface(), Qt::LeftButton, keys, p);
    }
    void moveTo(QPoint p, Qt::KeyboardModifiers keys = {}) {
        QMouseEvent move(QEvent::MouseMove, p, surface()->mapToGlobal(p), Qt::NoButton,
                         Qt::LeftButton, keys);
        QApplication::sendEvent(surface(), &move);
    }
    void drag(QPoint from, QPoint to, Qt::KeyboardModifiers keys = {}) {
        press(from, keys);
        for (int i = 1; i <= 5; ++i) moveTo(from + (to - from) * i / 5, keys);
        release(to, keys);
    }
    void click(QPoint p, Qt::KeyboardModifiers keys = {}) {
        press(p, keys);
        release(p, keys);
    }
    void key(Qt::Key k, Qt::KeyboardModifiers keys = {}) { QTest::keyClick(&view, k, keys); }
    std::vector<NodeId> selected() const { return view.drawing().selectedBlocks(); }
    QLineEdit* search() const { return view.addPopup()->field(); }
};

}  // namespace

class CanvasTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void draggingFromPortToPortConnects() {
        Bench bench("Input 1x28x28 ; relu=ReLU");
        QVERIFY(bench.document.graph().edges.empty());
        bench.drag(bench.port("input", 0, true), bench.port("relu", 0, false));
        QCOMPARE(bench.document.graph().edges.size(), 1u);
        QVERIFY(bench.view.drawing().wire({{"input", 0}, {"relu", 0}}));
        bench.document.undoStack()->undo();
        QVERIFY(bench.document.graph().edges.empty());
        QVERIFY(bench.view.drawing().wires().empty());
        // And the other way round, from input to output.
        bench.drag(bench.port("relu", 0, false), bench.port("input", 0, true));
        QCOMPARE(bench.document.graph().edges.size(), 1u);
    }

    void whileDraggingPortsTellWhetherTheyFit() {
        Bench bench(
            "Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 ; fc=Linear out_features=10 "
            "; relu=ReLU ; relu > fc");
        QSignalSpy status(&bench.view, &CanvasView::statusMessage);
        bench.press(bench.port("conv", 0, true));
        bench.moveTo(bench.port("conv", 0, true) + QPoint(20, 30));
        const auto marks = classifyPorts(
            bench.document.graph(), bench.document.report().shapes, {{"conv", 0}, true},
            {{{"fc", 0}, false}, {{"relu", 0}, false}, {{"input", 0}, true}, {{"conv", 0}, false}});
        QCOMPARE(marks[0].mark, PortMark::Bridge);
        QVERIFY(marks[0].reason.contains(QStringLiteral("Linear")));
        QCOMPARE(marks[1].mark, PortMark::Fits);
        QCOMPARE(marks[2].mark, PortMark::Impossible);
        QCOMPARE(marks[3].mark, PortMark::Impossible);
        bench.moveTo(bench.port("fc", 0, false));
        QVERIFY(status.last().first().toString().contains(QStringLiteral("Linear")));
        bench.release(bench.port("fc", 0, false));
        // Allowed, shown red, and repairable: nothing blocks a wire that is only wrong for now.
        QVERIFY(bench.document.graph().edgeInto({"fc", 0}));
        QVERIFY(bench.view.drawing().wire({{"conv", 0}, {"fc", 0}})->hasFault());
    }

    void aWireThatWouldCloseACircleIsRefused() {
        Bench bench("Input 1x28x28 > a=ReLU > b=ReLU");
        bench.drag(bench.port("b", 0, true), bench.port("a", 0, false));
        QCOMPARE(bench.text(), std::string("input=Input 1x28x28 > a=ReLU > b=ReLU")
                                   .substr(bench.text().starts_with("input=") ? 0 : 6));
    }

    void aWireInEmptySpaceAsksForALayer() {
        Bench bench("Input 1x28x28");
        const int steps = bench.document.undoStack()->count();
        bench.drag(bench.port("input", 0, true), bench.port("input", 0, true) + QPoint(160, 90));
        QVERIFY(bench.view.addPopup()->isVisible());
        QTest::keyClicks(bench.search(), QStringLiteral("cnv"));
        QCOMPARE(bench.view.addPopup()->list()->currentKind(), QStringLiteral("Conv2d"));
        QTest::keyClick(bench.search(), Qt::Key_Return);
        QVERIFY(!bench.view.addPopup()->isVisible());
        QCOMPARE(bench.document.undoStack()->count(), steps + 1);
        QCOMPARE(bench.document.graph().edges.size(), 1u);
        QCOMPARE(bench.document.graph().nodes.back().kind, std::string("Conv2d"));
        QVERIFY(bench.document.graph().nodes.back().params.contains("out_channels"));
        bench.document.undoStack()->undo();
        QCOMPARE(bench.document.graph().nodes.size(), 1u);
        // Escape leaves everything as it was.
        bench.drag(bench.port("input", 0, true), bench.port("input", 0, true) + QPoint(160, 90));
        QTest::keyClick(bench.search(), Qt::Key_Escape);
        QVERIFY(!bench.view.addPopup()->isVisible());
        QCOMPARE(bench.document.graph().nodes.size(), 1u);
    }

    void pullingAWireOffAnInputTakesItAway() {
        Bench bench("Input 1x28x28 > a=ReLU ; b=ReLU");
        bench.drag(bench.port("a", 0, false), bench.port("b", 0, false));
        QVERIFY(bench.document.graph().edgeInto({"b", 0}));
        QVERIFY(!bench.document.graph().edgeInto({"a", 0}));
        QCOMPARE(bench.document.undoStack()->count(), 1);
        bench.drag(bench.port("b", 0, false), bench.port("b", 0, false) + QPoint(-40, 200));
        QVERIFY(bench.document.graph().edges.empty());
        QVERIFY(!bench.view.addPopup()->isVisible());
    }

    void blocksMoveOnTheGridAsOneStep() {
        Bench bench("Input 1x28x28 > a=ReLU > b=ReLU");
        bench.view.setZoom(1);
        bench.drag(bench.middle("a"), bench.middle("a") + QPoint(33, 47));
        const Position p = bench.document.graph().find("a")->position;
        QCOMPARE(p, (Position{250, 50}));
        QCOMPARE(bench.document.undoStack()->count(), 1);
        // Together with others, and back by one Undo.
        bench.key(Qt::Key_A, Qt::ControlModifier);
        bench.drag(bench.middle("b"), bench.middle("b") + QPoint(0, 100));
        QCOMPARE(bench.document.graph().find("input")->position.y, 100.0);
        QCOMPARE(bench.document.graph().find("a")->position.y, 150.0);
        bench.document.undoStack()->undo();
        QCOMPARE(bench.view.drawing().block("a")->pos(), QPointF(250, 50));
        // Escape in the middle puts them back.
        bench.press(bench.middle("b"));
        bench.moveTo(bench.middle("b") + QPoint(50, 50));
        bench.key(Qt::Key_Escape);
        bench.release(bench.middle("b"));
        QCOMPARE(bench.view.drawing().block("b")->pos(), QPointF(440, 0));
    }

    void deletingAndHealing() {
        Bench bench("Input 1x28x28 > a=ReLU > b=Tanh > Output");
        bench.click(bench.middle("a"));
        bench.key(Qt::Key_Delete, Qt::ControlModifier);
        QVERIFY(!bench.document.graph().find("a"));
        QVERIFY(bench.view.drawing().wire({{"input", 0}, {"b", 0}}));
        bench.click(bench.middle("b"));
        bench.key(Qt::Key_Delete);
        QVERIFY(bench.document.graph().edges.empty());
        bench.key(Qt::Key_Z, Qt::ControlModifier);
        bench.key(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(bench.document.graph().nodes.size(), 4u);
        QCOMPARE(bench.document.graph().edges.size(), 3u);
        // A wire by itself.
        bench.click((bench.port("a", 0, true) + bench.port("b", 0, false)) / 2);
        QCOMPARE(bench.view.drawing().selectedWires().size(), 1u);
        bench.key(Qt::Key_Delete);
        QCOMPARE(bench.document.graph().edges.size(), 2u);
    }

    void selecting() {
        Bench bench("Input 1x28x28 > a=ReLU > b=ReLU > Output");
        bench.click(bench.middle("a"));
        QCOMPARE(bench.selected(), std::vector<NodeId>{"a"});
        bench.click(bench.middle("b"), Qt::ShiftModifier);
        QCOMPARE(bench.selected(), (std::vector<NodeId>{"a", "b"}));
        bench.click(bench.middle("a"), Qt::ShiftModifier);
        QCOMPARE(bench.selected(), std::vector<NodeId>{"b"});
        bench.drag(bench.middle("a") + QPoint(-80, -90), bench.middle("b") + QPoint(20, 90));
        QCOMPARE(bench.selected(), (std::vector<NodeId>{"a", "b"}));
        bench.click(bench.middle("a") + QPoint(0, 200));
        QVERIFY(bench.selected().empty());
        bench.key(Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(bench.selected().size(), 4u);
        bench.key(Qt::Key_Escape);
        QVERIFY(bench.selected().empty());
        for (const char* expected : {"input", "a", "b", "output", "input"}) {
            bench.key(Qt::Key_Tab, Qt::ControlModifier);
            QCOMPARE(bench.selected(), std::vector<NodeId>{expected});
        }
        bench.key(Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(bench.selected(), std::vector<NodeId>{"a"});
    }

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
        // Room was made: nothing lies on anything.
        const auto& blocks = bench.view.drawing().blocks();
        for (const auto& [a, first] : blocks)
            for (const auto& [b, second] : blocks)
                QVERIFY2(a == b || !first->sceneRect().intersects(second->sceneRect()),
                         (a + " on " + b).c_str());
        QVERIFY(bench.view.hasFocus());
    }

    void aLooseBlockDroppedOnAWireGoesIntoIt() {
        Bench bench("Input 1x28x28 > a=ReLU ; loose=Tanh", 300);
        bench.drag(bench.middle("loose"),
                   (bench.port("input", 0, true) + bench.port("a", 0, false)) / 2);
        QVERIFY(bench.view.drawing().wire({{"input", 0}, {"loose", 0}}));
        QVERIFY(bench.view.drawing().wire({{"loose", 0}, {"a", 0}}));
        QVERIFY(!bench.view.drawing().wire({{"input", 0}, {"a", 0}}));
        QCOMPARE(bench.document.undoStack()->count(), 1);
        bench.document.undoStack()->undo();
        // With Alt it only moves.
        bench.drag(bench.middle("loose"),
                   (bench.port("input", 0, true) + bench.port("a", 0, false)) / 2, Qt::AltModifier);
        QVERIFY(bench.view.drawing().wire({{"input", 0}, {"a", 0}}));
    }

    void droppingALayerFromThePalette() {
        Bench bench("Input 1x28x28 > a=ReLU", 300);
        const auto drop = [&](QPoint p, const char* kind) {
            QMimeData mime;
            mime.setData(QLatin1String(kLayerMime), kind);
            QDragEnterEvent enter(p, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(bench.surface(), &enter);
            QVERIFY(enter.isAccepted());
            QDragMoveEvent move(p, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(bench.surface(), &move);
            QDropEvent event(p, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(bench.surface(), &event);
        };
        drop(bench.middle("a") + QPoint(0, 150), "Tanh");
        QVERIFY(bench.document.graph().find("tanh"));
        QCOMPARE(bench.document.graph().edges.size(), 1u);
        drop((bench.port("input", 0, true) + bench.port("a", 0, false)) / 2, "Conv2d");
        QVERIFY(bench.document.graph().edgeInto({"a", 0})->from.node.starts_with("conv"));
        QCOMPARE(bench.selected().size(), 1u);
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

    void sumsShowOneFreeInputMore() {
        Bench bench("Input 8x4x4 > a=ReLU > sum=Add ; a > sum:1");
        QCOMPARE(bench.view.drawing().block("sum")->geometry().inputs.size(), 3u);
        bench.drag(bench.port("input", 0, true), bench.port("sum", 2, false));
        QVERIFY(bench.document.graph().edgeInto({"sum", 2}));
        QCOMPARE(bench.view.drawing().block("sum")->geometry().inputs.size(), 4u);
    }

    void labelsNeverCoverBlocksOrEachOther() {
        Bench bench(
            "Input 3x32x32 > stem=Conv2d out_channels=16 kernel_size=3 padding=1 > a=ReLU > "
            "c1=Conv2d out_channels=16 kernel_size=3 padding=1 > "
            "b1=BatchNorm2d > sum=Add > r=ReLU > Flatten > fc=Linear out_features=10 > Output ; a "
            "> sum:1",
            170);
        for (int round = 0; round < 2; ++round) {
            std::vector<QRectF> seen;
            int shown = 0;
            for (const WireItem* wire : bench.view.drawing().wires()) {
                const QRectF label = wire->labelRect();
                if (label.isEmpty()) continue;
                ++shown;
                for (const auto& [id, block] : bench.view.drawing().blocks())
                    QVERIFY2(!label.intersects(block->sceneRect()), id.c_str());
                for (const QRectF& other : seen) QVERIFY(!label.intersects(other));
                seen.push_back(label);
            }
            if (bench.document.report().dataShape == Shape{{3, 32, 32}}) QVERIFY(shown > 5);
            bench.view.tidyUp();
        }
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
        QCOMPARE(first("lin"), std::string("Linear"));
        QCOMPARE(first("re"), std::string("ReLU"));
        QCOMPARE(first("drop"), std::string("Dropout"));
        QCOMPARE(first("fl"), std::string("Flatten"));
        QCOMPARE(first("add"), std::string("Add"));
        QVERIFY(findLayers(QStringLiteral("qqq")).empty());
        QCOMPARE(findLayers({}).size(), layers().size());
        QCOMPARE(fuzzyScore(QStringLiteral("vnc"), QStringLiteral("Conv2d")), 0);
    }

    void readOnlyDocumentsCannotBeDrawnOn() {
        Bench bench("Input 1x28x28 > a=ReLU ; b=Tanh");
        Project project = bench.document.project();
        bench.document.reset(project, {}, true);
        const std::string before = bench.text();
        bench.drag(bench.middle("b"), bench.middle("b") + QPoint(100, 100));
        bench.drag(bench.port("a", 0, true), bench.port("b", 0, false));
        bench.click(bench.middle("a"));
        bench.key(Qt::Key_Delete);
        bench.key(Qt::Key_Tab);
        QVERIFY(!bench.view.addPopup()->isVisible());
        QCOMPARE(bench.text(), before);
    }
};

QTEST_MAIN(CanvasTest)
#include "canvas_test.moc"
