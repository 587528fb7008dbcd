#include <QClipboard>
#include <QDir>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QTreeWidget>

#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "core/project/project_file.h"
#include "tests/widgets/canvas_bench.h"
#include "widgets/canvas/ask_card.h"
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

namespace {

const char* const kResidual =
    "Input 8x4x4 > stem=Conv2d out_channels=8 kernel_size=1 > conv1=Conv2d out_channels=8 "
    "kernel_size=3 padding=1 > relu=ReLU > conv2=Conv2d out_channels=8 kernel_size=3 padding=1 > "
    "add=Add > last=ReLU > Output ; stem > add:1";

/// The residual network with its four middle blocks grouped as a person does it.
struct Grouped : Bench {
    explicit Grouped(const char* path = "layer1.0") : Bench(kResidual, 200) {
        view.drawing().select({"conv1", "relu", "conv2", "add"});
        key(Qt::Key_G, Qt::ControlModifier);
        QTest::keyClick(view.askCard()->field(), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(view.askCard()->field(), QLatin1String(path));
        QTest::keyClick(view.askCard()->field(), Qt::Key_Return);
    }
    void doubleClick(QPoint p) {
        QTest::mouseClick(surface(), Qt::LeftButton, {}, p);
        QTest::mouseDClick(surface(), Qt::LeftButton, {}, p);
    }
    CanvasScene& scene() const { return view.drawing(); }
    std::size_t boxes() const {
        std::size_t count = 0;
        for (const auto& [id, block] : scene().blocks()) count += !block->isOutside();
        return count;
    }
};

}  // namespace

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

