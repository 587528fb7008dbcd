#include <algorithm>
#include <cmath>

#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "core/graph/group_layout.h"
#include "widgets/canvas/make_room.h"
#include "widgets/canvas/seen.h"

namespace loom {

namespace {

double snapped(double value) {
    return std::round(value / kSnap) * kSnap;
}

/// Moves what stands beside, below and above `before`, because `after` stands there now, centred at
/// the left edge.
Graph giveWay(const Graph& graph, const std::string& path, const std::string& scope,
              const QRectF& before, const QRectF& after) {
    const Seen seen(graph, scope);
    const double right = after.right() - before.right(), down = after.bottom() - before.bottom(),
                 up = after.top() - before.top();
    std::map<std::string, Position> moved;
    for (const Node& node : seen.graph.nodes) {
        if (node.id == groupKey(path) || isInside(node.id, path)) continue;
        const QRectF rect = seen.rectOf(node);
        const auto [x, y] = node.position;
        if (rect.top() >= before.bottom() - 1)
            moved[node.id] = {x, y + down};
        else if (rect.bottom() <= before.top() + 1)
            moved[node.id] = {x, y + up};
        else if (rect.left() >= before.right() - 1)
            moved[node.id] = {x + right, y};
    }
    const Graph placed = edit::move(seen.graph, moved);
    const auto collides = [&] {
        for (const Node& a : placed.nodes)
            for (const Node& b : placed.nodes)
                if (a.id < b.id && seen.rectOf(a).intersects(seen.rectOf(b)) &&
                    !seen.rectOf(*seen.graph.find(a.id))
                         .intersects(seen.rectOf(*seen.graph.find(b.id))))
                    return true;
        return false;
    };
    // To close a gap is a favour; it must not push blocks onto each other.
    if (right < 0 && collides()) return graph;
    return edit::moveShown(graph, moved);
}

/// Around what a group shows, without the room for its frame.
QRectF contentOf(const Graph& graph, const std::string& path, const std::string& scope) {
    const Seen seen(graph, scope);
    QRectF content;
    for (const Node& node : seen.graph.nodes)
        if (isInside(node.id, path) && node.id != groupKey(path))
            content = content.united(seen.rectOf(node));
    for (const GroupView& inner : graph.groups)
        if (!inner.collapsed && isInside(inner.path, path))
            if (const QRectF frame = contentOf(graph, inner.path, scope); !frame.isNull())
                content = content.united(frameAround(frame));
    return content;
}

}  // namespace

Graph expandGroup(const Graph& graph, const std::string& path, const std::string& scope) {
    const Seen seen(graph, scope);
    const Node* found = seen.graph.find(groupKey(path));
    if (!found) return edit::setCollapsed(graph, path, false);
    // A program that wrote the network may have left their places to us.
    Graph open = edit::setCollapsed(layoutUnplaced(graph, blockSizes(graph, {})), path, false);
    const QRectF box = seen.rectOf(*found), frame = frameAround(contentOf(open, path, scope));
    const double dx = snapped(box.left() - frame.left()),
                 dy = snapped(box.center().y() - frame.center().y());
    for (Node& node : open.nodes)
        if (isInside(node.id, path)) node.position = {node.position.x + dx, node.position.y + dy};
    for (GroupView& view : open.groups)
        if (isInside(view.path, path) && view.position)
            view.position = {view.position->x + dx, view.position->y + dy};
    return giveWay(open, path, scope, box, frame.translated(dx, dy));
}

Graph collapseGroup(const Graph& graph, const std::string& path, const std::string& scope) {
    const QRectF content = contentOf(graph, path, scope);
    const bool framed = groupView(graph, path) && !isCollapsed(graph, path);
    const QRectF before = framed ? frameAround(content) : content;
    Graph closed = edit::setCollapsed(graph, path, true);
    return placeBox(closed, path, scope, before);
}

Graph placeBox(const Graph& graph, const std::string& path, const std::string& scope,
               const QRectF& before) {
    const Seen seen(graph, scope);
    const Node* found = seen.graph.find(groupKey(path));
    if (!found) return graph;
    QRectF box = seen.rectOf(*found);
    box.moveTopLeft({snapped(before.left()), snapped(before.center().y() - box.height() / 2)});
    const auto blocked = [&] {
        return std::any_of(seen.graph.nodes.begin(), seen.graph.nodes.end(), [&](const Node& node) {
            return node.id != found->id && seen.rectOf(node).intersects(box);
        });
    };
    const bool among = blocked();
    if (among) {
        // Others stand between its blocks: it takes the place of the first.
        const Node& first = *graph.find(groupMembers(graph, path).front());
        box.moveTopLeft({first.position.x, snapped(first.position.y + 26 - box.height() / 2)});
        while (blocked()) box.translate(0, 2 * kGrid);
    }
    Graph next = graph;
    for (GroupView& view : next.groups)
        if (view.path == path) view.position = {box.left(), box.top()};
    return among ? next : giveWay(next, path, scope, before, box);
}

QRectF shownRect(const Graph& graph, const std::vector<NodeId>& ids, const std::string& scope) {
    const Seen seen(graph, scope);
    const Level level(graph, scope, portCounts);
    QRectF all;
    for (const NodeId& id : ids)
        if (const Node* node = seen.graph.find(level.keyOf(id)))
            all = all.united(seen.rectOf(*node));
    return all;
}

}  // namespace loom
