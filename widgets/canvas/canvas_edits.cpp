#include "widgets/canvas/canvas_edits.h"

#include <QFontMetricsF>
#include <QObject>
#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "core/catalogue/loss_fix.h"
#include "core/data/dataset_fix.h"
#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "core/graph/group_layout.h"
#include "core/project/delivered_dataset.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/make_room.h"
#include "widgets/canvas/shown_geometry.h"
#include "widgets/style/theme.h"

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

Node freshNode(const Graph& graph, const QString& kind, const std::string& scope) {
    Node node;
    node.kind = kind.toStdString();
    node.id = edit::freeIdIn(graph, scope, node.kind);
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

/// Where the first source of a network leads: the first block at which nothing arrives.
const Node* freeHead(const Graph& graph) {
    const Node* sink = nullptr;
    for (const Node& node : graph.nodes) {
        if (!hasInputs(node)) return nullptr;
        if (!graph.edgesInto(node.id).empty()) continue;
        if (hasOutputs(node)) return &node;
        sink = &node;
    }
    return sink;
}

/// The room that the longest size takes on a wire.
double longestShape(const ShapeReport& report) {
    static const QFontMetricsF mono(monoFont(11));
    double longest = 0;
    for (const auto& [id, block] : report.blocks)
        for (const Shape& shape : block.inference.outputs)
            longest = std::max(longest, mono.horizontalAdvance(q(shape.toText())));
    return longest;
}

QString blocksText(const std::vector<std::string>& keys) {
    if (keys.size() != 1) return QObject::tr("%1 Blocks").arg(keys.size());
    return q(isGroupKey(keys.front()) ? pathOfKey(keys.front()) : keys.front());
}

/// Puts something on all wires that leave `source`, which lies in the item `after`, for somewhere
/// else.
Graph insertBehind(const Graph& graph, const PortRef& source, const std::string& after,
                   const std::vector<PortRef>& inputs, const PortRef& output) {
    Graph next = graph;
    for (Edge& edge : next.edges)
        if (edge.from == source && !(isGroupKey(after) && isInside(edge.to.node, pathOfKey(after))))
            edge.from = output;
    for (const PortRef& input : inputs) next.edges.push_back(Edge{source, input});
    return next;
}

struct Before {
    PortRef source;
    std::string key;
    QRectF rect;
};

/// What a new block is put behind: `key`, if it leads on, else the last.
std::optional<Before> findBefore(const Graph& graph, const std::string& scope, std::string key) {
    const Level level(graph, scope, portCounts);
    const auto sourceOf = [&](const std::string& from) -> std::optional<PortRef> {
        const ShownItem* item = level.find(from);
        if (!item || item->kind == ShownKind::Target) return std::nullopt;
        const Node* node = graph.find(from);
        if (item->kind == ShownKind::Block && !(node && hasOutputs(*node))) return std::nullopt;
        const std::vector<PortRef> real = level.real({from, 0}, true);
        return real.empty() ? std::nullopt : std::optional(real.front());
    };
    std::optional<PortRef> source = sourceOf(key);
    if (!source) {
        key = lastBlock(graph, scope);
        source = sourceOf(key);
    }
    if (!source) return std::nullopt;
    return Before{*source, key, shownRect(graph, {source->node}, scope)};
}

}  // namespace

std::string lastBlock(const Graph& graph, const std::string& scope) {
    const Level level(graph, scope, portCounts);
    const auto leads = [&](const std::string& key) {
        const ShownItem* item = level.find(key);
        if (item->kind == ShownKind::Group) return !item->outputs.empty();
        return item->kind == ShownKind::Block && hasOutputs(*graph.find(key));
    };
    const auto ends = [&](const std::string& key) {
        const ShownItem* item = level.find(key);
        return item->kind == ShownKind::Target ||
               (item->kind == ShownKind::Block && !hasOutputs(*graph.find(key)));
    };
    for (const ShownWire& wire : level.wires())
        if (ends(wire.shown.to.node) && leads(wire.shown.from.node)) return wire.shown.from.node;
    const Graph shown = level.asGraph(graph);
    std::string last;
    for (const NodeId& key : topologicalOrder(shown))
        if (leads(key) && shown.edgesFrom(key).empty()) last = key;
    return last;
}

std::string placeToAppend(const Graph& graph, const std::vector<std::string>& selected,
                          const std::string& scope) {
    const auto before =
        findBefore(graph, scope, selected.size() == 1 ? selected.front() : std::string());
    return before ? before->key : std::string();
}

NodeId addBlock(DocumentController& document, const QString& kind, const QPointF& centre,
                const std::vector<Edge>& onto, const std::string& scope) {
    NodeId added;
    const bool done =
        document.editGraph(tr("Add %1").arg(kind), [&](const Graph& graph) -> Result<Graph> {
            Node node = freshNode(graph, kind, scope);
            const QSizeF size = sizeOf(graph, node);
            node.position = snapped(centre - QPointF(size.width() / 2, size.height() / 2));
            added = node.id;
            const bool fits = !onto.empty() && hasInputs(node) && hasOutputs(node);
            Result<Graph> next = edit::addNode(graph, node);
            if (!next || !fits) return next;
            Result<Graph> inserted = edit::insertOnEdges(*next, onto, added);
            if (!inserted) return inserted;
            return makeRoom(*inserted, added, scope);
        });
    return done ? added : NodeId();
}

