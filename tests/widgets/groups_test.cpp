#include <QDir>
#include <QTemporaryDir>
#include <algorithm>

#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "core/project/project_file.h"
#include "tests/widgets/groups_bench.h"
#include "widgets/canvas/breadcrumb.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/group_library.h"
#include "widgets/canvas/library_list.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/canvas/summary_panel.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/group_page.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/param_form.h"
#include "widgets/style/theme.h"

using namespace loom;
using test::Grouped;
using test::kResidual;

/// Groups on the canvas: how they are made, shown, opened and wired.
class GroupsTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_home;

private Q_SLOTS:
    void initTestCase() {
        Theme::apply(*qApp, ThemeMode::Light);
        qputenv("XDG_DATA_HOME", m_home.path().toUtf8());
    }

    void groupingAsksForAPath() {
        Bench bench(kResidual, 200);
        bench.view.drawing().select({"conv1", "relu"});
        bench.key(Qt::Key_G, Qt::ControlModifier);
        AskCard* card = bench.view.askCard();
        QVERIFY(card->isVisible());
        QCOMPARE(card->field()->text(), QStringLiteral("block1"));
        QVERIFY(card->note().contains(QStringLiteral("block1.conv1")));
        // What cannot be is said while one types, and Enter does nothing.
        QTest::keyClicks(card->field(), QStringLiteral("stem"));
        QVERIFY2(card->note().contains(QStringLiteral("stem is a block")),
                 qPrintable(card->note()));
        QTest::keyClick(card->field(), Qt::Key_Return);
        QVERIFY(card->isVisible());
        QTest::keyClick(card->field(), Qt::Key_Escape);
        QVERIFY(!card->isVisible());
        QVERIFY(bench.document.graph().find("conv1"));
        QVERIFY(bench.view.hasFocus());
    }

    void aGroupIsOneBoxOnOneUndoStep() {
        Grouped bench;
        QCOMPARE(bench.document.undoStack()->count(), 1);
        QVERIFY(bench.document.graph().find("layer1.0.conv1"));
        const BlockItem* box = bench.scene().block("layer1.0.");
        QVERIFY(box && box->isGroup() && box->isSelected());
        QCOMPARE(box->geometry().name, QStringLiteral("0"));
        QCOMPARE(box->geometry().prefix, QStringLiteral("layer1."));
        QCOMPARE(box->geometry().kind, QStringLiteral("4 blocks"));
        QCOMPARE(box->geometry().badge, QStringLiteral("8×4×4"));
        QCOMPARE(box->geometry().inputs.size(), 1u);
        QCOMPARE(bench.scene().blocks().size(), 5u);
        QCOMPARE(bench.scene().wires().size(), 4u);
        for (const auto& [a, first] : bench.scene().blocks())
            for (const auto& [b, second] : bench.scene().blocks())
                QVERIFY2(first == second || !first->sceneRect().intersects(second->sceneRect()),
                         (a + " " + b).c_str());
        bench.document.undoStack()->undo();
        QCOMPARE(bench.scene().blocks().size(), 8u);
        QVERIFY(bench.document.graph().find("conv1"));
    }

    void aBoxMovesAndIsCopiedAndRemovedAsOne() {
        Grouped bench;
        const Position inner = bench.document.graph().find("layer1.0.relu")->position;
        const QPoint from = bench.middle("layer1.0.");
        bench.drag(from, from + QPoint(0, 70));
        const double moved = bench.document.graph().find("layer1.0.relu")->position.y - inner.y;
        QVERIFY(moved > 50);
        QCOMPARE(bench.scene().block("layer1.0.")->pos().y(),
                 groupPosition(bench.document.graph(), "layer1.0").y);
        bench.key(Qt::Key_Down);
        QCOMPARE(bench.document.graph().find("layer1.0.relu")->position.y - inner.y, moved + 10);

        bench.key(Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(bench.scene().selectedKeys(), std::vector<std::string>{"layer1.1."});
        QCOMPARE(bench.document.graph().nodes.size(), 12u);
        // The copy's input waits as one port.
        QCOMPARE(bench.scene().block("layer1.1.")->geometry().inputs.size(), 1u);
        bench.key(Qt::Key_C, Qt::ControlModifier);
        bench.key(Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(bench.scene().selectedKeys(), std::vector<std::string>{"layer1.2."});
        bench.key(Qt::Key_Delete);
        QCOMPARE(bench.document.graph().nodes.size(), 12u);
        bench.scene().select({"layer1.0."});
        bench.key(Qt::Key_Delete, Qt::ControlModifier);
        QCOMPARE(bench.document.graph().edgeInto({"last", 0})->from.node, std::string("stem"));
        while (bench.document.undoStack()->canUndo()) bench.document.undoStack()->undo();
        QCOMPARE(bench.scene().blocks().size(), 8u);
    }

    void wiresAttachToAGroupsPorts() {
        Grouped bench;
        bench.scene().select({"layer1.0."});
        bench.key(Qt::Key_D, Qt::ControlModifier);
        // Apart from the original, so that the ports are free to be grabbed.
        const QPoint from = bench.middle("layer1.1.");
        bench.drag(from, from + QPoint(0, 130));
        bench.view.fitAll();
        // From the first group's output to the copy's input: both ends inside get their wire.
        bench.drag(bench.port("layer1.0.", 0, true), bench.port("layer1.1.", 0, false));
        const Graph& graph = bench.document.graph();
        QCOMPARE(graph.edgeInto({"layer1.1.conv1", 0})->from.node, std::string("layer1.0.add"));
        QCOMPARE(graph.edgeInto({"layer1.1.add", 1})->from.node, std::string("layer1.0.add"));
        // Pulled off again, both are gone.
        bench.drag(bench.port("layer1.1.", 0, false),
                   bench.port("layer1.1.", 0, false) + QPoint(-20, 90));
        QVERIFY(!bench.document.graph().edgeInto({"layer1.1.conv1", 0}));
        QVERIFY(!bench.document.graph().edgeInto({"layer1.1.add", 1}));
        // Its output to another block replaces the wire that was there.
        bench.drag(bench.port("layer1.1.", 0, true), bench.port("last", 0, false));
        QCOMPARE(bench.document.graph().edgeInto({"last", 0})->from.node,
                 std::string("layer1.1.add"));
    }

    void collapsingAndExpandingGivesBackThePicture() {
        Grouped bench;
        bench.key(Qt::Key_C, Qt::AltModifier);
        QVERIFY(!isCollapsed(bench.document.graph(), "layer1.0"));
        QCOMPARE(bench.scene().frames().size(), 1u);
        QCOMPARE(bench.scene().blocks().size(), 8u);
        const QRectF frame = bench.scene().frames().front()->rect();
        for (const auto& [key, block] : bench.scene().blocks()) {
            const bool inside = isInside(key, "layer1.0");
            QVERIFY2(
                inside ? frame.contains(block->sceneRect()) : !frame.intersects(block->sceneRect()),
                key.c_str());
        }
        QCOMPARE(bench.scene().block("layer1.0.relu")->geometry().name, QStringLiteral("relu"));
        // All of the frame is selected, so the same key collapses it again.
        QCOMPARE(bench.scene().selectedGroup(), std::string("layer1.0"));
        const Graph open = bench.document.graph();
        bench.key(Qt::Key_C, Qt::AltModifier);
        QVERIFY(bench.scene().block("layer1.0."));
        bench.key(Qt::Key_C, Qt::AltModifier);
        for (const Node& node : open.nodes)
            QVERIFY2(node.position == bench.document.graph().find(node.id)->position,
                     node.id.c_str());
        // One block inside is enough to say which group.
        bench.scene().select({"layer1.0.relu"});
        bench.key(Qt::Key_C, Qt::AltModifier);
        QVERIFY(bench.scene().block("layer1.0.")->isSelected());
    }

    void theTitleOfAFrameMovesItsBlocks() {
        Grouped bench;
        bench.key(Qt::Key_C, Qt::AltModifier);
        bench.view.fitAll();
        bench.scene().clearSelection();
        const FrameItem* frame = bench.scene().frames().front();
        const Position before = bench.document.graph().find("layer1.0.relu")->position;
        const QPoint title = bench.at(frame->titleRect().center());
        bench.drag(title, title + QPoint(0, 60));
        QVERIFY(bench.document.graph().find("layer1.0.relu")->position.y > before.y + 30);
        QCOMPARE(bench.scene().selectedGroup(), std::string("layer1.0"));
        QVERIFY(bench.page.inspector()->groupPage()->isVisible());
    }

    void doubleClickOpensAGroupAndEscapeLeavesIt() {
        Grouped bench;
        bench.view.fitAll();
        bench.doubleClick(bench.middle("layer1.0."));
        QCOMPARE(bench.scene().scope(), std::string("layer1.0"));
        QCOMPARE(bench.boxes(), 4u);
        QCOMPARE(bench.scene().block("layer1.0.conv1")->geometry().name, QStringLiteral("conv1"));
        QVERIFY(bench.scene().block("from stem") && bench.scene().block("to layer1.0.add"));
        QCOMPARE(bench.scene().wires().size(), 6u);
        const auto& steps = bench.view.overlays()->breadcrumb()->steps();
        QVERIFY(bench.view.overlays()->breadcrumb()->isVisible());
        QCOMPARE(steps.size(), 3u);
        QCOMPARE(steps[0]->text(), QStringLiteral("network"));
        QCOMPARE(steps[2]->text(), QStringLiteral("0"));
        // New blocks belong to the group.
        bench.scene().select({"layer1.0.conv1"});
        bench.key(Qt::Key_Tab);
        QTest::keyClicks(bench.search(), QStringLiteral("BatchNorm2d"));
        QTest::keyClick(bench.search(), Qt::Key_Return);
        QVERIFY(bench.document.graph().find("layer1.0.bn1"));
        QCOMPARE(bench.document.graph().edgeInto({"layer1.0.relu", 0})->from.node,
                 std::string("layer1.0.bn1"));
        bench.key(Qt::Key_Escape);  // the selection
        bench.key(Qt::Key_Escape);  // the group
        QCOMPARE(bench.scene().scope(), std::string());
        QVERIFY(!bench.view.overlays()->breadcrumb()->isVisible());
        QCOMPARE(bench.scene().selectedKeys(), std::vector<std::string>{"layer1.0."});
        // Enter goes in as well, Backspace comes out, and a click on a step too.
        bench.key(Qt::Key_Return);
        QCOMPARE(bench.scene().scope(), std::string("layer1.0"));
        bench.key(Qt::Key_Backspace);
        QCOMPARE(bench.scene().scope(), std::string());
        bench.key(Qt::Key_Return);
        QTest::mouseClick(bench.view.overlays()->breadcrumb()->steps()[0], Qt::LeftButton);
        QCOMPARE(bench.scene().scope(), std::string());
        QCOMPARE(bench.document.graph().nodes.size(), 9u);
    }

    void aBlockIsPutBehindTheLastOfAnOpenGroup() {
        Grouped bench;
        bench.view.openGroup("layer1.0");
        bench.view.addFromPalette(QStringLiteral("ReLU"));
        QVERIFY(bench.document.graph().find("layer1.0.relu2"));
        QCOMPARE(bench.document.graph().edgeInto({"last", 0})->from.node,
                 std::string("layer1.0.relu2"));
        QCOMPARE(bench.document.graph().edgeInto({"layer1.0.relu2", 0})->from.node,
                 std::string("layer1.0.add"));
    }

    void endsOutsideTakeWiresAndLeadThere() {
        Grouped bench;
        bench.view.openGroup("layer1.0");
        bench.view.fitAll();
        // From what comes in straight to the second convolution.
        bench.drag(bench.port("from stem", 0, true), bench.port("layer1.0.conv2", 0, false));
        QCOMPARE(bench.document.graph().edgeInto({"layer1.0.conv2", 0})->from.node,
                 std::string("stem"));
        // What goes out is taken from another block.
        bench.drag(bench.port("layer1.0.conv2", 0, true), bench.port("to layer1.0.add", 0, false));
        QCOMPARE(bench.document.graph().edgeInto({"last", 0})->from.node,
                 std::string("layer1.0.conv2"));
        bench.doubleClick(bench.middle("from stem"));
        QCOMPARE(bench.scene().scope(), std::string());
        QCOMPARE(bench.scene().selectedKeys(), std::vector<std::string>{"stem"});
    }

    void nestedGroupsOpenStepByStep() {
        Grouped bench;
        bench.scene().select({"stem", "layer1.0."});
        bench.key(Qt::Key_G, Qt::ControlModifier);
        QTest::keyClicks(bench.view.askCard()->field(), QStringLiteral("body"));
        QTest::keyClick(bench.view.askCard()->field(), Qt::Key_Return);
        QCOMPARE(bench.scene().blocks().size(), 4u);
        bench.key(Qt::Key_Return);
        QVERIFY(bench.scene().block("body.layer1.0."));
        QCOMPARE(bench.boxes(), 2u);
        bench.scene().select({"body.layer1.0."});
        bench.key(Qt::Key_Return);
        QCOMPARE(bench.scene().scope(), std::string("body.layer1.0"));
        bench.key(Qt::Key_Backspace);
        QCOMPARE(bench.scene().scope(), std::string("body"));
        QCOMPARE(bench.scene().selectedKeys(), std::vector<std::string>{"body.layer1.0."});
        // Undo of the group one is inside of leads out of it.
        bench.document.undoStack()->undo();
        QCOMPARE(bench.scene().scope(), std::string());
        QVERIFY(bench.scene().block("layer1.0."));
    }

    void faultsInsideMarkTheBoxAndProblemsLeadThere() {
        Grouped bench;
        bench.document.editGraph(QStringLiteral("break"), [](const Graph& graph) {
            return edit::setParam(graph, "layer1.0.conv2", "kernel_size", Value(9));
        });
        QCOMPARE(bench.scene().block("layer1.0.")->severity(), std::optional(Severity::Error));
        const auto& diagnostics = bench.document.report().diagnostics;
        const auto found = std::find_if(diagnostics.begin(), diagnostics.end(),
                                        [](const auto& d) { return d.node == "layer1.0.conv2"; });
        QVERIFY(found != diagnostics.end());
        bench.page.showProblem(*found);
        QCOMPARE(bench.scene().scope(), std::string("layer1.0"));
        QCOMPARE(bench.selected(), std::vector<NodeId>{"layer1.0.conv2"});
    }

    void layersArePutBehindGroupsAndOntoTheirWires() {
        Grouped bench;
        bench.view.addFromPalette(QStringLiteral("Dropout"));
        QCOMPARE(bench.document.graph().edgeInto({"last", 0})->from.node, std::string("dropout"));
        QCOMPARE(bench.document.graph().edgeInto({"dropout", 0})->from.node,
                 std::string("layer1.0.add"));
        // The wire into the group is one on the canvas and two in the network.
        const WireItem* wire = bench.scene().wire({{"stem", 0}, {"layer1.0.", 0}});
        QVERIFY(wire);
        canvas_edits::addBlock(bench.document, QStringLiteral("ReLU"), {0, 0}, wire->wires());
        QCOMPARE(bench.document.graph().edgeInto({"layer1.0.conv1", 0})->from.node,
                 std::string("relu"));
        QCOMPARE(bench.document.graph().edgeInto({"layer1.0.add", 1})->from.node,
                 std::string("relu"));
    }

    void tidyingTreatsGroupsAsUnits() {
        Grouped bench;
        bench.view.tidyUp();
        for (const auto& [a, first] : bench.scene().blocks())
            for (const auto& [b, second] : bench.scene().blocks())
                QVERIFY2(first == second || !first->sceneRect().intersects(second->sceneRect()),
                         (a + " " + b).c_str());
        const QRectF before = bench.scene().block("stem")->sceneRect();
        QVERIFY(before.right() < bench.scene().block("layer1.0.")->sceneRect().left());
        bench.view.openGroup("layer1.0");
        bench.view.tidyUp();
        QVERIFY(bench.scene().block("layer1.0.conv1")->pos().x() <
                bench.scene().block("layer1.0.relu")->pos().x());
    }
};

QTEST_MAIN(GroupsTest)
#include "groups_test.moc"
