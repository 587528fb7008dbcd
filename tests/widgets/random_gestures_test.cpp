#include <QClipboard>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QRandomGenerator>
#include <QTest>
#include <QWheelEvent>
#include <cmath>
#include <iterator>

#include "core/graph/text_form.h"
#include "core/project/project_file.h"
#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/ask_card.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/canvas/diagnostic_popup.h"
#include "widgets/style/theme.h"

using namespace loom;

/// Whatever mouse and keys do, in whatever order, the canvas stays a canvas.
class RandomGesturesTest : public QObject {
    Q_OBJECT

    QRandomGenerator m_random;

    QPoint anywhere(CanvasView& view) {
        // Half of the time on a block or port, where something happens.
        const auto& blocks = view.drawing().blocks();
        if (!blocks.empty() && m_random.bounded(2)) {
            auto it = blocks.begin();
            std::advance(it, m_random.bounded(int(blocks.size())));
            const auto ports = it->second->ports();
            QPointF spot = it->second->sceneRect().center();
            if (!ports.empty() && m_random.bounded(2))
                spot = it->second->portPoint(ports[m_random.bounded(quint32(ports.size()))]);
            const QPoint at = view.mapFromScene(spot);
            if (view.viewport()->rect().contains(at)) return at;
        }
        return QPoint(m_random.bounded(view.viewport()->width()),
                      m_random.bounded(view.viewport()->height()));
    }

    void drag(CanvasView& view) {
        const Qt::MouseButton button = m_random.bounded(6) ? Qt::LeftButton : Qt::MiddleButton;
        const Qt::KeyboardModifiers keys = m_random.bounded(5) == 0   ? Qt::ShiftModifier
                                           : m_random.bounded(8) == 0 ? Qt::AltModifier
                                                                      : Qt::NoModifier;
        const QPoint from = anywhere(view), to = anywhere(view);
        QTest::mousePress(view.viewport(), button, keys, from);
        for (int i = 1; i <= 3; ++i) {
            const QPoint p = from + (to - from) * i / 3;
            QMouseEvent move(QEvent::MouseMove, p, view.viewport()->mapToGlobal(p), Qt::NoButton,
                             button, keys);
            QApplication::sendEvent(view.viewport(), &move);
            if (m_random.bounded(25) == 0) QTest::keyClick(&view, Qt::Key_Escape);
            if (m_random.bounded(25) == 0) QTest::keyClick(&view, Qt::Key_Delete);
            if (m_random.bounded(25) == 0) view.document().undoStack()->undo();
        }
        QTest::mouseRelease(view.viewport(), button, keys, to);
    }

    void keys(CanvasView& view) {
        static const std::pair<Qt::Key, Qt::KeyboardModifiers> kKeys[] = {
            {Qt::Key_Delete, {}},
            {Qt::Key_Delete, Qt::ControlModifier},
            {Qt::Key_A, Qt::ControlModifier},
            {Qt::Key_C, Qt::ControlModifier},
            {Qt::Key_V, Qt::ControlModifier},
            {Qt::Key_X, Qt::ControlModifier},
            {Qt::Key_D, Qt::ControlModifier},
            {Qt::Key_F, {}},
            {Qt::Key_Home, {}},
            {Qt::Key_0, Qt::ControlModifier},
            {Qt::Key_Left, {}},
            {Qt::Key_Down, Qt::ShiftModifier},
            {Qt::Key_Tab, {}},
            {Qt::Key_Tab, Qt::ControlModifier},
            {Qt::Key_Escape, {}},
            {Qt::Key_F2, {}},
            {Qt::Key_Return, {}},
            {Qt::Key_Return, Qt::AltModifier},
            {Qt::Key_A, Qt::ShiftModifier},
            {Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier},
            {Qt::Key_Z, Qt::ControlModifier},
            {Qt::Key_Y, Qt::ControlModifier},
            {Qt::Key_Left, Qt::AltModifier},
            {Qt::Key_Right, Qt::AltModifier},
            {Qt::Key_Space, {}},
            {Qt::Key_G, Qt::ControlModifier},
            {Qt::Key_G, Qt::ControlModifier},
            {Qt::Key_G, Qt::ControlModifier | Qt::ShiftModifier},
            {Qt::Key_C, Qt::AltModifier},
            {Qt::Key_C, Qt::AltModifier},
            {Qt::Key_Backspace, {}}};
        const auto& [key, modifiers] = kKeys[m_random.bounded(quint32(std::size(kKeys)))];
        QWidget* target = QApplication::focusWidget() ? QApplication::focusWidget() : &view;
        QTest::keyClick(target, key, modifiers);
        answer(view);
        if (view.addPopup()->isVisible()) {
            static const char* const kWords[] = {"re", "cnv", "add", "zzz", "lin", ""};
            QTest::keyClicks(view.addPopup()->field(), QLatin1String(kWords[m_random.bounded(6)]));
            QTest::keyClick(view.addPopup()->field(),
                            m_random.bounded(3) ? Qt::Key_Return : Qt::Key_Escape);
        }
    }