NodeId appendBlock(DocumentController& document, const QString& kind, const std::string& after,
                   const std::string& scope) {
    NodeId added;
    const bool done =
        document.editGraph(tr("Add %1").arg(kind), [&](const Graph& graph) -> Result<Graph> {
            Node node = freshNode(graph, kind, scope);
            added = node.id;
            const std::optional<Before> before = findBefore(graph, scope, after);
            if (const Node* head = hasInputs(node) ? nullptr : freeHead(graph)) {
                const QRectF rect = shownRect(graph, {head->id}, scope);
                const QSizeF size = sizeOf(graph, node);
                node.position = snapped({rect.left() - kBlockGap - size.width(),
                                         rect.center().y() - size.height() / 2});
                const Result<Graph> next = edit::addNode(graph, node);
                return next ? edit::connect(*next, {added, 0}, {head->id, 0}) : next;
            }
            if (!before || !hasInputs(node)) {
                node.position = snapped(freePlace(graph, scope));
                return edit::addNode(graph, node);
            }
            const QSizeF size = sizeOf(graph, node);
            node.position = {snapped(before->rect.right() + kBlockGap),
                             before->rect.center().y() - size.height() / 2};
            Result<Graph> next = graph;
            next = edit::addNode(graph, node);
            if (!next) return next;
            if (hasOutputs(node))
                next = insertBehind(*next, before->source, before->key, {{added, 0}}, {added, 0});
            else
                next = edit::connect(*next, before->source, {added, 0});
            if (!next) return next;
            // A block that is the new end of the chain leads on to an Output that still waits.
            const Node* sink = freeSink(*next);
            if (hasOutputs(node) && sink && next->edgesFrom(added).empty()) {
                Result<Graph> joined = edit::connect(*next, {added, 0}, {sink->id, 0});
                if (joined) next = std::move(joined);
            }
            return makeRoom(*next, added, scope);
        });
    return done ? added : NodeId();
}

Result<Graph> placeBehind(const Graph& graph, const std::string& key, const std::string& after,
                          const std::vector<PortRef>& inputs, const PortRef& output,
                          const std::string& scope) {
    // What is put there is no place to put it behind.
    Graph others = graph;
    const auto own = [&](const std::string& id) {
        return id == key || (isGroupKey(key) && isInside(id, pathOfKey(key)));
    };
    std::erase_if(others.nodes, [&](const Node& node) { return own(node.id); });
    std::erase_if(others.edges,
                  [&](const Edge& edge) { return own(edge.from.node) || own(edge.to.node); });
    const std::optional<Before> before = findBefore(others, scope, after);
    if (!before) return graph;
    const Graph wired = insertBehind(graph, before->source, before->key, inputs, output);
    const QRectF size = shownRect(graph, {inputs.front().node}, scope);
    return makeRoom(
        edit::moveShown(wired, {{key,
                                 {snapped(before->rect.right() + kBlockGap),
                                  snapped(before->rect.center().y() - size.height() / 2)}}}),
        key, scope);
}

NodeId addConnected(DocumentController& document, const QString& kind, const PortHandle& origin,
                    const QPointF& point, const std::string& scope) {
    NodeId added;
    const bool done =
        document.editGraph(tr("Add %1").arg(kind), [&](const Graph& graph) -> Result<Graph> {
            Node node = freshNode(graph, kind, scope);
            added = node.id;
            const BlockGeometry g = blockGeometry(graph, node, {});
            const auto& ports = origin.output ? g.inputs : g.outputs;
            const QPointF port = ports.empty() ? QPointF(0, g.size.height() / 2) : ports.front();
            node.position = snapped(point - port);
            Result<Graph> next = edit::addNode(graph, node);
            if (!next) return next;
            const std::vector<PortRef> ends =
                Level(graph, scope, portCounts).real(origin.ref, origin.output);
            if (ends.empty()) return next;
            return origin.output ? edit::connect(*next, ends.front(), {added, 0})
                                 : edit::connectAll(*next, {added, 0}, ends);
        });
    return done ? added : NodeId();
}

bool connect(DocumentController& document, const PortRef& from, const PortRef& to,
             const std::vector<Edge>& instead, const std::string& scope) {
    const Level level(document.graph(), scope, portCounts);
    const std::vector<PortRef> sources = level.real(from, true), targets = level.real(to, false);
    if (sources.empty() || targets.empty()) return false;
    const auto named = [](const PortRef& end) {
        return q(isGroupKey(end.node) ? pathOfKey(end.node) : end.node);
    };
    const bool same =
        !instead.empty() && std::all_of(instead.begin(), instead.end(), [&](const Edge& edge) {
            return edge.from == sources.front() &&
                   std::find(targets.begin(), targets.end(), edge.to) != targets.end();
        });
    if (same) return true;
    return document.editGraph(tr("Connect %1 to %2").arg(named(from), named(to)),
                              [&](const Graph& graph) -> Result<Graph> {
                                  Result<Graph> next = graph;
                                  for (const Edge& edge : instead) {
                                      next = edit::disconnect(*next, edge);
                                      if (!next) return next;
                                  }
                                  return edit::connectAll(*next, sources.front(), targets);
                              });
}

