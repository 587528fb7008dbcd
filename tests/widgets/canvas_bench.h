#pragma once

#include <QApplication>
#include <QLineEdit>
#include <QMouseEvent>
#include <QTest>

#include "core/graph/text_form.h"
#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"

namespace loom {

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

}  // namespace loom
