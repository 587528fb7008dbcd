#include "widgets/canvas/canvas_scene.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "widgets/bridge/strings.h"
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
    connect(&document, &DocumentController::graphChanged, this, &CanvasScene::applyDiff);
    connect(&document, &DocumentController::reportChanged, this, &CanvasScene::showReport);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
    rebuild();
    showReport();
}

CanvasScene::~CanvasScene() {
    // The base class deletes items after this class's members are gone.
    blockSignals(true);
    for (WireItem* wire : m_wires) delete wire;
    for (const auto& [id, block] : m_blocks) delete block;
}

BlockItem* CanvasScene::block(const NodeId& id) const {
    const auto found = m_blocks.find(id);
    return found == m_blocks.end() ? nullptr : found->second;
}

WireItem* CanvasScene::wire(const Edge& edge) const {
    const auto found = std::find_if(m_wires.begin(), m_wires.end(),
                                    [&](const WireItem* w) { return w->edge() == edge; });
    return found == m_wires.end() ? nullptr : *found;
}

void CanvasScene::rebuild() {
    for (WireItem* wire : m_wires) delete wire;
    m_wires.clear();
    for (const auto& [id, block] : m_blocks) delete block;
    m_blocks.clear();
    for (const Node& node : m_document.graph().nodes) addBlock(node);
    for (const Edge& edge : m_document.graph().edges) {
        m_wires.push_back(new WireItem(edge));
        addItem(m_wires.back());
        addItem(m_wires.back()->label());
    }
    routeAll();
}

void CanvasScene::applyDiff(const GraphDiff& diff) {
    const Graph& graph = m_document.graph();
    for (const Edge& edge : diff.edgesRemoved) {
        const auto found = std::find_if(m_wires.begin(), m_wires.end(),
                                        [&](const WireItem* w) { return w->edge() == edge; });
        if (found == m_wires.end()) continue;
        delete *found;
        m_wires.erase(found);
    }
    for (const NodeId& id : diff.removed) removeBlock(id);
    for (const NodeId& id : diff.added)
        if (const Node* node = graph.find(id)) addBlock(*node);
    for (const Edge& edge : diff.edgesAdded) {
        m_wires.push_back(new WireItem(edge));
        addItem(m_wires.back());
        addItem(m_wires.back()->label());
    }
    for (const NodeId& id : diff.changed)
        if (const Node* node = graph.find(id); node && block(id))
            block(id)->setPos(drawable(node->position));
}

void CanvasScene::showReport() {
    // Any edit may change what any block shows: shapes travel along the wires.
    const Graph& graph = m_document.graph();
    const ProjectReport& report = m_document.report();
    std::unordered_map<NodeId, Severity> worst;
    std::set<std::pair<NodeId, int>> faultyInputs;
    for (const Diagnostic& diagnostic : report.diagnostics) {
        if (diagnostic.node.empty() || diagnostic.severity == Severity::Info) continue;
        auto [entry, added] = worst.emplace(diagnostic.node, diagnostic.severity);
        if (!added && diagnostic.severity == Severity::Error) entry->second = Severity::Error;
        if (diagnostic.severity == Severity::Error && diagnostic.inputPort >= 0)
            faultyInputs.emplace(diagnostic.node, diagnostic.inputPort);
    }
    const auto uses = portUses(graph);
    for (const Node& node : graph.nodes) {
        const auto use = uses.find(node.id);
        updateBlock(node, use == uses.end() ? PortUse{} : use->second);
        if (BlockItem* item = block(node.id)) {
            const auto found = worst.find(node.id);
            item->setSeverity(found == worst.end() ? std::nullopt : std::optional(found->second));
        }
    }
    for (WireItem* wire : m_wires) {
        const Shape* shape = report.shapes.shapeAt(wire->edge().from);
        wire->setText(shape ? q(shape->toText()) : QString());
        wire->setFault(faultyInputs.contains({wire->edge().to.node, wire->edge().to.port}));
        wire->setToolTip(
            QStringLiteral("%1 → %2%3")
                .arg(q(wire->edge().from.toText()), q(wire->edge().to.toText()),
                     shape ? QStringLiteral(": ") + q(shape->toSentence()) : QString()));
    }
    routeAll();
}

void CanvasScene::addBlock(const Node& node) {
    if (m_blocks.contains(node.id)) return;
    auto* item = new BlockItem(node.id);
    item->setGeometry(blockGeometry(m_document.graph(), node, m_document.report().shapes));
    item->setPos(drawable(node.position));
    m_blocks.emplace(node.id, item);
    addItem(item);
}

void CanvasScene::updateBlock(const Node& node, const PortUse& use) {
    BlockItem* item = block(node.id);
    if (!item) return;
    item->setGeometry(blockGeometry(node, use, m_document.report().shapes));
    item->setToolTip(
        item->geometry().known
            ? q(layers().find(node.kind)->info.summary)
            : tr("This version of Torchloom does not know %1. The block is kept as it is.")
                  .arg(q(node.kind)));
}

void CanvasScene::removeBlock(const NodeId& id) {
    const auto found = m_blocks.find(id);
    if (found == m_blocks.end()) return;
    BlockItem* item = found->second;
    m_blocks.erase(found);
    delete item;
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
        wire->setPath({});
        wire->placeLabel({});
        return;
    }
    std::vector<QRectF> others;
    const QRectF first = from->sceneRect(), last = to->sceneRect();
    const QRectF around = first.united(last).adjusted(-80, -400, 80, 400);
    for (const QRectF& rect : rects)
        if (around.intersects(rect) && rect != first && rect != last) others.push_back(rect);
    wire->setPath(wirePath(from->portPoint({wire->edge().from, true}),
                           to->portPoint({wire->edge().to, false}), others));
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

void CanvasScene::blocksDragged(const std::vector<NodeId>& ids) {
    const std::set<NodeId> moved(ids.begin(), ids.end());
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
    for (const Node& node : m_document.graph().nodes)
        if (BlockItem* item = block(node.id)) item->setPos(drawable(node.position));
    routeAll();
}

std::vector<NodeId> CanvasScene::selectedBlocks() const {
    std::vector<NodeId> ids;
    for (const Node& node : m_document.graph().nodes)
        if (const BlockItem* item = block(node.id); item && item->isSelected())
            ids.push_back(node.id);
    return ids;
}

std::vector<Edge> CanvasScene::selectedWires() const {
    std::vector<Edge> edges;
    for (const WireItem* wire : m_wires)
        if (wire->isSelected()) edges.push_back(wire->edge());
    return edges;
}

void CanvasScene::select(const std::vector<NodeId>& ids, bool add) {
    if (!add) clearSelection();
    for (const NodeId& id : ids)
        if (BlockItem* item = block(id)) item->setSelected(true);
}

QRectF CanvasScene::blocksRect() const {
    QRectF all;
    for (const auto& [id, item] : m_blocks) all = all.united(item->sceneRect());
    return all;
}

QRectF CanvasScene::blocksRect(const std::vector<NodeId>& ids) const {
    QRectF all;
    for (const NodeId& id : ids)
        if (const BlockItem* item = block(id)) all = all.united(item->sceneRect());
    return all;
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

WireItem* CanvasScene::wireUnder(const QRectF& rect, const NodeId& except) const {
    const QRectF core = rect.adjusted(10, 8, -10, -8);
    for (WireItem* wire : m_wires) {
        if (wire->edge().from.node == except || wire->edge().to.node == except) continue;
        if (wire->boundingRect().intersects(core) && wire->path().intersects(core)) return wire;
    }
    return nullptr;
}

}  // namespace loom
