#include "widgets/canvas/canvas_scene.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/check/problem_place.h"
#include "core/project/parameter_groups.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/shown_geometry.h"
#include "widgets/canvas/wire_path.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

/// A file may hold any number; the canvas must stay one that can be drawn.
QPointF drawable(const Position& position) {
    static constexpr double kFarthest = 45000;
    const auto tame = [](double v) {
        return std::isfinite(v) ? std::clamp(v, -kFarthest, kFarthest) : 0.0;
    };
    return {tame(position.x), tame(position.y)};
}

}  // namespace

CanvasScene::CanvasScene(DocumentController& document, QObject* parent)
    : QGraphicsScene(parent), m_document(document) {
    // Blocks move all the time while they are dragged; an index would be rebuilt as often.
    setItemIndexMethod(NoIndex);
    setSceneRect(-50000, -50000, 100000, 100000);
    connect(&document, &DocumentController::documentReset, this, &CanvasScene::rebuild);
    connect(&document, &DocumentController::graphChanged, this, &CanvasScene::sync);
    connect(&document, &DocumentController::reportChanged, this, &CanvasScene::showReport);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
    rebuild();
    showReport();
}

CanvasScene::~CanvasScene() {
    // The base class deletes items after this class's members are gone.
    blockSignals(true);
    clearItems();
}

void CanvasScene::clearItems() {
    // A selected item that goes is announced, and then nobody may find it here any more.
    for (WireItem* wire : std::exchange(m_wires, {})) delete wire;
    for (const auto& [key, block] : std::exchange(m_blocks, {})) delete block;
    for (FrameItem* frame : std::exchange(m_frames, {})) delete frame;
}

BlockItem* CanvasScene::block(const std::string& key) const {
    const auto found = m_blocks.find(key);
    return found == m_blocks.end() ? nullptr : found->second;
}

WireItem* CanvasScene::wire(const Edge& edge) const {
    const auto found = std::find_if(m_wires.begin(), m_wires.end(), [&](const WireItem* w) {
        return w->edge() == edge ||
               std::find(w->wires().begin(), w->wires().end(), edge) != w->wires().end();
    });
    return found == m_wires.end() ? nullptr : *found;
}

void CanvasScene::rebuild() {
    const bool inside = !scope().empty();
    clearItems();
    m_level = Level();
    sync();
    if (inside) Q_EMIT scopeChanged();
}

void CanvasScene::setScope(const std::string& path) {
    if (path == scope()) return;
    clearSelection();
    clearItems();
    m_level = Level(m_document.graph(), path, portCounts);
    sync();
    showReport();
    Q_EMIT scopeChanged();
}

/// Brings items, wires and frames in step with the document: what is not there any more goes, what
/// is new comes, the rest stays with its selection. The report that follows draws the wires.
void CanvasScene::sync() {
    const Graph& graph = m_document.graph();
    const std::string before = scope();
    std::string path = before;
    // A group that is gone leaves its surroundings in sight.
    while (!path.empty() && groupMembers(graph, path).empty()) path = parentPath(path);
    m_level = Level(graph, path, portCounts);

    std::unordered_map<std::string, WireItem*> old;
    const auto keyOf = [](const Edge& edge) {
        return edge.from.node + ":" + std::to_string(edge.from.port) + ">" + edge.to.node + ":" +
               std::to_string(edge.to.port);
    };
    for (WireItem* wire : m_wires) old.emplace(keyOf(wire->edge()), wire);
    m_wires.clear();
    for (const ShownWire& wire : m_level.wires()) {
        const auto found = old.find(keyOf(wire.shown));
        WireItem* item = nullptr;
        if (found != old.end()) {
            item = found->second;
            item->setWires(wire.wires);
            old.erase(found);
        } else {
            item = new WireItem(wire);
            addItem(item);
            addItem(item->label());
        }
        m_wires.push_back(item);
    }
    for (const auto& [key, wire] : old) delete wire;

    for (auto it = m_blocks.begin(); it != m_blocks.end();) {
        const ShownItem* item = m_level.find(it->first);
        if (item && item->kind == it->second->shown()) {
            ++it;
            continue;
        }
        BlockItem* gone = it->second;
        it = m_blocks.erase(it);
        delete gone;
    }
    for (const ShownItem& item : m_level.items()) {
        if (m_blocks.contains(item.key)) continue;
        auto* block = new BlockItem(item.key, item.kind);
        block->setGeometry(shownGeometry(graph, m_level, item, m_document.report().shapes));
        m_blocks.emplace(item.key, block);
        addItem(block);
    }

    std::unordered_map<std::string, FrameItem*> frames;
    for (FrameItem* frame : m_frames) frames.emplace(frame->path(), frame);
    m_frames.clear();
    for (const ShownFrame& shown : m_level.frames()) {
        FrameItem*& frame = frames[shown.path];
        if (!frame) addItem(frame = new FrameItem(shown.path));
        const std::string title = path.empty() ? shown.path : shown.path.substr(path.size() + 1);
        frame->setContent(shown.keys, q(title),
                          static_cast<int>(std::count(title.begin(), title.end(), '.')));
        m_frames.push_back(frame);
        frames.erase(shown.path);
    }
    for (const auto& [name, frame] : frames) delete frame;
    placeItems();
    if (path != before) Q_EMIT scopeChanged();
}

