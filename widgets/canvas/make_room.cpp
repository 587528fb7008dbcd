#include "widgets/canvas/make_room.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "widgets/canvas/seen.h"

namespace loom {

namespace {

constexpr double kLeast = 50;  ///< gap below which blocks behind are moved on

std::set<NodeId> behind(const Graph& graph, const NodeId& start) {
    std::set<NodeId> seen;
    std::vector<NodeId> open{start};
    while (!open.empty()) {
        const NodeId id = open.back();
        open.pop_back();
        for (const Edge& edge : graph.edgesFrom(id))
            if (edge.to.node != start && seen.insert(edge.to.node).second)
                open.push_back(edge.to.node);
    }
    return seen;
}

bool sameRow(const QRectF& a, const QRectF& b) {
    return a.top() < b.bottom() + 12 && b.top() < a.bottom() + 12;
}

/// Of `candidates`, those in the row of `place` or in a lane beside it; not the rows that a long
/// network continues in.
std::set<NodeId> rowAround(const Seen& seen, const QRectF& place, std::set<NodeId> candidates) {
    constexpr double kLaneGap = 60;
    std::set<NodeId> row;
    double top = place.top(), bottom = place.bottom();
    for (bool grown = true; grown;) {
        grown = false;
        for (auto it = candidates.begin(); it != candidates.end();) {
            const Node* node = seen.graph.find(*it);
            const QRectF rect = node ? seen.rectOf(*node) : QRectF();
            if (!node || rect.top() > bottom + kLaneGap || rect.bottom() < top - kLaneGap) {
                ++it;
                continue;
            }
            top = std::min(top, rect.top());
            bottom = std::max(bottom, rect.bottom());
            row.insert(*it);
            it = candidates.erase(it);
            grown = true;
        }
    }
    return row;
}

}  // namespace

Graph makeRoom(const Graph& whole, const NodeId& id, const std::string& scope) {
    const Seen seen(whole, scope);
    const Graph& graph = seen.graph;
    const Node* node = graph.find(id);
    if (!node) return whole;
    QRectF place = seen.rectOf(*node);
    // First the block itself gets clear of those before it.
    for (const Edge& edge : graph.edgesInto(id)) {
        const Node* before = graph.find(edge.from.node);
        if (!before) continue;
        const QRectF rect = seen.rectOf(*before);
        if (sameRow(rect, place) && place.left() < rect.right() + kLeast &&
            place.right() > rect.left())
            place.moveLeft(rect.right() + kBlockGap);
    }
    std::map<std::string, Position> moved;
    moved[id] = {std::round(place.left() / kSnap) * kSnap, place.top()};
    place.moveLeft(moved[id].x);

    const std::set<NodeId> later = behind(graph, id);
    double shift = 0, from = place.left();
    for (const NodeId& other : later) {
        const Node* next = graph.find(other);
        if (!next) continue;
        const QRectF rect = seen.rectOf(*next);
        if (!sameRow(rect, place) || rect.right() < place.left() ||
            rect.left() >= place.right() + kLeast)
            continue;
        shift = std::max(shift, place.right() + kBlockGap - rect.left());
        from = std::min(from, rect.left());
    }
    if (shift > 0) {
        for (const NodeId& other : rowAround(seen, place, later)) {
            const Node* next = graph.find(other);
            if (seen.rectOf(*next).left() < from) continue;
            moved[other] = {std::round((next->position.x + shift) / kSnap) * kSnap,
                            next->position.y};
        }
    }
    const Graph roomy = edit::move(graph, moved);
    // Blocks of other branches stay; the new one gives way downwards.
    Node own = *roomy.find(id);
    for (int tries = 0; tries < 200; ++tries) {
        const QRectF rect = seen.rectOf(own).adjusted(-4, -4, 4, 4);
        const Node* hit = nullptr;
        for (const Node& other : roomy.nodes)
            if (other.id != id && seen.rectOf(other).intersects(rect)) hit = &other;
        if (!hit) break;
        own.position.y = std::ceil((seen.rectOf(*hit).bottom() + 28) / kSnap) * kSnap;
    }
    moved[id] = own.position;
    return edit::moveShown(whole, moved);
}

Graph placeBetween(const Graph& graph, const NodeId& id, const std::string& scope) {
    const Seen seen(graph, scope);
    const Node* node = seen.graph.find(id);
    const std::vector<Edge> in = seen.graph.edgesInto(id);
    if (!node || in.empty()) return graph;
    const Node* before = seen.graph.find(in.front().from.node);
    if (!before) return graph;
    const QRectF rect = seen.rectOf(*before), own = seen.rectOf(*node);
    const double x = std::round((rect.right() + kBlockGap) / kSnap) * kSnap;
    return edit::move(graph, {{id, {x, rect.center().y() - own.height() / 2}}});
}

QPointF freePlace(const Graph& graph, const std::string& scope) {
    const Seen seen(graph, scope);
    if (seen.graph.nodes.empty()) return {0, 0};
    QRectF all;
    for (const Node& node : seen.graph.nodes) all = all.united(seen.rectOf(node));
    return {all.left(), all.bottom() + 40};
}

}  // namespace loom