    void repeatingAsksHowOften() {
        Grouped bench;
        bench.view.repeatGroup();
        AskCard* card = bench.view.askCard();
        QVERIFY(card->isVisible());
        QTest::keyClicks(card->field(), QStringLiteral("x"));
        QVERIFY(card->note().contains(QStringLiteral("number")));
        QTest::keyClick(card->field(), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(card->field(), QStringLiteral("3"));
        QVERIFY2(card->note().contains(QStringLiteral("8 blocks")), qPrintable(card->note()));
        QTest::keyClick(card->field(), Qt::Key_Return);
        QVERIFY(bench.scene().block("layer1.2."));
        QCOMPARE(bench.document.graph().edgeInto({"last", 0})->from.node,
                 std::string("layer1.2.add"));
        QVERIFY(bench.document.report().shapes.find("output")->known);
        for (const auto& [a, first] : bench.scene().blocks())
            for (const auto& [b, second] : bench.scene().blocks())
                QVERIFY2(first == second || !first->sceneRect().intersects(second->sceneRect()),
                         (a + " " + b).c_str());
    }

    void whatCannotFollowItselfIsNotRepeated() {
        Bench bench(
            "Input 8x4x4 > conv=Conv2d out_channels=8 kernel_size=3 > flatten=Flatten > fc=Linear "
            "out_features=4 > Output");
        bench.document.editGraph(QStringLiteral("group"), [](const Graph& graph) {
            return edit::group(graph, {"conv", "flatten"}, "g");
        });
        bench.view.drawing().select({"g."});
        bench.view.repeatGroup();
        AskCard* card = bench.view.askCard();
        QVERIFY2(card->note().startsWith(QStringLiteral("g gives 32, and a copy cannot take that")),
                 qPrintable(card->note()));
        QTest::keyClick(card->field(), Qt::Key_Return);
        QCOMPARE(bench.document.graph().nodes.size(), 5u);
    }

    void savedGroupsComeBackFromThePalette() {
        Grouped bench;
        bench.view.saveToLibrary();
        QTest::keyClick(bench.view.askCard()->field(), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(bench.view.askCard()->field(), QStringLiteral("Residual block"));
        QTest::keyClick(bench.view.askCard()->field(), Qt::Key_Return);
        QListWidget* library = bench.page.palettePanel()->library();
        QCOMPARE(library->count(), 1);
        QVERIFY(library->isVisible());
        QCOMPARE(library->item(0)->text(), QStringLiteral("Residual block"));
        QCOMPARE(library->item(0)->data(LibraryList::BlocksRole).toInt(), 4);

        // In another project: behind the selected block, wired, at one click.
        Bench other("Input 8x4x4 > a=ReLU > b=ReLU > Output");
        other.view.drawing().select({"a"});
        QListWidget* list = other.page.palettePanel()->library();
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                          list->visualItemRect(list->item(0)).center());
        const Graph& graph = other.document.graph();
        QVERIFY(other.view.drawing().block("residual_block."));
        QCOMPARE(graph.edgeInto({"residual_block.conv1", 0})->from.node, std::string("a"));
        QCOMPARE(graph.edgeInto({"residual_block.add", 1})->from.node, std::string("a"));
        QCOMPARE(graph.edgeInto({"b", 0})->from.node, std::string("residual_block.add"));
        QVERIFY(other.document.report().shapes.find("output")->known);
        QCOMPARE(other.document.undoStack()->count(), 1);
        // Dropped, it stands where it was dropped.
        QMimeData mime;
        mime.setData(QLatin1String(kLibraryMime),
                     list->item(0)->data(LibraryList::FileRole).toString().toUtf8());
        const QPoint at(300, 500);
        QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(other.surface(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(other.surface(), &drop);
        QVERIFY(other.view.drawing().block("residual_block2."));
        QVERIFY(!graph.edgeInto({"residual_block2.conv1", 0}));

        // Renamed and removed.
        list->item(0)->setText(QStringLiteral("Skip"));
        QCoreApplication::processEvents();
        QCOMPARE(list->item(0)->text(), QStringLiteral("Skip"));
        QVERIFY(QFile::exists(group_library::folder() + QStringLiteral("/Skip.loomgroup")));
        QVERIFY(group_library::remove(list->item(0)->data(LibraryList::FileRole).toString()).ok());
        other.page.palettePanel()->showLibrary();
        QCOMPARE(list->count(), 0);
        QVERIFY(!list->isVisible());
    }

    void theInspectorShowsTheGroup() {
        Grouped bench;
        GroupPage* page = bench.page.inspector()->groupPage();
        QVERIFY(page->isVisible());
        QCOMPARE(page->group(), std::string("layer1.0"));
        page->nameField()->setFocus();
        page->nameField()->selectAll();
        QTest::keyClicks(page->nameField(), QStringLiteral("stage"));
        QTest::keyClick(page->nameField(), Qt::Key_Return);
        QVERIFY(bench.document.graph().find("stage.conv1"));
        QCOMPARE(page->group(), std::string("stage"));
        QCOMPARE(bench.scene().selectedKeys(), std::vector<std::string>{"stage."});
        QTest::mouseClick(page->button(QStringLiteral("expand")), Qt::LeftButton);
        QCOMPARE(bench.scene().frames().size(), 1u);
        QCOMPARE(page->button(QStringLiteral("expand"))->text(), QStringLiteral("Collapse"));
        QTest::mouseClick(page->button(QStringLiteral("ungroup")), Qt::LeftButton);
        QVERIFY(bench.document.graph().find("conv1"));
        QVERIFY(!page->isVisible());
    }

    void renamingOnTheCanvasRenamesTheGroup() {
        Grouped bench;
        bench.key(Qt::Key_F2);
        auto* field = bench.view.findChild<QLineEdit*>(QStringLiteral("canvas.rename"));
        QVERIFY(field);
        QTest::keyClicks(field, QStringLiteral("res"));
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(bench.document.graph().find("res.conv1"));
        QCOMPARE(bench.scene().selectedKeys(), std::vector<std::string>{"res."});
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

    void sharingAModuleIsOneClick() {
        Bench bench(
            "Input 8x4x4 > a=Conv2d out_channels=8 kernel_size=3 padding=1 > b=Conv2d "
            "out_channels=8 kernel_size=3 padding=1 > Flatten > Linear out_features=10 > Output");
        const auto whole = bench.document.report().shapes.parameters;
        bench.view.shareModule("b", "a");
        QCOMPARE(bench.document.graph().find("b")->sharesWith, std::string("a"));
        QVERIFY(bench.document.report().shapes.parameters < whole);
        QCOMPARE(bench.view.drawing().block("b")->geometry().owner, QStringLiteral("a"));
        QVERIFY(bench.view.drawing().block("b")->geometry().badge.contains(QStringLiteral("a")));
        bench.view.drawing().select({"b"});
        BlockPage* page = bench.page.inspector()->blockPage();
        QVERIFY(
            !page->form()->editor(QStringLiteral("out_channels"))->isEnabled() ||
            page->form()->editor(QStringLiteral("out_channels"))->property("readOnly").toBool());
        QTest::mouseClick(page->findChild<QPushButton*>(QStringLiteral("inspector.owner")),
                          Qt::LeftButton);
        QCOMPARE(bench.selected(), std::vector<NodeId>{"a"});
        bench.view.drawing().select({"b"});
        QTest::mouseClick(page->findChild<QPushButton*>(QStringLiteral("inspector.ownModule")),
                          Qt::LeftButton);
        QVERIFY(bench.document.graph().find("b")->sharesWith.empty());
        QCOMPARE(bench.document.report().shapes.parameters, whole);
    }

    void aReadOnlyProjectCanBeLookedAtInside() {
        Grouped bench;
        Project project = bench.document.project();
        bench.document.reset(project, {}, true);
        bench.scene().select({"layer1.0."});
        bench.key(Qt::Key_G, Qt::ControlModifier);
        bench.key(Qt::Key_C, Qt::AltModifier);
        bench.key(Qt::Key_D, Qt::ControlModifier);
        bench.key(Qt::Key_G, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(bench.document.project() == project);
        QVERIFY(
            !bench.page.inspector()->groupPage()->button(QStringLiteral("expand"))->isEnabled());
        bench.scene().select({"layer1.0."});
        bench.key(Qt::Key_Return);
        QCOMPARE(bench.scene().scope(), std::string("layer1.0"));
    }

    void collapsedGroupsAreSavedAndComeBack() {
        Grouped bench;
        const std::string json = projectToJson(bench.document.project());
        Bench other("ReLU");
        other.document.reset(projectFromJson(json)->project);
        QVERIFY(other.view.drawing().block("layer1.0."));
        QCOMPARE(other.view.drawing().block("layer1.0.")->pos(),
                 bench.scene().block("layer1.0.")->pos());
        QCOMPARE(projectToJson(other.document.project()), json);
    }

    void theSummaryIsATableOfTheNetwork() {
        Grouped bench;
        SummaryPanel* panel = bench.page.summary();
        QVERIFY(!panel->isVisible());
        Q_EMIT bench.view.summaryAsked();
        QVERIFY(panel->isVisible());
        QTreeWidget* table = panel->table();
        // input, stem, the group of the group, last, output
        QCOMPARE(table->topLevelItemCount(), 5);
        QTreeWidgetItem* group = table->topLevelItem(2)->child(0);
        QCOMPARE(group->text(SummaryPanel::Name), QStringLiteral("0"));
        QCOMPARE(group->childCount(), 4);
        QCOMPARE(group->text(SummaryPanel::Kind), QStringLiteral("4 blocks"));
        QCOMPARE(group->text(SummaryPanel::Parameters), QStringLiteral("1,168"));
        QVERIFY(panel->totals().contains(QStringLiteral("1,240 parameters")));
        QVERIFY(panel->forecast().contains(QStringLiteral("gradients")));
        // A click selects on the canvas; inside of a collapsed group it leads there.
        table->setCurrentItem(table->topLevelItem(1));
        QCOMPARE(bench.selected(), std::vector<NodeId>{"stem"});
        group->setExpanded(true);
        table->setCurrentItem(group->child(0));
        QCOMPARE(bench.scene().scope(), std::string("layer1.0"));
        QCOMPARE(bench.selected(), std::vector<NodeId>{"layer1.0.conv1"});
        table->setCurrentItem(group);
        QCOMPARE(bench.scene().selectedGroup(), std::string("layer1.0"));
        // What is selected there is marked here.
        bench.view.openGroup({});
        bench.view.setFocus();
        bench.scene().select({"last"});
        QCOMPARE(table->selectedItems().size(), 1);
        QCOMPARE(table->selectedItems().front()->text(SummaryPanel::Name), QStringLiteral("last"));
        table->sortByColumn(SummaryPanel::Parameters, Qt::DescendingOrder);
        QCOMPARE(table->topLevelItem(0)->text(SummaryPanel::Name), QStringLiteral("layer1"));
        table->sortByColumn(SummaryPanel::Order, Qt::AscendingOrder);
        QCOMPARE(table->topLevelItem(0)->text(SummaryPanel::Name), QStringLiteral("input"));
        QTest::mouseClick(panel->findChild<QPushButton*>(QStringLiteral("summary.csv")),
                          Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().startsWith(QStringLiteral("block,kind,output")));
        QTest::mouseClick(panel->findChild<QPushButton*>(QStringLiteral("summary.markdown")),
                          Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("**Total**")));
    }
};

QTEST_MAIN(GroupsTest)
#include "groups_test.moc"