void CanvasScene::placeItems() {
    const Graph& graph = m_document.graph();
    for (const Node& node : graph.nodes)
        if (BlockItem* item = block(node.id); item && m_level.keyOf(node.id) == node.id)
            item->setPos(drawable(node.position));
    for (const ShownItem& item : m_level.items())
        if (item.kind == ShownKind::Group)
            block(item.key)->setPos(drawable(groupPosition(graph, pathOfKey(item.key))));
    placeOutside();
    placeFrames();
}

/// Ends outside stand beside what they are wired to, or, where something is in the way, beside
/// everything.
void CanvasScene::placeOutside() {
    if (scope().empty()) return;
    constexpr double kAway = 90;
    QRectF all;
    std::vector<QRectF> taken;
    for (const auto& [key, item] : m_blocks)
        if (!item->isOutside()) {
            all = all.united(item->sceneRect());
            taken.push_back(item->sceneRect());
        }
    for (const ShownItem& shown : m_level.items()) {
        BlockItem* item = block(shown.key);
        if (!item->isOutside()) continue;
        const bool source = item->shown() == ShownKind::Source;
        std::optional<QPointF> port;
        for (const WireItem* wire : m_wires) {
            const PortRef& mine = source ? wire->edge().from : wire->edge().to;
            const PortRef& other = source ? wire->edge().to : wire->edge().from;
            const BlockItem* near = block(other.node);
            if (mine.node != shown.key || !near) continue;
            const QPointF point = near->portPoint({other, !source});
            if (!port || (source ? point.x() < port->x() : point.x() > port->x())) port = point;
        }
        if (!port) continue;
        const QSizeF size = item->geometry().size;
        QRectF place(QPointF(source ? port->x() - kAway - size.width() : port->x() + kAway,
                             port->y() - size.height() / 2),
                     size);
        const auto blocked = [&] {
            return std::any_of(taken.begin(), taken.end(), [&](const QRectF& rect) {
                return rect.adjusted(-12, -8, 12, 8).intersects(place);
            });
        };
        if (blocked())
            place.moveLeft(source ? all.left() - kAway - size.width() : all.right() + kAway);
        for (int tries = 0; tries < 60 && blocked(); ++tries) place.translate(0, 40);
        taken.push_back(place);
        item->setPos(place.topLeft());
    }
}

void CanvasScene::placeFrames() {
    // Inner ones first: those around them hold them.
    std::unordered_map<std::string, QRectF> rects;
    for (auto it = m_frames.rbegin(); it != m_frames.rend(); ++it) {
        QRectF inside = blocksRect((*it)->keys());
        for (const auto& [path, rect] : rects)
            if (isInside(path, (*it)->path())) inside = inside.united(rect);
        const QRectF rect = frameAround(inside);
        rects.emplace((*it)->path(), rect);
        (*it)->setRect(rect);
    }
}

void CanvasScene::showReport() {
    // Any edit may change what any block shows: shapes travel along the wires.
    const Graph& graph = m_document.graph();
    const ProjectReport& report = m_document.report();
    std::unordered_map<std::string, Severity> worst;
    std::set<std::pair<NodeId, int>> faultyInputs;
    for (const Diagnostic& diagnostic : report.diagnostics) {
        if (diagnostic.node.empty() || diagnostic.severity == Severity::Info) continue;
        // What is not drawn yet is no alarm.
        const Severity shown = isUnfinished(diagnostic) ? Severity::Info : diagnostic.severity;
        auto [entry, added] = worst.emplace(m_level.keyOf(diagnostic.node), shown);
        if (!added) entry->second = std::max(entry->second, shown);
        if (shown == Severity::Error && diagnostic.inputPort >= 0)
            faultyInputs.emplace(diagnostic.node, diagnostic.inputPort);
    }
    const auto uses = portUses(graph);
    std::unordered_map<NodeId, const Node*> nodes;
    for (const Node& node : graph.nodes) nodes.emplace(node.id, &node);
    const ParameterGroupIndex groups(m_document.project().training, graph);
    for (const ShownItem& shown : m_level.items()) {
        updateBlock(shown, nodes, uses);
        const auto found = worst.find(shown.key);
        BlockItem* item = block(shown.key);
        item->setSeverity(found == worst.end() ? std::nullopt : std::optional(found->second));
        const BlockReport* counted = report.shapes.find(shown.key);
        item->setFrozen(counted && counted->inference.parameters > 0 && groups.isFrozen(shown.key));
    }
    for (WireItem* wire : m_wires) {
        if (wire->wires().empty()) continue;
        const Edge& first = wire->wires().front();
        const Shape* shape = report.shapes.shapeAt(first.from);
        wire->setText(shape ? q(shape->toText()) : QString());
        wire->setFault(
            std::any_of(wire->wires().begin(), wire->wires().end(), [&](const Edge& edge) {
                return faultyInputs.contains({edge.to.node, edge.to.port});
            }));
        QStringList ends;
        for (const Edge& edge : wire->wires()) ends << q(edge.to.toText());
        wire->setToolTip(
            QStringLiteral("%1 → %2%3")
                .arg(q(first.from.toText()), ends.join(QStringLiteral(", ")),
                     shape ? QStringLiteral(": ") + q(shape->toSentence()) : QString()));
    }
    placeOutside();
    placeFrames();
    routeAll();
}