bool remove(DocumentController& document, const std::vector<std::string>& keys,
            const std::vector<Edge>& wires, bool heal) {
    if (keys.empty() && wires.empty()) return false;
    const QString what =
        keys.empty() ? (wires.size() == 1 ? tr("Wire") : tr("Wires")) : blocksText(keys);
    return document.editGraph(tr("Delete %1").arg(what), [&](const Graph& graph) -> Result<Graph> {
        std::vector<NodeId> ids;
        Graph next = graph;
        for (const std::string& key : keys) {
            if (isGroupKey(key))
                next = edit::removeGroup(next, pathOfKey(key), heal);
            else
                ids.push_back(key);
        }
        next = edit::removeNodes(next, ids, heal);
        for (const Edge& wire : wires) {
            if (std::find(next.edges.begin(), next.edges.end(), wire) == next.edges.end()) continue;
            Result<Graph> without = edit::disconnect(next, wire);
            if (!without) return without;
            next = std::move(*without);
        }
        return next;
    });
}

bool move(DocumentController& document, const std::map<std::string, Position>& positions) {
    std::vector<std::string> keys;
    for (const auto& [key, position] : positions) keys.push_back(key);
    return document.editGraph(
        tr("Move %1").arg(blocksText(keys)),
        [&](const Graph& graph) -> Result<Graph> { return edit::moveShown(graph, positions); });
}

bool nudge(DocumentController& document, const std::vector<std::string>& keys, double dx,
           double dy) {
    if (keys.empty()) return false;
    QString merge = QStringLiteral("nudge");
    for (const std::string& key : keys) merge += QLatin1Char(' ') + q(key);
    return document.editGraph(
        tr("Move %1").arg(blocksText(keys)),
        [&](const Graph& graph) -> Result<Graph> {
            std::map<std::string, Position> positions;
            for (const std::string& key : keys) {
                const Node* node = graph.find(key);
                if (!node && !isGroupKey(key)) continue;
                const Position at = node ? node->position : groupPosition(graph, pathOfKey(key));
                positions[key] = {at.x + dx, at.y + dy};
            }
            return edit::moveShown(graph, positions);
        },
        merge);
}

bool insertMoved(DocumentController& document, const NodeId& id, Position position,
                 const std::vector<Edge>& onto, const std::string& scope) {
    return document.editGraph(tr("Insert %1").arg(q(id)), [&](const Graph& graph) -> Result<Graph> {
        Result<Graph> next = edit::insertOnEdges(edit::move(graph, {{id, position}}), onto, id);
        if (!next) return next;
        return makeRoom(*next, id, scope);
    });
}

bool tidy(DocumentController& document, double rowWidth, const std::string& scope) {
    return document.editGraph(tr("Tidy Up"), [&](const Graph& graph) -> Result<Graph> {
        LayoutOptions options;
        options.rowWidth = rowWidth;
        options.gapX = std::max(options.gapX, longestShape(document.report().shapes) + 24);
        const Level level(graph, scope, portCounts);
        auto positions =
            layoutLevel(graph, level, shownSizes(graph, level, document.report().shapes), options);
        // Inside of a group it stays where the group is.
        if (!scope.empty()) {
            const Position corner = groupPosition(graph, scope);
            for (auto& [key, position] : positions)
                position = {std::round((position.x + corner.x) / kSnap) * kSnap,
                            std::round((position.y + corner.y) / kSnap) * kSnap};
        }
        return layoutUnplaced(edit::moveShown(graph, positions),
                              blockSizes(graph, document.report().shapes), options);
    });
}

bool applyFix(DocumentController& document, const Fix& fix, const std::string& scope) {
    if (!fix.apply) return false;
    if (const Params* params = datasetParamsOf(fix))
        return document.edit(q(fix.label), [&](const Project& project) -> Result<Project> {
            return withDatasetParams(project, *params);
        });
    if (const std::string* loss = lossOf(fix))
        return document.edit(q(fix.label), [&](const Project& project) -> Result<Project> {
            Project next = project;
            next.training.loss = Choice{*loss};
            return next;
        });
    return document.editGraph(q(fix.label), [&](const Graph& graph) -> Result<Graph> {
        Result<Graph> next = fix.apply(graph);
        if (!next) return next;
        // A fix in core puts a block where it belongs by its wires; here it also gets a free place.
        Graph roomy = std::move(*next);
        std::vector<NodeId> fresh;
        for (const Node& node : roomy.nodes)
            if (!graph.find(node.id)) fresh.push_back(node.id);
        for (const NodeId& id : fresh) {
            const std::string around = isInside(id, scope) ? scope : std::string();
            roomy = makeRoom(placeBetween(roomy, id, around), id, around);
        }
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
