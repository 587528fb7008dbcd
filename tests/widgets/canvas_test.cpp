#include <QClipboard>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QWheelEvent>
#include <cmath>

#include "tests/widgets/canvas_bench.h"
#include "widgets/canvas/port_fit.h"
#include "widgets/style/theme.h"

using namespace loom;

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
        QCOMPARE(bench.selected(), std::vector<NodeId>{"fc"});
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
