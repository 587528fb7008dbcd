#include "core/graph/group_edit.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <unordered_set>

#include "core/graph/edit.h"

namespace loom {
namespace {

Error noGroup(const std::string& path) {
    return {"There is no group " + path + " in the network.",
            "Its blocks may have been renamed or removed."};
}

Error noPath(const std::string& path) {
    return {"\"" + path + "\" cannot name a group.",
            "Use letters, digits and underscores, with dots between parts: layer1.0."};
}

std::string join(const std::string& path, const std::string& rest) {
    return path.empty() ? rest : path + "." + rest;
}

std::string below(const std::string& id, const std::string& path) {
    return path.empty() ? id : id.substr(path.size() + 1);
}

GroupView& viewOf(Graph& graph, const std::string& path) {
    for (GroupView& group : graph.groups)
        if (group.path == path) return group;
    GroupView view;
    view.path = path;
    view.collapsed = false;
    graph.groups.push_back(view);
    return graph.groups.back();
}

bool pathIsFree(const Graph& graph, const std::string& path) {
    return std::none_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
        return node.id == path || isInside(node.id, path);
    });
}

/// A layer cannot hold layers: no block may be called as the group or as one around it.
std::optional<Error> blockInTheWay(const Graph& graph, const std::string& path,
                                   const std::unordered_set<NodeId>& except = {}) {
    for (const Node& node : graph.nodes)
        if (!except.contains(node.id) && (node.id == path || isInside(path, node.id)))
            return Error{node.id + " is a block, so no group can be called " + path + ".",
                         "Choose another path, or rename the block first."};
    return std::nullopt;
}

PortRef portFromText(const std::string& text, const std::string& path) {
    const std::size_t colon = text.find(':');
    PortRef ref{join(path, text.substr(0, colon)), 0};
    if (colon != std::string::npos) ref.port = std::atoi(text.c_str() + colon + 1);
    return ref;
}

/// Writes down which inputs belong together, so that they stay one when they have no wire.
void rememberInputs(GroupView& view, const GroupBoundary& boundary, const std::string& path) {
    List joined;
    for (const GroupPort& port : boundary.inputs) {
        if (port.inner.size() < 2) continue;
        List ports;
        for (const PortRef& inner : port.inner) ports.push_back(Value(below(inner.toText(), path)));
        joined.push_back(Value(ports));
    }
    if (joined.empty()) return;
    view.extras.set("inputs", Value(joined));
}

}  // namespace

std::vector<std::vector<PortRef>> joinedInputs(const Graph& graph, const std::string& path) {
    std::vector<std::vector<PortRef>> found;
    const GroupView* view = groupView(graph, path);
    const Value* inputs = view ? view->extras.find("inputs") : nullptr;
    if (!inputs || !inputs->isList()) return found;
    for (const Value& joined : inputs->asList()) {
        if (!joined.isList()) continue;
        std::vector<PortRef> ports;
        for (const Value& port : joined.asList())
            if (port.isString()) ports.push_back(portFromText(port.asString(), path));
        found.push_back(std::move(ports));
    }
    return found;
}

