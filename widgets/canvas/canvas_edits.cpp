#include "widgets/canvas/canvas_edits.h"

#include <QObject>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/graph/edit.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/make_room.h"

namespace loom::canvas_edits {

namespace {

QString tr(const char* text) {
    return QObject::tr(text);
}

double snapped(double value) {
    return std::round(value / kSnap) * kSnap;
}

Position snapped(const QPointF& point) {
    return {snapped(point.x()), snapped(point.y())};
}

Node freshNode(const Graph& graph, const QString& kind) {
    Node node;
    node.kind = kind.toStdString();
    node.id = edit::freeId(graph, node.kind);
    if (const LayerKind* known = layers().find(node.kind))
        node.params = startingParams(known->params);
    return node;
}

QSizeF sizeOf(const Graph& graph, const Node& node) {
    return blockGeometry(graph, node, {}).size;
}

bool hasInputs(const Node& node) {
    const LayerKind* kind = layers().find(node.kind);
    return !kind || !kind->inputs.empty();
}

bool hasOutputs(const Node& node) {
    const LayerKind* kind = layers().find(node.kind);
    return !kind || !kind->outputs.empty();
}

/// A sink without a wire into it: what is appended shall reach it.
const Node* freeSink(const Graph& graph) {
    for (const Node& node : graph.nodes)
        if (hasInputs(node) && !hasOutputs(node) && graph.edgesInto(node.id).empty()) return &node;
    return nullptr;
}

std::map<NodeId, Position> positionsOf(const Graph& graph, const std::vector<NodeId>& ids,
                                       double dx, double dy) {
    std::map<NodeId, Position> positions;
    for (const NodeId& id : ids)
        if (const Node* node = graph.find(id))
            positions[id] = {node->position.x + dx, node->position.y + dy};
    return positions;
}

QString blocksText(const std::vector<NodeId>& ids) {
    return ids.size() == 1 ? q(ids.front()) : QObject::tr("%1 Blocks").arg(ids.size());
}

}  // namespace

NodeId lastBlock(const Graph& graph) {
    for (const Node& node : graph.nodes) {
        if (hasOutputs(node)) continue;
        for (const Edge& edge : graph.edgesInto(node.id)) return edge.from.node;
    }
    NodeId last;
    for (const NodeId& id : topologicalOrder(graph)) {
        const Node* node = graph.find(id);
        if (hasOutputs(*node) && graph.edgesFrom(id).empty()) last = id;
    }
    return last;
}

NodeId addBlock(DocumentController& document, const QString& kind, const QPointF& centre,
                const std::optional<Edge>& onto) {
    NodeId added;
    const bool done =
        document.editGraph(tr("Add %1").arg(kind), [&](const Graph& graph) -> Result<Graph> {
            Node node = freshNode(graph, kind);
            const QSizeF size = sizeOf(graph, node);
            node.position = snapped(centre - QPointF(size.width() / 2, size.height() / 2));
            added = node.id;
            const bool fits = onto && hasInputs(node) && hasOutputs(node);
            Result<Graph> next = edit::addNode(graph, node);
            if (!next || !fits) return next;
            Result<Graph> inserted = edit::insertOnEdge(*next, *onto, added);
            if (!inserted) return inserted;
            return makeRoom(*inserted, added);
        });
    return done ? added : NodeId();
}

NodeId appendBlock(DocumentController& document, const QString& kind, const NodeId& after) {
    NodeId added;
    const bool done =
        document.editGraph(tr("Add %1").arg(kind), [&](const Graph& graph) -> Result<Graph> {
            Node node = freshNode(graph, kind);
            added = node.id;
            const Node* before = graph.find(after);
            if (!before || !hasOutputs(*before)) before = graph.find(lastBlock(graph));
            if (!before || !hasInputs(node)) {
                node.position = snapped(freePlace(graph));
                return edit::addNode(graph, node);
            }
            const QSizeF size = sizeOf(graph, node), beforeSize = sizeOf(graph, *before);
            node.position = {snapped(before->position.x + beforeSize.width() + kBlockGap),
                             before->position.y + (beforeSize.height() - size.height()) / 2};
            const NodeId beforeId = before->id;
            Result<Graph> next = graph;
            if (hasOutputs(node)) {
                next = edit::insertAfter(graph, beforeId, node);
            } else {
                next = edit::addNode(graph, node);
                if (next) next = edit::connect(*next, {beforeId, 0}, {added, 0});
            }
            if (!next) return next;
            // A block that is the new end of the chain leads on to an Output that still waits.
            const Node* sink = freeSink(*next);
            if (hasOutputs(node) && sink && next->edgesFrom(added).empty()) {
                Result<Graph> joined = edit::connect(*next, {added, 0}, {sink->id, 0});
                if (joined) next = std::move(joined);
            }
            return makeRoom(*next, added);
        });
    return done ? added : NodeId();
}

NodeId addConnected(DocumentController& document, const QString& kind, const PortHandle& origin,
                    const QPointF& point) {
    NodeId added;
    const bool done =
        document.editGraph(tr("Add %1").arg(kind), [&](const Graph& graph) -> Result<Graph> {
            Node node = freshNode(graph, kind);
            added = node.id;
            const BlockGeometry g = blockGeometry(graph, node, {});
            const auto& ports = origin.output ? g.inputs : g.outputs;
            const QPointF port = ports.empty() ? QPointF(0, g.size.height() / 2) : ports.front();
            node.position = snapped(point - port);
            Result<Graph> next = edit::addNode(graph, node);
            if (!next) return next;
            return origin.output ? edit::connect(*next, origin.ref, {added, 0})
                                 : edit::connect(*next, {added, 0}, origin.ref);
        });
    return done ? added : NodeId();
}

bool connect(DocumentController& document, const PortRef& from, const PortRef& to,
             const std::optional<Edge>& instead) {
    if (instead && instead->from == from && instead->to == to) return true;
    return document.editGraph(tr("Connect %1 to %2").arg(q(from.node), q(to.node)),
                              [&](const Graph& graph) -> Result<Graph> {
                                  if (!instead) return edit::connect(graph, from, to);
                                  Result<Graph> without = edit::disconnect(graph, *instead);
                                  return without ? edit::connect(*without, from, to) : without;
                              });
}

bool remove(DocumentController& document, const std::vector<NodeId>& ids,
            const std::vector<Edge>& wires, bool heal) {
    if (ids.empty() && wires.empty()) return false;
    const QString what =
        ids.empty() ? (wires.size() == 1 ? tr("Wire") : tr("Wires")) : blocksText(ids);
    return document.editGraph(tr("Delete %1").arg(what), [&](const Graph& graph) -> Result<Graph> {
        Graph next = edit::removeNodes(graph, ids, heal);
        for (const Edge& wire : wires) {
            if (std::find(next.edges.begin(), next.edges.end(), wire) == next.edges.end()) continue;
            Result<Graph> without = edit::disconnect(next, wire);
            if (!without) return without;
            next = std::move(*without);
        }
        return next;
    });
}

bool move(DocumentController& document, const std::map<NodeId, Position>& positions) {
    std::vector<NodeId> ids;
    for (const auto& [id, position] : positions) ids.push_back(id);
    return document.editGraph(
        tr("Move %1").arg(blocksText(ids)),
        [&](const Graph& graph) -> Result<Graph> { return edit::move(graph, positions); });
}

bool nudge(DocumentController& document, const std::vector<NodeId>& ids, double dx, double dy) {
    if (ids.empty()) return false;
    QString key = QStringLiteral("nudge");
    for (const NodeId& id : ids) key += QLatin1Char(' ') + q(id);
    return document.editGraph(
        tr("Move %1").arg(blocksText(ids)),
        [&](const Graph& graph) -> Result<Graph> {
            return edit::move(graph, positionsOf(graph, ids, dx, dy));
        },
        key);
}

bool insertMoved(DocumentController& document, const NodeId& id, Position position,
                 const Edge& edge) {
    return document.editGraph(tr("Insert %1").arg(q(id)), [&](const Graph& graph) -> Result<Graph> {
        Result<Graph> next = edit::insertOnEdge(edit::move(graph, {{id, position}}), edge, id);
        if (!next) return next;
        return makeRoom(*next, id);
    });
}

bool tidy(DocumentController& document, double rowWidth) {
    return document.editGraph(tr("Tidy Up"), [&](const Graph& graph) -> Result<Graph> {
        LayoutOptions options;
        options.rowWidth = rowWidth;
        return edit::move(graph,
                          layoutGraph(graph, blockSizes(graph, document.report().shapes), options));
    });
}

bool applyFix(DocumentController& document, const Fix& fix) {
    if (!fix.apply) return false;
    return document.editGraph(q(fix.label), [&](const Graph& graph) -> Result<Graph> {
        Result<Graph> next = fix.apply(graph);
        if (!next) return next;
        // A fix in core puts a block where it belongs by its wires; here it also gets a free place.
        Graph roomy = std::move(*next);
        std::vector<NodeId> fresh;
        for (const Node& node : roomy.nodes)
            if (!graph.find(node.id)) fresh.push_back(node.id);
        for (const NodeId& id : fresh) roomy = makeRoom(placeBetween(roomy, id), id);
        return roomy;
    });
}

bool rename(DocumentController& document, const NodeId& from, const QString& to) {
    if (to.toStdString() == from) return true;
    return document.editGraph(tr("Rename %1").arg(q(from)), [&](const Graph& graph) {
        return edit::rename(graph, from, to.trimmed().toStdString());
    });
}

}  // namespace loom::canvas_edits
