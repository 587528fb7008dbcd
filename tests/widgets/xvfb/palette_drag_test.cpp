#include <QTest>
#include <QTimer>

#include "core/graph/text_form.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/canvas/layer_list.h"
#include "widgets/canvas/palette_panel.h"
#include "widgets/style/theme.h"

using namespace loom;

/// A drag from the palette as the desktop carries it out. Needs an X server: the offscreen platform
/// never delivers one.
class PaletteDragTest : public QObject {
    Q_OBJECT

    /// QDrag::exec blocks, so the mouse is moved and let go from a timer.
    static void dragRow(DesignPage& page, const char* kind, const QPoint& to) {
        LayerList* list = page.palettePanel()->list();
        const auto rows = list->findItems(QLatin1String(kind), Qt::MatchExactly);
        QCOMPARE(rows.size(), 1);
        list->scrollToItem(rows.first());
        QWidget* source = list->viewport();
        QWindow* window = page.window()->windowHandle();
        const QPoint from = list->visualItemRect(rows.first()).center();
        const QPoint start = source->mapTo(page.window(), from),
                     end = page.canvas()->viewport()->mapTo(page.window(), to);
        int step = 0;
        QTimer timer;
        QObject::connect(&timer, &QTimer::timeout, &timer, [&] {
            ++step;
            if (step <= 12)
                QTest::mouseMove(window, start + (end - start) * step / 12);
            else if (step == 15)
                QTest::mouseRelease(window, Qt::LeftButton, {}, end);
            else if (step > 15)
                timer.stop();
        });
        QTest::mousePress(window, Qt::LeftButton, {}, start);
        timer.start(40);
        for (int i = 1; i <= 4; ++i) QTest::mouseMove(window, start + QPoint(5 * i, 2 * i));
        QTRY_VERIFY_WITH_TIMEOUT(step > 15, 5000);
    }

private Q_SLOTS:
    void initTestCase() {
        if (QGuiApplication::platformName() == QLatin1String("offscreen"))
            QSKIP("A drag needs an X server, which ctest brings: ctest -R palette_drag");
        Theme::apply(*qApp, ThemeMode::Light);
    }

    void layersAreDraggedOntoTheCanvasAndOntoWires() {
        DocumentController document;
        DesignPage page(document);
        page.resize(1280, 800);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        Project project = newProject();
        project.network = *graphFromText("Input 1x28x28 > out=Output");
        project.network.nodes[1].position = {400, 0};
        document.reset(project);
        CanvasView& view = *page.canvas();

        const QPoint empty = view.mapFromScene(QPointF(200, 180));
        dragRow(page, "Dropout", empty);
        QTRY_VERIFY(document.graph().find("dropout"));
        QVERIFY(view.drawing().block("dropout")->sceneRect().contains(view.mapToScene(empty)));
        QCOMPARE(document.graph().edges.size(), 1u);

        dragRow(page, "Flatten", view.mapFromScene(QPointF(270, 26)));
        QTRY_VERIFY(document.graph().find("flatten"));
        QVERIFY(view.drawing().wire({{"input", 0}, {"flatten", 0}}));
        QVERIFY(view.drawing().wire({{"flatten", 0}, {"out", 0}}));
        QCOMPARE(document.undoStack()->count(), 2);
    }
};

QTEST_MAIN(PaletteDragTest)
#include "palette_drag_test.moc"
