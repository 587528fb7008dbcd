// A network drawn with the keyboard alone, and what a half-drawn one looks like.

#include <QComboBox>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>

#include "tests/widgets/canvas_bench.h"
#include "widgets/bridge/problems.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/diagnostic_popup.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/group_page.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/inspector/network_page.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/problem_card.h"
#include "widgets/style/theme.h"

using namespace loom;

namespace {

/// Keys go to whatever has the keyboard, as a person's do.
void keys(const char* text) {
    for (const char* at = text; *at; ++at) QTest::keyClick(QApplication::focusWidget(), *at);
}
void key(Qt::Key which, Qt::KeyboardModifiers with = {}) {
    QTest::keyClick(QApplication::focusWidget(), which, with);
}
void add(const char* kind) {
    key(Qt::Key_Tab);
    keys(kind);
    key(Qt::Key_Return);
}

/// The kinds along the wires from the first source on.
std::string chain(const Bench& bench) {
    const Graph& graph = bench.document.graph();
    std::string kinds;
    for (const NodeId& id : topologicalOrder(graph))
        if (!graph.edgesFrom(id).empty() || !graph.edgesInto(id).empty())
            kinds += (kinds.empty() ? "" : " > ") + graph.find(id)->kind;
    return kinds;
}

void active(Bench& bench) {
    bench.page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&bench.page));
    bench.view.setFocus();
    QVERIFY(bench.view.hasFocus());
}

}  // namespace

class KeyboardDrawingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void aNetworkIsDrawnWithoutTheMouse() {
        Bench bench("Input ; Output", 480);
        active(bench);
        add("conv2d");
        QCOMPARE(bench.selected(), std::vector<NodeId>{"conv1"});
        key(Qt::Key_Return);
        QVERIFY(bench.page.inspector()->isAncestorOf(QApplication::focusWidget()));
        keys("16");
        key(Qt::Key_Escape);
        QVERIFY(bench.view.hasFocus());
        QCOMPARE(bench.document.graph().find("conv1")->params.find("out_channels")->asInt(), 16);
        add("relu");
        add("flatten");
        add("linear");
        key(Qt::Key_Return);
        keys("10");
        key(Qt::Key_Return);
        QVERIFY(bench.view.hasFocus());
        QCOMPARE(chain(bench), std::string("Input > Conv2d > ReLU > Flatten > Linear > Output"));
        QCOMPARE(bench.document.graph().find("fc1")->params.find("out_features")->asInt(), 10);
        QVERIFY(bench.document.report().ok());
    }

    void theFirstTabIsAsGoodAsTheFirstClick() {
        for (const char* kind : {"Conv2d", "ReLU", "Flatten", "Linear", "Dropout"}) {
            Bench byKey("Input ; Output", 480), byClick("Input ; Output", 480);
            active(byKey);
            add(kind);
            LayerList* list = byClick.page.palettePanel()->list();
            QListWidgetItem* row =
                list->findItems(QString::fromLatin1(kind), Qt::MatchExactly).value(0);
            QVERIFY(row);
            list->scrollToItem(row);
            QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                              list->visualItemRect(row).center());
            QCOMPARE(byKey.text(), byClick.text());
            QCOMPARE(byKey.document.graph().edges.size(), std::size_t(2));
        }
        // With an end selected, with several, with nothing: always behind what leads on.
        for (const std::vector<std::string>& chosen :
             {std::vector<std::string>{"output"}, {"input", "output"}, {}}) {
            Bench bench("Input 1x28x28 > a=ReLU > Output");
            active(bench);
            bench.view.drawing().select(chosen);
            add("Tanh");
            QCOMPARE(chain(bench), std::string("Input > ReLU > Tanh > Output"));
        }
    }

    void onNothingAtAllTheEndsFindTheirPlaces() {
        Bench bench("Input ; Output");
        Project empty = newProject();
        empty.network = {};
        bench.document.reset(empty);
        active(bench);
        add("ReLU");
        QCOMPARE(bench.document.graph().nodes.size(), std::size_t(1));
        add("Input");
        add("Output");
        QCOMPARE(chain(bench), std::string("Input > ReLU > Output"));
        // A second source stands apart.
        add("Parameter");
        QCOMPARE(bench.document.graph().edges.size(), std::size_t(2));
        QCOMPARE(bench.document.graph().nodes.size(), std::size_t(4));
    }

    void escapeAndEnterLeaveEveryField() {
        Bench bench(
            "Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 > lstm=LSTM hidden_size=3 > "
            "Output");
        active(bench);
        for (const char* id : {"conv", "lstm"}) {
            bench.view.drawing().select({id});
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            BlockPage* page = bench.page.inspector()->blockPage();
            QList<QWidget*> fields;
            for (QWidget* field : page->findChildren<QWidget*>())
                if (field->isVisible() && (field->focusPolicy() & Qt::TabFocus) &&
                    (qobject_cast<QLineEdit*>(field) || qobject_cast<QComboBox*>(field) ||
                     field->objectName().startsWith(QStringLiteral("param."))))
                    fields << field;
            QVERIFY(fields.size() > 3);
            for (QWidget* field : fields)
                for (const Qt::Key leave : {Qt::Key_Escape, Qt::Key_Return}) {
                    field->setFocus();
                    if (!field->hasFocus()) continue;
                    key(leave);
                    QVERIFY2(bench.view.hasFocus(), qPrintable(field->objectName()));
                }
        }
        QCOMPARE(bench.document.undoStack()->count(), 0);
    }

    void escapeKeepsTheNameAndEnterTakesIt() {
        Bench bench("Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 > Output");
        active(bench);
        bench.click(bench.middle("conv"));
        BlockPage* page = bench.page.inspector()->blockPage();
        page->focusName();
        keys("other");
        key(Qt::Key_Escape);
        QVERIFY(bench.view.hasFocus());
        QVERIFY(bench.document.graph().find("conv"));
        QCOMPARE(page->nameField()->text(), QStringLiteral("conv"));
        page->focusName();
        keys("first");
        key(Qt::Key_Return);
        QVERIFY(bench.view.hasFocus());
        QVERIFY(bench.document.graph().find("first"));
        // What cannot be read as a number is put back.
        key(Qt::Key_Return);
        keys("many");
        key(Qt::Key_Escape);
        QVERIFY(bench.view.hasFocus());
        QCOMPARE(bench.document.graph().find("first")->params.find("out_channels")->asInt(), 4);
    }

    void aClickInThePaletteLeavesTheKeyboardOnTheCanvas() {
        Bench bench("Input 1x28x28 > a=ReLU > Output");
        active(bench);
        PalettePanel* palette = bench.page.palettePanel();
        LayerList* list = palette->list();
        QListWidgetItem* row = list->findItems(QStringLiteral("Tanh"), Qt::MatchExactly).value(0);
        list->scrollToItem(row);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualItemRect(row).center());
        QVERIFY(bench.document.graph().find("tanh"));
        QVERIFY(bench.view.hasFocus());
        // A heading, and the empty part, do nothing to it either.
        list->scrollToTop();
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, QPoint(30, 8));
        QVERIFY(bench.view.hasFocus());
        add("Sigmoid");
        QVERIFY(bench.document.graph().find("sigmoid"));
        // From the search field a click goes to the canvas, too; Escape does.
        palette->searchField()->setFocus();
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                          list->visualItemRect(list->item(1)).center());
        QVERIFY(bench.view.hasFocus());
        palette->searchField()->setFocus();
        keys("dr");
        key(Qt::Key_Escape);
        QVERIFY(palette->searchField()->hasFocus());
        key(Qt::Key_Escape);
        QVERIFY(bench.view.hasFocus());
    }

    void halfDrawnIsAdviceAndNoAlarm() {
        Bench bench("Input ; conv=Conv2d out_channels=4 kernel_size=3 ; Output");
        const auto severity = [&](const char* id) {
            return bench.view.drawing().block(id)->severity();
        };
        for (const char* id : {"input", "conv", "output"})
            QCOMPARE(severity(id), std::optional(Severity::Info));
        QCOMPARE(toneOf(*foremostProblem(bench.document.report())), Tone::Advice);
        DiagnosticPopup* card = bench.view.overlays()->diagnosticPopup();
        bench.click(bench.middle("conv"));
        QVERIFY(card->isVisible());
        QCOMPARE(card->property("card").toString(), QStringLiteral("true"));
        bench.view.drawing().clearSelection();
        for (const ProblemCard* one :
             bench.page.inspector()->networkPage()->findChildren<ProblemCard*>())
            QCOMPARE(one->property("card").toString(), QStringLiteral("true"));
        // A mistake beside it stays an alarm, and the first that is said.
        bench.drag(bench.port("input", 0, true), bench.port("conv", 0, false));
        bench.document.editGraph(QStringLiteral("Break"), [](const Graph& graph) {
            Graph next = graph;
            next.find("conv")->params.set("kernel_size", Value(99));
            return Result<Graph>(next);
        });
        QCOMPARE(severity("conv"), std::optional(Severity::Error));
        QCOMPARE(toneOf(*foremostProblem(bench.document.report())), Tone::Danger);
    }

    void whatLiesOnANarrowCanvasFits() {
        Bench bench(
            "Input 1x28x28 > conv=Conv2d out_channels=4 kernel_size=3 > fc=Linear out_features=10 "
            "> Output");
        bench.page.resize(800, 400);
        active(bench);
        const QRect room = bench.view.rect();
        QVERIFY(room.width() < 400);
        bench.view.drawing().select({"fc"});
        DiagnosticPopup* card = bench.view.overlays()->diagnosticPopup();
        QVERIFY(card->isVisible());
        QVERIFY(room.contains(card->geometry()));
        for (const QPushButton* button : card->fixButtons())
            QVERIFY(
                card->rect().contains(QRect(button->mapTo(card, QPoint()), button->sizeHint())));
        key(Qt::Key_Tab);
        QVERIFY(room.contains(bench.view.addPopup()->geometry()));
        key(Qt::Key_Escape);
        key(Qt::Key_Question, Qt::ShiftModifier);
        for (const QWidget* child : bench.view.findChildren<QWidget*>(Qt::FindDirectChildrenOnly))
            if (child->isVisible() && child != bench.view.viewport())
                QVERIFY2(room.contains(child->geometry()), child->metaObject()->className());
    }

    void altEnterAsksTheWindowWhereNothingIsSelected() {
        Bench bench("Input > conv=Conv2d out_channels=4 kernel_size=3 > Output");
        active(bench);
        QSignalSpy asked(&bench.view, &CanvasView::repairAsked);
        key(Qt::Key_Return, Qt::AltModifier);
        QCOMPARE(asked.count(), 1);
        // Escape put the card away; the key still mends what is selected.
        bench.click(bench.middle("conv"));
        key(Qt::Key_Escape);
        QVERIFY(!bench.view.overlays()->diagnosticPopup()->isVisible());
        key(Qt::Key_Return, Qt::AltModifier);
        QCOMPARE(asked.count(), 1);
        QVERIFY(bench.document.report().ok());
        QCOMPARE(bench.document.graph().nodes.size(), std::size_t(5));
        const auto& blocks = bench.view.drawing().blocks();
        for (const auto& [a, first] : blocks)
            for (const auto& [b, second] : blocks)
                QVERIFY2(a == b || !first->sceneRect().intersects(second->sceneRect()),
                         (a + " on " + b).c_str());
    }
};

QTEST_MAIN(KeyboardDrawingTest)
#include "keyboard_drawing_test.moc"