    /// What a group is asked for: a name or a number, sensible or not.
    void answer(CanvasView& view) {
        if (!view.askCard()->isVisible()) return;
        static const char* const kAnswers[] = {"", "block1", "a.b", "fc", "layer1.0", "2", "x y"};
        if (m_random.bounded(2)) {
            QTest::keyClick(view.askCard()->field(), Qt::Key_A, Qt::ControlModifier);
            QTest::keyClicks(view.askCard()->field(), QLatin1String(kAnswers[m_random.bounded(7)]));
        }
        QTest::keyClick(view.askCard()->field(),
                        m_random.bounded(4) ? Qt::Key_Return : Qt::Key_Escape);
        if (view.askCard()->isVisible()) view.askCard()->close();
    }

    void groups(CanvasView& view) {
        const auto paths = groupPaths(view.document().graph());
        switch (m_random.bounded(5)) {
            case 0: {
                std::vector<std::string> some;
                for (const auto& [key, block] : view.drawing().blocks())
                    if (m_random.bounded(2)) some.push_back(key);
                view.drawing().select(some);
                view.groupSelection();
                answer(view);
                break;
            }
            case 1:
                if (!paths.empty()) view.openGroup(paths[m_random.bounded(quint32(paths.size()))]);
                break;
            case 2:
                view.repeatGroup();
                answer(view);
                break;
            case 3:
                QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, anywhere(view));
                break;
            case 4:
                view.toggleCollapsed();
                break;
        }
    }

    void wheel(CanvasView& view) {
        const QPoint at = anywhere(view);
        const int turns[] = {120, -120, 360, -360, 12000, -12000, 1};
        QWheelEvent event(at, view.viewport()->mapToGlobal(at), {},
                          QPoint(0, turns[m_random.bounded(7)]), Qt::NoButton,
                          m_random.bounded(4) ? Qt::NoModifier : Qt::ShiftModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(view.viewport(), &event);
    }

    void drop(CanvasView& view) {
        auto it = layers().begin();
        std::advance(it, m_random.bounded(int(layers().size())));
        QMimeData mime;
        mime.setData(
            QStringLiteral("application/x-torchloom-layer"),
            m_random.bounded(10) ? QByteArray::fromStdString(it->info.id) : QByteArray("Nonsense"));
        const QPoint at = anywhere(view);
        QDragEnterEvent enter(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(view.viewport(), &enter);
        QDragMoveEvent move(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(view.viewport(), &move);
        if (m_random.bounded(4) == 0) {
            QDragLeaveEvent leave;
            QApplication::sendEvent(view.viewport(), &leave);
            return;
        }
        QDropEvent event(at, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(view.viewport(), &event);
    }

    void fix(CanvasView& view) {
        DiagnosticPopup* popup = view.overlays()->diagnosticPopup();
        if (!popup->isVisible() || popup->fixButtons().empty()) return;
        QTest::mouseClick(
            popup->fixButtons()[m_random.bounded(quint32(popup->fixButtons().size()))],
            Qt::LeftButton);
    }

    static void verifyWhole(CanvasView& view) {
        const QTransform t = view.transform();
        QVERIFY(std::isfinite(t.m11()) && std::isfinite(t.dx()));
        QVERIFY(t.m11() >= CanvasView::kLeastZoom - 1e-9 &&
                t.m11() <= CanvasView::kMostZoom + 1e-9);
        const Graph& graph = view.document().graph();
        const std::string& scope = view.drawing().scope();
        QVERIFY(scope.empty() || !groupMembers(graph, scope).empty());
        std::size_t wires = 0;
        for (const Node& node : graph.nodes) {
            QVERIFY(std::isfinite(node.position.x) && std::isfinite(node.position.y));
            if (!isInside(node.id, scope)) continue;
            const std::string around = collapsedAround(graph, node.id, scope);
            const BlockItem* block =
                view.drawing().block(around.empty() ? node.id : groupKey(around));
            QVERIFY(block);
            const Position place = around.empty() ? node.position : groupPosition(graph, around);
            QCOMPARE(block->pos(), QPointF(place.x, place.y));
        }
        for (const Edge& edge : graph.edges) {
            const bool from = isInside(edge.from.node, scope), to = isInside(edge.to.node, scope);
            const std::string a = collapsedAround(graph, edge.from.node, scope),
                              b = collapsedAround(graph, edge.to.node, scope);
            const bool hidden = from && to && !a.empty() && a == b;
            QCOMPARE(view.drawing().wire(edge) != nullptr, (from || to) && !hidden);
        }
        for (const WireItem* wire : view.drawing().wires()) wires += wire->wires().size();
        QVERIFY(wires <= graph.edges.size());
    }

private Q_SLOTS:
    void initTestCase() { Theme::apply(*qApp, ThemeMode::Light); }

    void nothingBreaks_data() {
        QTest::addColumn<int>("seed");
        for (int seed = 1; seed <= 4; ++seed)
            QTest::newRow(qPrintable(QString::number(seed))) << seed;
    }
    void nothingBreaks() {
        QFETCH(int, seed);
        m_random.seed(quint32(seed));
        DocumentController document;
        DesignPage page(document);
        page.resize(1100, 700);
        page.show();
        (void)QTest::qWaitForWindowExposed(&page);
        Project project = newProject();
        project.network = *graphFromText(
            "Input 1x28x28 > conv=Conv2d out_channels=8 kernel_size=3 > ReLU > fc=Linear "
            "out_features=10 > Output ; conv > sum=Add");
        document.reset(project);
        const std::string first = projectToJson(document.project());
        CanvasView& view = *page.canvas();
        for (int i = 0; i < 150; ++i) {
            if (document.graph().nodes.size() > 40) view.selectAll(), view.deleteSelection(false);
            switch (m_random.bounded(12)) {
                case 0:
                case 1:
                case 2:
                case 3:
                    drag(view);
                    break;
                case 4:
                case 5:
                case 6:
                    keys(view);
                    break;
                case 7:
                    wheel(view);
                    break;
                case 8:
                    drop(view);
                    break;
                case 9:
                    fix(view);
                    break;
                case 10:
                case 11:
                    groups(view);
                    break;
            }
            verifyWhole(view);
            if (QTest::currentTestFailed()) return;
            if (i % 10 == 0) view.grab();
            if (i % 50 == 0) QCoreApplication::processEvents();
        }
        while (document.undoStack()->canUndo()) document.undoStack()->undo();
        QCOMPARE(projectToJson(document.project()), first);
        verifyWhole(view);
    }
};

QTEST_MAIN(RandomGesturesTest)
#include "random_gestures_test.moc"