namespace edit {

void forgetEmptyGroups(Graph& graph) {
    if (graph.groups.empty()) return;
    const std::vector<std::string> paths = groupPaths(graph);
    const std::unordered_set<std::string> there(paths.begin(), paths.end());
    std::erase_if(graph.groups,
                  [&](const GroupView& group) { return !there.contains(group.path); });
}

Graph renameBlocks(const Graph& graph, const std::map<NodeId, NodeId>& names) {
    Graph next = graph;
    const auto follow = [&](NodeId& id) {
        if (const auto found = names.find(id); found != names.end()) id = found->second;
    };
    for (Node& node : next.nodes) {
        follow(node.id);
        if (!node.sharesWith.empty()) follow(node.sharesWith);
    }
    for (Edge& edge : next.edges) {
        follow(edge.from.node);
        follow(edge.to.node);
    }
    forgetEmptyGroups(next);
    return next;
}

Result<Graph> group(const Graph& graph, const std::vector<NodeId>& ids, const std::string& path) {
    if (ids.empty())
        return Error{"No block is selected, so there is nothing to group.",
                     "Select the blocks that belong together first."};
    if (!isValidNodeId(path)) return noPath(path);
    const std::string shared = commonPath(ids);
    const std::unordered_set<NodeId> chosen(ids.begin(), ids.end());
    if (const auto error = blockInTheWay(graph, path, chosen)) return *error;
    std::map<NodeId, NodeId> names;
    std::unordered_set<NodeId> taken;
    for (const Node& node : graph.nodes)
        if (!chosen.contains(node.id)) taken.insert(node.id);
    for (const NodeId& id : ids) {
        if (!graph.find(id))
            return Error{"There is no block " + id + " in the network.",
                         "It may have been renamed or removed."};
        const NodeId name = join(path, below(id, shared));
        if (!taken.insert(name).second)
            return Error{"There is a block " + name + " already.",
                         "Choose another path, or rename one of the two blocks first."};
        names[id] = name;
    }
    // Groups that go along as a whole keep their looks under the new path.
    std::vector<GroupView> moved;
    for (const GroupView& view : graph.groups) {
        if (!isInside(view.path, shared)) continue;
        const std::vector<NodeId> members = groupMembers(graph, view.path);
        if (members.empty() || !std::all_of(members.begin(), members.end(),
                                            [&](const NodeId& id) { return chosen.contains(id); }))
            continue;
        moved.push_back(view);
        moved.back().path = join(path, below(view.path, shared));
    }
    Graph next = renameBlocks(graph, names);
    for (GroupView& view : moved)
        if (!groupView(next, view.path)) next.groups.push_back(std::move(view));
    GroupView& view = viewOf(next, path);
    view.collapsed = true;
    rememberInputs(view, groupBoundary(next, path), path);
    return next;
}

Result<Graph> ungroup(const Graph& graph, const std::string& path) {
    const std::vector<NodeId> members = groupMembers(graph, path);
    if (path.empty() || members.empty()) return noGroup(path);
    const std::string parent = parentPath(path);
    std::unordered_set<NodeId> taken;
    for (const Node& node : graph.nodes)
        if (!isInside(node.id, path)) taken.insert(node.id);
    std::map<NodeId, NodeId> names;
    for (const NodeId& id : members) {
        NodeId name = join(parent, below(id, path));
        for (int i = 2; taken.contains(name); ++i)
            name = join(parent, below(id, path)) + "_" + std::to_string(i);
        taken.insert(name);
        names[id] = name;
    }
    std::vector<GroupView> inner;
    for (const GroupView& view : graph.groups)
        if (isInside(view.path, path)) {
            inner.push_back(view);
            inner.back().path = join(parent, below(view.path, path));
        }
    Graph next = renameBlocks(graph, names);
    // `a.b` out of which `b` is taken may leave an `a` that was there by that alone.
    std::erase_if(next.groups, [&](const GroupView& view) { return view.path == path; });
    for (GroupView& view : inner)
        if (!groupView(next, view.path)) next.groups.push_back(std::move(view));
    forgetEmptyGroups(next);
    return next;
}

Result<Graph> renameGroup(const Graph& graph, const std::string& from, const std::string& to) {
    if (from == to) return graph;
    const std::vector<NodeId> members = groupMembers(graph, from);
    if (from.empty() || members.empty()) return noGroup(from);
    if (!isValidNodeId(to)) return noPath(to);
    const std::unordered_set<NodeId> chosen(members.begin(), members.end());
    if (const auto error = blockInTheWay(graph, to, chosen)) return *error;
    for (const Node& node : graph.nodes)
        if (isInside(node.id, to) && !chosen.contains(node.id))
            return Error{"There is a group " + to + " already.", "Choose another path."};
    std::map<NodeId, NodeId> names;
    for (const NodeId& id : members) names[id] = join(to, below(id, from));
    std::vector<GroupView> views = graph.groups;
    for (GroupView& view : views)
        if (view.path == from || isInside(view.path, from))
            view.path = view.path == from ? to : join(to, below(view.path, from));
    Graph next = graph;
    next.groups = std::move(views);
    return renameBlocks(next, names);
}

Graph setCollapsed(const Graph& graph, const std::string& path, bool collapsed) {
    Graph next = graph;
    if (groupMembers(graph, path).empty()) return next;
    viewOf(next, path).collapsed = collapsed;
    return next;
}

Graph removeGroup(const Graph& graph, const std::string& path, bool heal) {
    const GroupBoundary boundary = groupBoundary(graph, path);
    Graph next = removeNodes(graph, groupMembers(graph, path));
    if (heal && boundary.inputs.size() == 1)
        for (const GroupPort& output : boundary.outputs)
            for (const PortRef& target : output.targets)
                next.edges.push_back({*boundary.inputs.front().source, target});
    return next;
}

NodeId freeIdIn(const Graph& graph, const std::string& scope, const std::string& kind) {
    if (scope.empty()) return freeId(graph, kind);
    Graph local;
    for (const Node& node : graph.nodes)
        if (isInside(node.id, scope)) local.nodes.push_back({below(node.id, scope), node.kind});
    return join(scope, freeId(local, kind));
}

std::string freePath(const Graph& graph, const std::string& wanted) {
    if (pathIsFree(graph, wanted)) return wanted;
    std::string stem = wanted;
    while (!stem.empty() && std::isdigit(static_cast<unsigned char>(stem.back()))) stem.pop_back();
    const bool numbered = stem.size() < wanted.size();
    long number = numbered ? std::atol(wanted.c_str() + stem.size()) + 1 : 2;
    while (!pathIsFree(graph, stem + std::to_string(number))) ++number;
    return stem + std::to_string(number);
}

std::string suggestedPath(const Graph& graph, const std::vector<NodeId>& ids) {
    const std::string shared = commonPath(ids);
    return freePath(graph, shared.empty() ? "block1" : shared + ".0");
}

Result<std::pair<Graph, std::string>> duplicateGroup(const Graph& graph, const std::string& path,
                                                     Position offset, const PortsOf& portsOf) {
    const std::vector<NodeId> members = groupMembers(graph, path);
    if (path.empty() || members.empty()) return noGroup(path);
    const GroupBoundary boundary = groupBoundary(graph, path, portsOf);
    const std::string fresh = freePath(graph, path);
    Graph part = extract(graph, members);
    std::map<NodeId, NodeId> names;
    for (const NodeId& id : members) names[id] = join(fresh, below(id, path));
    for (GroupView& view : part.groups)
        if (view.path == path || isInside(view.path, path))
            view.path = view.path == path ? fresh : join(fresh, below(view.path, path));
    part = renameBlocks(part, names);
    Graph next = graph;
    for (Node& node : part.nodes) {
        node.position = {node.position.x + offset.x, node.position.y + offset.y};
        next.nodes.push_back(std::move(node));
    }
    next.edges.insert(next.edges.end(), part.edges.begin(), part.edges.end());
    for (GroupView& view : part.groups) {
        if (view.position)
            view.position = {view.position->x + offset.x, view.position->y + offset.y};
        next.groups.push_back(std::move(view));
    }
    rememberInputs(viewOf(next, fresh), boundary, path);
    if (!groupView(graph, path)) viewOf(next, fresh).collapsed = isCollapsed(graph, path);
    return std::pair(std::move(next), fresh);
}

Result<Graph> repeatGroup(const Graph& graph, const std::string& path, int times, Position step,
                          const PortsOf& portsOf) {
    if (groupMembers(graph, path).empty()) return noGroup(path);
    if (times < 2 || times > 200)
        return Error{
            "A group can stand 2 to 200 times in a row, not " + std::to_string(times) + ".",
            "Choose a number between 2 and 200."};
    const GroupBoundary first = groupBoundary(graph, path, portsOf);
    const auto ports = [&](const std::vector<GroupPort>& all, const std::string& noun) {
        std::string names;
        for (const GroupPort& port : all) names += (names.empty() ? "" : ", ") + port.label;
        return path + " has " + (all.empty() ? "no" : std::to_string(all.size())) + " " + noun +
               (all.size() == 1 ? "" : "s") + (all.empty() ? "" : " (" + names + ")");
    };
    if (first.inputs.size() != 1 || first.outputs.size() != 1) {
        const bool inputs = first.inputs.size() != 1;
        return Error{ports(inputs ? first.inputs : first.outputs, inputs ? "input" : "output") +
                         ", so it is not clear how copies follow each other.",
                     "A group that is repeated takes one thing and gives one thing. Leave what "
                     "differs outside of the group."};
    }
    const std::string last = lastPart(path);
    const bool counted = std::all_of(last.begin(), last.end(), [](char c) {
        return std::isdigit(static_cast<unsigned char>(c));
    });
    Graph next = graph;
    std::string current = path;
    if (!counted) {
        // The group becomes the first of those inside of a new one with its name.
        const bool collapsed = isCollapsed(graph, path);
        const std::optional<Position> place =
            collapsed ? std::optional(groupPosition(graph, path)) : std::nullopt;
        std::map<NodeId, NodeId> names;
        current = path + ".0";
        for (const NodeId& id : groupMembers(graph, path))
            names[id] = join(current, below(id, path));
        for (GroupView& view : next.groups)
            if (view.path == path || isInside(view.path, path))
                view.path = view.path == path ? current : join(current, below(view.path, path));
        next = renameBlocks(next, names);
        GroupView& outer = viewOf(next, path);
        outer.collapsed = collapsed;
        outer.position = place;
        GroupView& inner = viewOf(next, current);
        inner.collapsed = true;
    }
    std::vector<PortRef> targets = first.outputs.front().targets;
    for (int copy = 1; copy < times; ++copy) {
        auto made = duplicateGroup(next, current, step, portsOf);
        if (!made) return made.error();
        const GroupBoundary from = groupBoundary(made->first, current, portsOf);
        const GroupBoundary to = groupBoundary(made->first, made->second, portsOf);
        next = std::move(made->first);
        if (from.outputs.size() != 1 || to.inputs.size() != 1)
            return Error{path + " could not be put in a row: its copies have other ports.",
                         "Connect the group's input and output first."};
        const PortRef source = from.outputs.front().inner.front();
        std::erase_if(next.edges, [&](const Edge& edge) {
            return edge.from == source && !isInside(edge.to.node, current);
        });
        for (const PortRef& inner : to.inputs.front().inner) next.edges.push_back({source, inner});
        current = made->second;
    }
    const GroupBoundary end = groupBoundary(next, current, portsOf);
    for (const PortRef& target : targets)
        next.edges.push_back({end.outputs.front().inner.front(), target});
    return next;
}

Graph moveShown(const Graph& graph, const std::map<std::string, Position>& positions) {
    Graph next = move(graph, positions);
    for (const auto& [key, position] : positions) {
        if (!key.ends_with('.')) continue;
        const std::string path = key.substr(0, key.size() - 1);
        const Position old = groupPosition(graph, path);
        const double dx = position.x - old.x, dy = position.y - old.y;
        if (groupMembers(graph, path).empty() || (dx == 0 && dy == 0)) continue;
        for (Node& node : next.nodes)
            if (isInside(node.id, path))
                node.position = {node.position.x + dx, node.position.y + dy};
        for (GroupView& view : next.groups)
            if (isInside(view.path, path) && view.position)
                view.position = {view.position->x + dx, view.position->y + dy};
        viewOf(next, path).position = position;
    }
    return next;
}

Result<Graph> connectAll(const Graph& graph, const PortRef& from, const std::vector<PortRef>& to) {
    Result<Graph> next = graph;
    bool fresh = false;
    for (const PortRef& port : to) {
        const Edge edge{from, port};
        if (to.size() > 1 &&
            std::find(graph.edges.begin(), graph.edges.end(), edge) != graph.edges.end())
            continue;
        next = connect(*next, from, port);
        if (!next) return next;
        fresh = true;
    }
    if (!fresh && !to.empty()) return connect(graph, from, to.front());
    return next;
}

Result<Graph> insertOnEdges(const Graph& graph, const std::vector<Edge>& edges, const NodeId& id) {
    if (edges.empty()) return graph;
    Result<Graph> next = insertOnEdge(graph, edges.front(), id);
    for (std::size_t i = 1; next && i < edges.size(); ++i)
        next = connect(*next, {id, 0}, edges[i].to);
    return next;
}

Result<Graph> shareModule(const Graph& graph, const NodeId& id, const NodeId& owner) {
    Graph next = graph;
    Node* node = next.find(id);
    if (!node)
        return Error{"There is no block " + id + " in the network.",
                     "It may have been renamed or removed."};
    if (owner.empty()) {
        // It goes on with the settings it had from the other.
        if (const Node* other = next.find(node->sharesWith)) {
            node->params = other->params;
            node->initialization = other->initialization;
        }
        node->sharesWith.clear();
        return next;
    }
    const Node* other = next.find(owner);
    if (other && !other->sharesWith.empty()) other = next.find(other->sharesWith);
    if (!other)
        return Error{"There is no block " + owner + " in the network.",
                     "It may have been renamed or removed."};
    if (other->id == id)
        return Error{id + " is the block whose module it would use.", "Choose another block."};
    if (other->kind != node->kind)
        return Error{id + " is a " + node->kind + ", but " + owner + " is a " + other->kind +
                         "; one module has one kind.",
                     "Choose a block of the same kind."};
    const NodeId root = other->id;
    for (Node& follower : next.nodes)
        if (follower.id == id || follower.sharesWith == id) {
            follower.sharesWith = root;
            follower.params = {};
            follower.initialization = {};
        }
    return next;
}

}  // namespace edit
}  // namespace loom
