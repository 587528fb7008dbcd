#include <QClipboard>
#include <QDir>
#include <QMimeData>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTreeWidget>

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

/// What is done with groups: repeating, keeping, sharing, naming, looking through.
class GroupToolsTest : public QObject {
    Q_OBJECT
    QTemporaryDir m_home;

private Q_SLOTS:
    void initTestCase() {
        Theme::apply(*qApp, ThemeMode::Light);
        qputenv("XDG_DATA_HOME", m_home.path().toUtf8());
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

QTEST_MAIN(GroupToolsTest)
#include "group_tools_test.moc"
