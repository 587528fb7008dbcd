// What the canvas does with groups and shared modules.

#include <QMenu>

#include "core/graph/group_edit.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/ask_card.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/group_edits.h"
#include "widgets/canvas/group_library.h"
#include "widgets/canvas/shown_geometry.h"

namespace loom {

PortHandle CanvasView::realPort(const PortHandle& shown) const {
    const std::vector<PortRef> real = m_scene->level().real(shown.ref, shown.output);
    return real.empty() ? shown : PortHandle{real.front(), shown.output};
}

void CanvasView::fitReadable() {
    fitAll();
    if (m_zoom >= 0.45) return;
    // A long row that would be too small to read is shown from its beginning.
    constexpr double kReadable = 0.62;
    const QRectF all = m_scene->blocksRect();
    setZoom(kReadable);
    const QSizeF room = QSizeF(viewport()->size()) / kReadable;
    centerOn(all.left() - 60 + room.width() / 2,
             all.height() < room.height() ? all.center().y() : all.top() - 90 + room.height() / 2);
}

void CanvasView::openGroup(const std::string& path) {
    const std::string before = m_scene->scope();
    if (path == before) return;
    if (!path.empty() && groupMembers(m_document.graph(), path).empty()) return;
    m_places[before] = {m_zoom, mapToScene(viewport()->rect().center())};
    m_scene->setScope(path);
    // On the way back one is where one was, and sees where one came from.
    const auto place = isInside(before, path) ? m_places.find(path) : m_places.end();
    if (place != m_places.end()) {
        const Place back = place->second;
        setZoom(back.zoom);
        centerOn(back.centre);
        m_places.erase(path);
    } else {
        fitReadable();
    }
    for (std::string step = before; isInside(before, path) && step.size() > path.size();
         step = parentPath(step)) {
        m_scene->select({groupKey(step)});
        for (const FrameItem* frame : m_scene->frames())
            if (frame->path() == step) m_scene->select(frame->keys());
        if (!m_scene->selectedItems().isEmpty()) break;
    }
    say(path.empty() ? QString()
                     : tr("Inside of %1. Escape goes back to where you came from.").arg(q(path)));
    Q_EMIT viewChanged();
}

void CanvasView::revealPath(const std::string& path, bool group) {
    const std::vector<NodeId> ids =
        group ? groupMembers(m_document.graph(), path) : std::vector<NodeId>{path};
    if (ids.empty()) return;
    if (group) {
        // Its box, or its frame, stands where no other group hides it.
        std::string scope;
        for (std::string around = parentPath(path); !around.empty(); around = parentPath(around))
            if (isCollapsed(m_document.graph(), around)) {
                scope = around;
                break;
            }
        const bool seen = isInside(path, m_scene->scope()) &&
                          (m_scene->block(groupKey(path)) ||
                           !m_scene->level().blocksOf(m_document.graph(), ids.front()).empty());
        if (!seen) openGroup(scope);
        m_scene->select(ids);
    } else {
        reveal(path);
        m_scene->select({path});
    }
    const QRectF place = m_scene->blocksRect(m_scene->selectedKeys());
    if (!place.isEmpty()) ensureVisible(place, 80, 80);
}

void CanvasView::openSelectedGroup() {
    const std::string path = groupInHand();
    if (path.empty()) return say(tr("Select a group to open it."));
    openGroup(path);
}

void CanvasView::leaveGroup() {
    if (!m_scene->scope().empty()) openGroup(parentPathShown(m_scene->scope()));
}

/// The nearest path around a group that is a place of its own: `layer1` only if it was passed on
/// the way in, or is a group one can see as such.
std::string CanvasView::parentPathShown(const std::string& path) const {
    const std::string parent = parentPath(path);
    if (parent.empty() || m_places.contains(parent) || groupView(m_document.graph(), parent))
        return parent;
    return parentPathShown(parent);
}

void CanvasView::goOutside(const BlockItem& end) {
    const ShownItem* item = m_scene->level().find(end.id());
    if (!item) return;
    const auto& ports = item->kind == ShownKind::Source ? item->outputs : item->inputs;
    if (ports.empty() || ports.front().inner.empty()) return;
    const NodeId id = ports.front().inner.front().node;
    std::string scope = m_scene->scope();
    while (!isInside(id, scope)) scope = parentPath(scope);
    openGroup(scope);
    m_scene->select({id});
    if (const BlockItem* block = m_scene->block(m_scene->level().keyOf(id)))
        ensureVisible(block->sceneRect(), 80, 80);
}

std::string CanvasView::groupInHand() const {
    if (const std::string group = m_scene->selectedGroup(); !group.empty()) return group;
    const std::vector<NodeId> ids = m_scene->selectedBlocks();
    const std::string path = commonPath(ids);
    return path.size() > m_scene->scope().size() ? path : std::string();
}

QPoint CanvasView::placeForCard() const {
    const QRect around = mapFromScene(m_scene->blocksRect(m_scene->selectedKeys())).boundingRect();
    return QPoint(around.center().x() - 170, around.bottom() + 16);
}

void CanvasView::groupSelection() {
    if (m_document.isReadOnly()) return;
    const std::vector<NodeId> ids = m_scene->selectedBlocks();
    const std::vector<std::string> keys = m_scene->selectedKeys();
    if (ids.empty()) return say(tr("Select the blocks that belong together, then group them."));
    if (keys.size() == 1 && isGroupKey(keys.front()))
        return say(tr("%1 is a group already. F2 renames it, Alt+C expands it.")
                       .arg(q(pathOfKey(keys.front()))));
    m_ask->ask(
        placeForCard(),
        ids.size() == 1 ? tr("Group %1 as").arg(q(ids.front()))
                        : tr("Group %1 blocks as").arg(ids.size()),
        q(edit::suggestedPath(m_document.graph(), ids)), tr("Group"),
        [this, ids](const QString& path) -> AskCard::Reply {
            const Result<Graph> next = edit::group(m_document.graph(), ids, path.toStdString());
            if (!next) return {false, q(next.error().message + " " + next.error().hint)};
            std::size_t index = 0;
            const auto& nodes = m_document.graph().nodes;
            while (nodes[index].id != ids.front()) ++index;
            return {true, tr("%1 becomes %2; its weights are called so too.")
                              .arg(q(ids.front()), q(next->nodes[index].id))};
        },
        [this, ids](const QString& path) {
            if (canvas_edits::group(m_document, ids, path, m_scene->scope()))
                m_scene->select({groupKey(path.toStdString())});
        });
}

void CanvasView::ungroup() {
    const std::string path = groupInHand();
    if (path.empty()) return say(tr("Select a group to take it apart."));
    const std::size_t first = groupMembers(m_document.graph(), path).size();
    std::vector<std::size_t> indices;
    const auto& nodes = m_document.graph().nodes;
    for (std::size_t i = 0; i < nodes.size() && first > 0; ++i)
        if (isInside(nodes[i].id, path)) indices.push_back(i);
    if (!canvas_edits::ungroup(m_document, path)) return;
    std::vector<std::string> ids;
    for (const std::size_t i : indices) ids.push_back(m_document.graph().nodes[i].id);
    m_scene->select(ids);
}

void CanvasView::toggleCollapsed() {
    const std::string path = groupInHand();
    if (path.empty())
        return say(tr("Select a group, or a block inside of one, to collapse or expand it."));
    const bool collapsed = isCollapsed(m_document.graph(), path);
    if (!canvas_edits::setCollapsed(m_document, path, !collapsed, m_scene->scope())) return;
    if (!collapsed) {
        m_scene->select({groupKey(path)});
        return;
    }
    for (const FrameItem* frame : m_scene->frames())
        if (frame->path() == path) m_scene->select(frame->keys());
}

void CanvasView::repeatGroup() {
    const std::string path = groupInHand();
    if (m_document.isReadOnly()) return;
    if (path.empty()) return say(tr("Group the blocks first (Ctrl+G), then repeat the group."));
    m_ask->ask(
        placeForCard(), tr("How often shall %1 stand in a row?").arg(q(path)), QStringLiteral("3"),
        tr("Repeat"),
        [this, path](const QString& answer) -> AskCard::Reply {
            bool number = false;
            const int times = answer.toInt(&number);
            if (!number) return {false, tr("Type a number, 2 or more.")};
            const Result<Graph> next =
                canvas_edits::repeated(m_document.project(), path, times, m_scene->scope());
            if (!next) return {false, q(next.error().message + " " + next.error().hint)};
            return {true, tr("Gives %1 blocks more, each copy fed by the one before.")
                              .arg(next->nodes.size() - m_document.graph().nodes.size())};
        },
        [this, path](const QString& answer) {
            if (canvas_edits::repeat(m_document, path, answer.toInt(), m_scene->scope()))
                m_scene->select(groupMembers(m_document.graph(), path));
        });
}

void CanvasView::saveToLibrary() {
    const std::string path = groupInHand();
    if (path.empty()) return say(tr("Group the blocks first (Ctrl+G), then save the group."));
    m_ask->ask(
        placeForCard(), tr("Save %1 to your library as").arg(q(path)), q(lastPart(path)),
        tr("Save"),
        [](const QString& name) -> AskCard::Reply {
            if (name.isEmpty()) return {false, tr("Type a name.")};
            if (group_library::has(name))
                return {true, tr("Replaces the saved group of this name.")};
            return {true, tr("You find it in the palette, in every project.")};
        },
        [this, path](const QString& name) {
            const Result<QString> saved = group_library::save(m_document.graph(), path, name);
            say(saved ? tr("Saved %1 to your library.").arg(name)
                      : q(saved.error().message + " " + saved.error().hint));
            Q_EMIT libraryChanged();
        });
}

void CanvasView::insertFromLibrary(const QString& file, const std::optional<QPointF>& at) {
    const Result<Graph> part = group_library::read(file);
    if (!part) return say(q(part.error().message + " " + part.error().hint));
    QString name;
    for (const SavedGroup& saved : group_library::list())
        if (saved.file == file) name = saved.name;
    const std::vector<std::string> keys = m_scene->selectedKeys();
    const std::string added = canvas_edits::insertSaved(
        m_document, *part, name, keys.size() == 1 ? keys.front() : std::string(), at,
        m_scene->scope());
    if (added.empty()) return;
    m_scene->select({added});
    if (const BlockItem* block = m_scene->block(added)) ensureVisible(block->sceneRect(), 80, 80);
}

void CanvasView::shareModule(const NodeId& id, const NodeId& owner) {
    if (!canvas_edits::shareModule(m_document, id, owner)) return;
    say(owner.empty() ? tr("%1 has a module of its own again.").arg(q(id))
                      : tr("%1 uses the module of %2: one set of weights, counted once.")
                            .arg(q(id), q(owner)));
}

void CanvasView::addGroupEntries(QMenu* menu, const BlockItem* block) {
    const bool writable = !m_document.isReadOnly();
    const auto add = [&](const QString& text, const QString& keys, bool enabled, auto action) {
        QAction* entry = menu->addAction(keys.isEmpty() ? text : text + QLatin1Char('\t') + keys);
        entry->setEnabled(enabled);
        connect(entry, &QAction::triggered, this, action);
    };
    const std::string path = groupInHand();
    const bool collapsed = !path.empty() && isCollapsed(m_document.graph(), path);
    if (!block->isGroup())
        add(tr("Group…"), QStringLiteral("Ctrl+G"), writable, [this] { groupSelection(); });
    if (path.empty()) return;
    const QString name = q(path);
    add(tr("Open %1").arg(name), collapsed ? tr("Double click") : QString(), true,
        [this, path] { openGroup(path); });
    add(collapsed ? tr("Expand %1").arg(name) : tr("Collapse %1").arg(name),
        QStringLiteral("Alt+C"), writable, [this] { toggleCollapsed(); });
    add(tr("Ungroup %1").arg(name), QStringLiteral("Ctrl+Shift+G"), writable,
        [this] { ungroup(); });
    add(tr("Repeat %1…").arg(name), {}, writable, [this] { repeatGroup(); });
    add(tr("Save %1 to My Library…").arg(name), {}, true, [this] { saveToLibrary(); });
}

void CanvasView::addSharingEntries(QMenu* menu, const NodeId& id) {
    const Graph& graph = m_document.graph();
    const Node* node = graph.find(id);
    const LayerKind* kind = node ? layers().find(node->kind) : nullptr;
    const BlockReport* report = m_document.report().shapes.find(id);
    if (!kind) return;
    const bool writable = !m_document.isReadOnly();
    if (!node->sharesWith.empty()) {
        const NodeId owner = node->sharesWith;
        connect(menu->addAction(tr("Go to %1, Whose Module It Uses").arg(q(owner))),
                &QAction::triggered, this, [this, owner] {
                    reveal(owner);
                    m_scene->select({owner});
                });
        QAction* own = menu->addAction(tr("Give It Its Own Module"));
        own->setEnabled(writable);
        connect(own, &QAction::triggered, this, [this, id] { shareModule(id, {}); });
        return;
    }
    // A module without weights has nothing to share.
    if (!report || (report->known && report->inference.parameters == 0)) return;
    QMenu* owners = nullptr;
    constexpr int kMost = 20;
    int entries = 0;
    for (const Node& other : graph.nodes) {
        if (other.id == id || other.kind != node->kind || !other.sharesWith.empty()) continue;
        if (!owners) owners = menu->addMenu(tr("Use the Module of"));
        if (++entries > kMost) break;
        connect(owners->addAction(q(other.id)), &QAction::triggered, this,
                [this, id, owner = other.id] { shareModule(id, owner); });
    }
    if (owners) owners->setEnabled(writable);
}

}  // namespace loom