void CanvasScene::updateBlock(const ShownItem& shown,
                              const std::unordered_map<NodeId, const Node*>& nodes,
                              const std::unordered_map<NodeId, PortUse>& uses) {
    BlockItem* item = block(shown.key);
    const ShapeReport& shapes = m_document.report().shapes;
    if (shown.kind != ShownKind::Block) {
        item->setGeometry(shownGeometry(m_document.graph(), m_level, shown, shapes));
        if (shown.kind == ShownKind::Group)
            item->setToolTip(
                tr("%1: a group. Double-click to see inside.").arg(q(pathOfKey(shown.key))));
        else
            item->setToolTip(tr("Outside of %1. Double-click to go there.").arg(q(scope())));
        return;
    }
    const auto use = uses.find(shown.key);
    const Node& node = *nodes.at(shown.key);
    item->setGeometry(blockGeometry(node, use == uses.end() ? PortUse{} : use->second, shapes,
                                    m_level.around(shown.key)));
    if (!item->geometry().known)
        item->setToolTip(
            tr("This version of Torchloom does not know %1. The block is kept as it is.")
                .arg(q(node.kind)));
    else if (!node.sharesWith.empty())
        item->setToolTip(tr("%1. Uses the module of %2: one set of weights, counted once.")
                             .arg(q(layers().find(node.kind)->info.summary), q(node.sharesWith)));
    else
        item->setToolTip(q(layers().find(node.kind)->info.summary));
}

std::vector<QRectF> CanvasScene::blockRects() const {
    std::vector<QRectF> rects;
    rects.reserve(m_blocks.size());
    for (const auto& [id, item] : m_blocks) rects.push_back(item->sceneRect());
    return rects;
}

void CanvasScene::routeWire(WireItem* wire, const std::vector<QRectF>& rects) {
    const BlockItem* from = block(wire->edge().from.node);
    const BlockItem* to = block(wire->edge().to.node);
    wire->setVisible(from && to);
    if (!from || !to) {
        wire->isRouted({}, {}, {});
        wire->setPath({});
        wire->placeLabel({});
        return;
    }
    std::vector<QRectF> others;
    const QRectF first = from->sceneRect(), last = to->sceneRect();
    const QRectF around = first.united(last).adjusted(-80, -400, 80, 400);
    for (const QRectF& rect : rects)
        if (around.intersects(rect) && rect != first && rect != last) others.push_back(rect);
    const QPointF start = from->portPoint({wire->edge().from, true}),
                  end = to->portPoint({wire->edge().to, false});
    // Most wires lie as they lay: only what stands around them is looked at.
    if (wire->isRouted(start, end, others)) return;
    wire->setPath(wirePath(start, end, others));
}

void CanvasScene::routeAll() {
    const std::vector<QRectF> rects = blockRects();
    for (WireItem* wire : m_wires) routeWire(wire, rects);
    placeLabels(m_wires);
}

void CanvasScene::placeLabels(const std::vector<WireItem*>& wires) {
    const std::vector<QRectF> rects = blockRects();
    std::vector<QRectF> labels;
    for (const WireItem* wire : m_wires)
        if (std::find(wires.begin(), wires.end(), wire) == wires.end() &&
            !wire->labelRect().isEmpty())
            labels.push_back(wire->labelRect());
    for (WireItem* wire : wires) {
        const auto place = wire->text().isEmpty()
                               ? std::nullopt
                               : labelPlace(wire->path(), wire->labelSize(), rects, labels);
        wire->placeLabel(place.value_or(QRectF()));
        if (place) labels.push_back(*place);
    }
}

