#include "widgets/canvas/canvas_accessible.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <map>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/shown_geometry.h"

namespace loom {

namespace {

/// One block. It names the block by id and asks the document each time, so that it never tells old
/// news.
class BlockAccessible : public QAccessibleInterface {
public:
    BlockAccessible(CanvasView& view, NodeId id) : m_view(view), m_id(std::move(id)) {}

    bool isValid() const override { return m_view.drawing().block(m_id) != nullptr; }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_view.window()->windowHandle(); }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* parent() const override {
        return QAccessible::queryAccessibleInterface(&m_view);
    }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    void setText(QAccessible::Text, const QString&) override {}
    QAccessible::Role role() const override { return QAccessible::ListItem; }

    QString text(QAccessible::Text kind) const override {
        const Graph& graph = m_view.document().graph();
        if (isGroupKey(m_id) && m_view.drawing().block(m_id)) {
            const std::string path = pathOfKey(m_id);
            const GroupFigures figures =
                groupFigures(graph, m_view.document().report().shapes, path);
            return kind == QAccessible::Name
                       ? CanvasView::tr("Group %1, %2 blocks").arg(q(path)).arg(figures.blocks)
                       : QString();
        }
        const Node* node = graph.find(m_id);
        if (!node) return {};
        if (kind == QAccessible::Name)
            return blockDescription(graph, *node, m_view.document().report().shapes);
        if (kind != QAccessible::Description) return {};
        for (const Diagnostic& diagnostic : m_view.document().report().diagnostics)
            if (diagnostic.node == m_id) return q(diagnostic.message);
        return {};
    }
    QRect rect() const override {
        const BlockItem* block = m_view.drawing().block(m_id);
        if (!block) return {};
        const QRect place = m_view.mapFromScene(block->sceneRect()).boundingRect();
        return QRect(m_view.viewport()->mapToGlobal(place.topLeft()), place.size());
    }
    QAccessible::State state() const override {
        QAccessible::State state;
        state.selectable = state.focusable = true;
        const BlockItem* block = m_view.drawing().block(m_id);
        state.selected = block && block->isSelected();
        state.focused = state.selected && m_view.hasFocus();
        state.invalid = !block;
        return state;
    }

private:
    CanvasView& m_view;
    NodeId m_id;
};

/// The canvas itself: a list of what it shows, in the order of the graph.
class CanvasAccessible : public QAccessibleWidget {
public:
    explicit CanvasAccessible(CanvasView& view)
        : QAccessibleWidget(&view, QAccessible::List), m_view(view) {}
    ~CanvasAccessible() override {
        for (const auto& [id, handle] : m_handles) QAccessible::deleteAccessibleInterface(handle);
    }

    int childCount() const override {
        return static_cast<int>(m_view.drawing().level().items().size());
    }
    QAccessibleInterface* child(int index) const override {
        const auto& items = m_view.drawing().level().items();
        if (index < 0 || static_cast<std::size_t>(index) >= items.size()) return nullptr;
        const std::string& id = items[static_cast<std::size_t>(index)].key;
        auto found = m_handles.find(id);
        if (found == m_handles.end())
            found = m_handles
                        .emplace(id, QAccessible::registerAccessibleInterface(
                                         new BlockAccessible(m_view, id)))
                        .first;
        return QAccessible::accessibleInterface(found->second);
    }
    int indexOfChild(const QAccessibleInterface* wanted) const override {
        for (int i = 0; i < childCount(); ++i)
            if (child(i) == wanted) return i;
        return -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override {
        for (int i = 0; i < childCount(); ++i)
            if (child(i)->rect().contains(x, y)) return child(i);
        return nullptr;
    }

private:
    CanvasView& m_view;
    mutable std::map<NodeId, QAccessible::Id> m_handles;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
    auto* view = qobject_cast<CanvasView*>(object);
    return view ? new CanvasAccessible(*view) : nullptr;
}

}  // namespace

void installCanvasAccessibility() {
    static const bool installed = (QAccessible::installFactory(makeInterface), true);
    (void)installed;
}

}  // namespace loom
