#include "core/graph/level.h"

#include <algorithm>
#include <unordered_set>

namespace loom {
namespace {

std::string wireKey(const PortRef& from, const PortRef& to) {
    return from.node + ":" + std::to_string(from.port) + ">" + to.node + ":" +
           std::to_string(to.port);
}

}  // namespace

std::string groupKey(const std::string& path) {
    return path + ".";
}

bool isGroupKey(const std::string& key) {
    return key.ends_with('.');
}

std::string pathOfKey(const std::string& key) {
    return key.substr(0, key.size() - 1);
}

Level::Level(const Graph& graph, const std::string& scope, const PortsOf& portsOf)
    : m_scope(scope) {
    placeBlocks(graph);
    findPorts(graph, portsOf);
    if (!scope.empty()) addOutside(graph);
    drawWires(graph);
    frameGroups(graph);
}

void Level::placeBlocks(const Graph& graph) {
    std::unordered_set<std::string> collapsed;
    for (const GroupView& group : graph.groups)
        if (group.collapsed && group.path.size() > m_scope.size() && isInside(group.path, m_scope))
            collapsed.insert(group.path);
    const std::size_t start = m_scope.empty() ? 0 : m_scope.size() + 1;
    for (const Node& node : graph.nodes) {
        if (!isInside(node.id, m_scope)) continue;
        std::string key = node.id;
        if (!collapsed.empty())
            for (std::size_t dot = node.id.find('.', start); dot != std::string::npos;
                 dot = node.id.find('.', dot + 1))
                if (collapsed.contains(node.id.substr(0, dot))) {
                    key = groupKey(node.id.substr(0, dot));
                    break;
                }
        m_keys.emplace(node.id, key);
        if (!m_index.emplace(key, m_items.size()).second) continue;
        m_items.push_back({key, isGroupKey(key) ? ShownKind::Group : ShownKind::Block});
    }
}

void Level::findPorts(const Graph& graph, const PortsOf& portsOf) {
    for (ShownItem& item : m_items) {
        if (item.kind != ShownKind::Group) continue;
        GroupBoundary boundary = groupBoundary(graph, pathOfKey(item.key), portsOf);
        item.inputs = std::move(boundary.inputs);
        item.outputs = std::move(boundary.outputs);
    }
}

void Level::addOutside(const Graph& graph) {
    const auto add = [this](const std::string& key, ShownKind kind, GroupPort port) {
        if (!m_index.emplace(key, m_items.size()).second) return;
        ShownItem item{key, kind};
        (kind == ShownKind::Source ? item.outputs : item.inputs).push_back(std::move(port));
        m_items.push_back(std::move(item));
    };
    const GroupBoundary boundary = groupBoundary(graph, m_scope);
    // As someone sees them who stands just outside.
    const auto seen = [&](const PortRef& end) {
        const std::string around = collapsedAround(graph, end.node, parentPath(m_scope));
        return around.empty() ? end.toText() : around;
    };
    for (const GroupPort& input : boundary.inputs)
        add("from " + input.source->toText(), ShownKind::Source,
            {{*input.source}, {}, {}, seen(*input.source)});
    for (const GroupPort& output : boundary.outputs) {
        std::vector<std::string> ends;
        std::string names;
        for (const PortRef& target : output.targets) {
            const std::string name = seen(target);
            if (std::find(ends.begin(), ends.end(), name) != ends.end()) continue;
            ends.push_back(name);
            names += (names.empty() ? "" : ", ") + name;
        }
        add("to " + output.inner.front().toText(), ShownKind::Target,
            {output.targets, output.inner.front(), {}, names});
    }
}

PortRef Level::shownEnd(const PortRef& real, bool output) const {
    const auto found = m_keys.find(real.node);
    if (found == m_keys.end()) return {};
    const ShownItem& item = m_items[m_index.at(found->second)];
    if (item.kind == ShownKind::Block) return real;
    const std::vector<GroupPort>& ports = output ? item.outputs : item.inputs;
    for (std::size_t i = 0; i < ports.size(); ++i)
        if (std::find(ports[i].inner.begin(), ports[i].inner.end(), real) != ports[i].inner.end())
            return {item.key, static_cast<int>(i)};
    return {};
}

void Level::drawWires(const Graph& graph) {
    std::unordered_map<std::string, std::size_t> drawn;
    std::unordered_set<NodeId> there;
    for (const Node& node : graph.nodes) there.insert(node.id);
    for (const Edge& edge : graph.edges) {
        const auto from = m_keys.find(edge.from.node), to = m_keys.find(edge.to.node);
        if (from == m_keys.end() && to == m_keys.end()) continue;
        if (!there.contains(edge.from.node) || !there.contains(edge.to.node)) continue;
        PortRef start, end;
        if (from == m_keys.end())
            start = {"from " + edge.from.toText(), 0};
        else
            start = shownEnd(edge.from, true);
        if (to == m_keys.end())
            end = {"to " + edge.from.toText(), 0};
        else
            end = shownEnd(edge.to, false);
        if (start.node.empty() || end.node.empty()) continue;
        if (start.node == end.node && isGroupKey(start.node)) continue;
        const auto [entry, fresh] = drawn.emplace(wireKey(start, end), m_wires.size());
        if (fresh) m_wires.push_back({{start, end}, {}});
        m_wires[entry->second].wires.push_back(edge);
    }
}

void Level::frameGroups(const Graph& graph) {
    std::vector<std::string> open;
    for (const GroupView& group : graph.groups)
        if (!group.collapsed && group.path.size() > m_scope.size() && isInside(group.path, m_scope))
            open.push_back(group.path);
    std::stable_sort(open.begin(), open.end(), [](const std::string& a, const std::string& b) {
        return std::count(a.begin(), a.end(), '.') < std::count(b.begin(), b.end(), '.');
    });
    for (const std::string& path : open) {
        ShownFrame frame{path, {}};
        for (const ShownItem& item : m_items)
            if ((item.kind == ShownKind::Block || item.kind == ShownKind::Group) &&
                item.key != groupKey(path) && isInside(item.key, path))
                frame.keys.push_back(item.key);
        // Inner frames come later and win.
        for (const std::string& key : frame.keys) m_around[key] = path;
        if (!frame.keys.empty()) m_frames.push_back(std::move(frame));
    }
}

const ShownItem* Level::find(const std::string& key) const {
    const auto found = m_index.find(key);
    return found == m_index.end() ? nullptr : &m_items[found->second];
}

std::string Level::keyOf(const NodeId& id) const {
    const auto found = m_keys.find(id);
    return found == m_keys.end() ? std::string() : found->second;
}

const std::string& Level::around(const std::string& key) const {
    const auto found = m_around.find(key);
    return found == m_around.end() ? m_scope : found->second;
}

std::vector<NodeId> Level::blocksOf(const Graph& graph, const std::string& key) const {
    const ShownItem* item = find(key);
    if (!item) return {};
    if (item->kind == ShownKind::Group) return groupMembers(graph, pathOfKey(key));
    if (item->kind == ShownKind::Block) return {key};
    return {};
}

std::vector<PortRef> Level::real(const PortRef& shown, bool output) const {
    const ShownItem* item = find(shown.node);
    if (!item || item->kind == ShownKind::Block) return {shown};
    const std::vector<GroupPort>& ports = output ? item->outputs : item->inputs;
    if (shown.port < 0 || static_cast<std::size_t>(shown.port) >= ports.size()) return {};
    return ports[static_cast<std::size_t>(shown.port)].inner;
}

Graph Level::asGraph(const Graph& graph) const {
    std::unordered_map<NodeId, const Node*> blocks;
    for (const Node& node : graph.nodes) blocks.emplace(node.id, &node);
    Graph shown;
    for (const ShownItem& item : m_items) {
        if (item.kind == ShownKind::Block) {
            const Node& node = *blocks.at(item.key);
            shown.nodes.push_back({node.id, node.kind, node.params, node.position});
        } else if (item.kind == ShownKind::Group) {
            shown.nodes.push_back({item.key, {}, {}, groupPosition(graph, pathOfKey(item.key))});
        }
    }
    const auto outside = [this](const PortRef& end) {
        const ShownItem& item = m_items[m_index.at(end.node)];
        return item.kind == ShownKind::Source || item.kind == ShownKind::Target;
    };
    for (const ShownWire& wire : m_wires)
        if (!outside(wire.shown.from) && !outside(wire.shown.to)) shown.edges.push_back(wire.shown);
    return shown;
}

}  // namespace loom