void CanvasScene::blocksDragged(const std::vector<std::string>& keys) {
    std::set<std::string> moved(keys.begin(), keys.end());
    placeOutside();
    placeFrames();
    for (const auto& [key, item] : m_blocks)
        if (item->isOutside()) moved.insert(key);
    const std::vector<QRectF> rects = blockRects();
    std::vector<WireItem*> touched;
    for (WireItem* wire : m_wires) {
        if (!moved.contains(wire->edge().from.node) && !moved.contains(wire->edge().to.node))
            continue;
        routeWire(wire, rects);
        touched.push_back(wire);
    }
    placeLabels(touched);
}

void CanvasScene::resetPositions() {
    placeItems();
    routeAll();
}

std::vector<std::string> CanvasScene::selectedKeys() const {
    std::vector<std::string> keys;
    for (const ShownItem& shown : m_level.items())
        if (const BlockItem* item = block(shown.key); item && item->isSelected())
            keys.push_back(shown.key);
    return keys;
}

std::vector<NodeId> CanvasScene::selectedBlocks() const {
    const std::vector<std::string> selected = selectedKeys();
    const std::set<std::string> keys(selected.begin(), selected.end());
    std::vector<NodeId> ids;
    if (keys.empty()) return ids;
    for (const Node& node : m_document.graph().nodes)
        if (keys.contains(m_level.keyOf(node.id))) ids.push_back(node.id);
    return ids;
}

std::string CanvasScene::selectedGroup() const {
    const std::vector<std::string> keys = selectedKeys();
    if (keys.size() == 1 && isGroupKey(keys.front())) return pathOfKey(keys.front());
    const std::set<std::string> chosen(keys.begin(), keys.end());
    // Inner frames come last and are meant where two hold the same.
    for (auto it = m_frames.rbegin(); it != m_frames.rend(); ++it)
        if (chosen == std::set<std::string>((*it)->keys().begin(), (*it)->keys().end()))
            return (*it)->path();
    return {};
}

std::vector<Edge> CanvasScene::selectedWires() const {
    std::vector<Edge> edges;
    for (const WireItem* wire : m_wires)
        if (wire->isSelected())
            edges.insert(edges.end(), wire->wires().begin(), wire->wires().end());
    return edges;
}

void CanvasScene::select(const std::vector<std::string>& keys, bool add) {
    if (!add) clearSelection();
    for (const std::string& key : keys) {
        BlockItem* item = block(key);
        if (!item) item = block(m_level.keyOf(key));
        if (item) item->setSelected(true);
    }
}

QRectF CanvasScene::blocksRect() const {
    QRectF all;
    for (const auto& [key, item] : m_blocks) all = all.united(item->sceneRect());
    for (const FrameItem* frame : m_frames) all = all.united(frame->rect());
    return all;
}

QRectF CanvasScene::blocksRect(const std::vector<std::string>& keys) const {
    QRectF all;
    for (const std::string& key : keys)
        if (const BlockItem* item = block(key)) all = all.united(item->sceneRect());
    return all;
}

FrameItem* CanvasScene::titleAt(const QPointF& point) const {
    for (auto it = m_frames.rbegin(); it != m_frames.rend(); ++it)
        if ((*it)->titleRect().contains(point)) return *it;
    return nullptr;
}

std::optional<PortHandle> CanvasScene::portAt(const QPointF& point, double radius) const {
    std::optional<PortHandle> best;
    double nearest = radius;
    for (const auto& [id, item] : m_blocks) {
        if (!item->sceneRect().adjusted(-radius, -radius, radius, radius).contains(point)) continue;
        for (const PortHandle& port : item->ports()) {
            const double distance = QLineF(point, item->portPoint(port)).length();
            if (distance > nearest) continue;
            nearest = distance;
            best = port;
        }
    }
    return best;
}

BlockItem* CanvasScene::blockAt(const QPointF& point) const {
    BlockItem* best = nullptr;
    for (const auto& [id, item] : m_blocks)
        if (item->sceneRect().contains(point) && (!best || item->zValue() > best->zValue()))
            best = item;
    return best;
}

WireItem* CanvasScene::wireAt(const QPointF& point, double tolerance) const {
    const QRectF spot(point - QPointF(tolerance, tolerance), QSizeF(2 * tolerance, 2 * tolerance));
    for (WireItem* wire : m_wires)
        if (wire->boundingRect().intersects(spot) && wire->shape().intersects(spot)) return wire;
    return nullptr;
}

WireItem* CanvasScene::wireUnder(const QRectF& rect, const std::string& except) const {
    const QRectF core = rect.adjusted(10, 8, -10, -8);
    for (WireItem* wire : m_wires) {
        if (wire->edge().from.node == except || wire->edge().to.node == except) continue;
        if (wire->boundingRect().intersects(core) && wire->path().intersects(core)) return wire;
    }
    return nullptr;
}

}  // namespace loom
