#include "core/graph/edit.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/graph/group_edit.h"

namespace loom::edit {
namespace {

Error noBlock(const NodeId& id) {
    return {"There is no block " + id + " in the network.", "It may have been renamed or removed."};
}

/// `conv` for Conv2d, `bn` for BatchNorm2d: the names PyTorch courses use.
std::string shortName(const std::string& kind) {
    static const std::vector<std::pair<std::string, std::string>> known = {
        {"AdaptiveAvgPool", "avgpool"},
        {"ConvTranspose", "deconv"},
        {"BatchNorm", "bn"},
        {"InstanceNorm", "norm"},
        {"ReplicationPad", "pad"},
        {"ReflectionPad", "pad"},
        {"ConstantPad", "pad"},
        {"ZeroPad", "pad"},
        {"MaxUnpool", "unpool"},
        {"AdaptiveMaxPool", "maxpool"},
        {"FractionalMaxPool", "pool"},
        {"LPPool", "pool"},
        {"Upsampl", "up"},
        {"MaxPool", "pool"},
        {"AvgPool", "pool"},
        {"Conv", "conv"},
        {"Linear", "fc"}};
    for (const auto& [prefix, name] : known)
        if (kind.starts_with(prefix)) return name;
    std::string name;
    for (char c : kind)
        if (std::isalnum(static_cast<unsigned char>(c)))
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return name.empty() ? "block" : name;
}

bool counted(const std::string& name) {
    return name == "conv" || name == "fc" || name == "bn" || name == "deconv";
}

NodeId freeFrom(const Graph& graph, const std::string& name, bool numbered) {
    if (!numbered && !graph.find(name)) return name;
    for (int i = numbered ? 1 : 2;; ++i) {
        const NodeId id = name + std::to_string(i);
        if (!graph.find(id)) return id;
    }
}

/// The id for a copy of `id`: its name without the number, with the next free one.
NodeId copyId(const Graph& graph, const NodeId& id) {
    if (!graph.find(id)) return id;
    std::string stem = id;
    while (!stem.empty() && std::isdigit(static_cast<unsigned char>(stem.back()))) stem.pop_back();
    if (stem.empty() || stem.back() == '.') stem = id + "_";
    for (int i = 2;; ++i) {
        const NodeId candidate = stem + std::to_string(i);
        if (!graph.find(candidate)) return candidate;
    }
}

bool reaches(const Graph& graph, const NodeId& from, const NodeId& target) {
    std::vector<NodeId> stack = {from};
    std::set<NodeId> seen;
    while (!stack.empty()) {
        const NodeId id = stack.back();
        stack.pop_back();
        if (id == target) return true;
        if (!seen.insert(id).second) continue;
        for (const Edge& edge : graph.edges)
            if (edge.from.node == id) stack.push_back(edge.to.node);
    }
    return false;
}

/// Before the owner of a shared module goes: the first block that shares it becomes its owner.
void handOnModule(Graph& graph, const NodeId& id) {
    const Node* owner = graph.find(id);
    NodeId heir;
    for (Node& node : graph.nodes) {
        if (!owner || node.sharesWith != id) continue;
        if (heir.empty()) {
            heir = node.id;
            node.params = owner->params;
            node.initialization = owner->initialization;
        }
        node.sharesWith = node.id == heir ? NodeId() : heir;
    }
}

}  // namespace

NodeId freeId(const Graph& graph, const std::string& kind) {
    const std::string name = shortName(kind);
    return freeFrom(graph, name, counted(name));
}

Result<Graph> addNode(const Graph& graph, Node node) {
    if (node.id.empty()) node.id = freeId(graph, node.kind);
    if (!isValidNodeId(node.id)) {
        return Error{
            "\"" + node.id + "\" cannot name a block.",
            "Use letters, digits and underscores, with dots between parts: layer1.0.conv1."};
    }
    if (graph.find(node.id))
        return Error{"There is a block " + node.id + " already.", "Choose another name."};
    Graph next = graph;
    next.nodes.push_back(std::move(node));
    return next;
}

Graph removeNodes(const Graph& graph, const std::vector<NodeId>& ids, bool heal) {
    Graph next = graph;
    for (const NodeId& id : ids) {
        handOnModule(next, id);
        if (heal) {
            const std::vector<Edge> in = next.edgesInto(id);
            if (in.size() == 1)
                for (const Edge& out : next.edgesFrom(id))
                    next.edges.push_back({in[0].from, out.to});
        }
        std::erase_if(next.edges,
                      [&](const Edge& e) { return e.from.node == id || e.to.node == id; });
        std::erase_if(next.nodes, [&](const Node& n) { return n.id == id; });
    }
    forgetEmptyGroups(next);
    return next;
}

Result<Graph> connect(const Graph& graph, const PortRef& from, const PortRef& to) {
    if (!graph.find(from.node)) return noBlock(from.node);
    if (!graph.find(to.node)) return noBlock(to.node);
    if (from.node == to.node) {
        return Error{
            from.node +
                " cannot feed itself: a network runs from its input to its output without circles.",
            "Connect it to another block."};
    }
    const Edge edge{from, to};
    if (std::find(graph.edges.begin(), graph.edges.end(), edge) != graph.edges.end())
        return Error{from.toText() + " is connected to " + to.toText() + " already.",
                     "Nothing to do."};
    if (reaches(graph, to.node, from.node)) {
        return Error{"A wire from " + from.node + " to " + to.node +
                         " would close a circle: " + to.node + " already feeds " + from.node + ".",
                     "Connect to a block further on; what flows must end at the output."};
    }
    Graph next = graph;
    for (Edge& existing : next.edges) {
        if (existing.to == to) {
            existing = edge;
            return next;
        }
    }
    next.edges.push_back(edge);
    return next;
}

Result<Graph> disconnect(const Graph& graph, const Edge& edge) {
    Graph next = graph;
    if (std::erase(next.edges, edge) == 0)
        return Error{
            "There is no wire from " + edge.from.toText() + " to " + edge.to.toText() + ".",
            "Nothing to do."};
    return next;
}

Result<Graph> insertOnEdge(const Graph& graph, const Edge& edge, const NodeId& id) {
    if (!graph.find(id)) return noBlock(id);
    if (edge.from.node == id || edge.to.node == id)
        return Error{id + " is at an end of that wire already.",
                     "Drop it on a wire between two other blocks."};
    Graph next = graph;
    const auto found = std::find(next.edges.begin(), next.edges.end(), edge);
    if (found == next.edges.end())
        return Error{
            "There is no wire from " + edge.from.toText() + " to " + edge.to.toText() + ".",
            "Nothing to do."};
    if (reaches(graph, edge.to.node, id) || reaches(graph, id, edge.from.node)) {
        return Error{id + " on this wire would close a circle, because it is connected further "
                          "along already.",
                     "Remove its other wires first."};
    }
    found->from = {id, 0};
    std::erase_if(next.edges, [&](const Edge& e) { return e.to == PortRef{id, 0}; });
    next.edges.push_back({edge.from, {id, 0}});
    return next;
}

Result<Graph> rename(const Graph& graph, const NodeId& from, const NodeId& to) {
    if (from == to) return graph;
    if (!graph.find(from)) return noBlock(from);
    if (!isValidNodeId(to)) {
        return Error{
            "\"" + to +
                "\" cannot name a block, because weights are called <name>.weight in PyTorch.",
            "Use letters, digits and underscores, with dots between parts: layer1.0.conv1."};
    }
    if (graph.find(to))
        return Error{"There is a block " + to + " already.", "Choose another name."};
    return renameBlocks(graph, {{from, to}});
}

Result<Graph> setParam(const Graph& graph, const NodeId& id, const std::string& key,
                       const std::optional<Value>& value) {
    Graph next = graph;
    Node* node = next.find(id);
    if (!node) return noBlock(id);
    if (value)
        node->params.set(key, *value);
    else
        node->params.erase(key);
    return next;
}

Graph move(const Graph& graph, const std::map<NodeId, Position>& positions) {
    Graph next = graph;
    for (Node& node : next.nodes)
        if (const auto found = positions.find(node.id); found != positions.end())
            node.position = found->second;
    return next;
}

std::pair<Graph, std::vector<NodeId>> paste(const Graph& graph, const Graph& part,
                                            Position offset) {
    Graph next = graph;
    std::map<NodeId, NodeId> names;
    std::vector<NodeId> added;
    // A group that came along as a whole stays one, under a path of its own.
    std::map<std::string, std::string> paths;
    for (const GroupView& view : part.groups) {
        const bool inner =
            std::any_of(part.groups.begin(), part.groups.end(),
                        [&](const GroupView& other) { return isInside(view.path, other.path); });
        if (!inner) paths[view.path] = freePath(next, view.path);
    }
    const auto moved = [&](const std::string& id) -> std::optional<std::string> {
        for (const auto& [old, fresh] : paths)
            if (id == old || isInside(id, old)) return fresh + id.substr(old.size());
        return std::nullopt;
    };
    for (Node node : part.nodes) {
        const NodeId id = moved(node.id).value_or(copyId(next, node.id));
        names[node.id] = id;
        node.id = id;
        node.position.x += offset.x;
        node.position.y += offset.y;
        next.nodes.push_back(std::move(node));
        added.push_back(id);
    }
    for (const NodeId& id : added) {
        Node& node = *next.find(id);
        if (const auto owner = names.find(node.sharesWith); owner != names.end())
            node.sharesWith = owner->second;
    }
    for (const Edge& edge : part.edges) {
        const auto from = names.find(edge.from.node);
        const auto to = names.find(edge.to.node);
        if (from != names.end() && to != names.end())
            next.edges.push_back({{from->second, edge.from.port}, {to->second, edge.to.port}});
    }
    for (GroupView view : part.groups) {
        view.path = moved(view.path).value_or(view.path);
        if (view.position)
            view.position = {view.position->x + offset.x, view.position->y + offset.y};
        next.groups.push_back(std::move(view));
    }
    return {std::move(next), std::move(added)};
}

Graph extract(const Graph& graph, const std::vector<NodeId>& ids) {
    const std::set<NodeId> wanted(ids.begin(), ids.end());
    Graph part;
    for (const Node& node : graph.nodes)
        if (wanted.contains(node.id)) part.nodes.push_back(node);
    for (const Edge& edge : graph.edges)
        if (wanted.contains(edge.from.node) && wanted.contains(edge.to.node))
            part.edges.push_back(edge);
    for (const GroupView& view : graph.groups) {
        const std::vector<NodeId> members = groupMembers(graph, view.path);
        if (!members.empty() && std::all_of(members.begin(), members.end(),
                                            [&](const NodeId& id) { return wanted.contains(id); }))
            part.groups.push_back(view);
    }
    return part;
}

Result<Graph> insertAfter(const Graph& graph, const NodeId& after, Node node) {
    if (!graph.find(after)) return noBlock(after);
    auto added = addNode(graph, std::move(node));
    if (!added) return added;
    Graph next = std::move(added).value();
    const NodeId id = next.nodes.back().id;
    for (Edge& edge : next.edges)
        if (edge.from == PortRef{after, 0}) edge.from = {id, 0};
    next.edges.push_back({{after, 0}, {id, 0}});
    return next;
}

Result<Graph> insertBefore(const Graph& graph, const PortRef& to, Node node) {
    if (!graph.find(to.node)) return noBlock(to.node);
    auto added = addNode(graph, std::move(node));
    if (!added) return added;
    Graph next = std::move(added).value();
    const NodeId id = next.nodes.back().id;
    for (Edge& edge : next.edges)
        if (edge.to == to) edge.to = {id, 0};
    const Edge edge{{id, 0}, to};
    next.edges.push_back(edge);
    return next;
}

}  // namespace loom::edit
