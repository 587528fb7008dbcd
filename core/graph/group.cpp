#include "core/graph/group.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/graph/group_edit.h"

namespace loom {

std::string parentPath(const std::string& id) {
    const std::size_t dot = id.rfind('.');
    return dot == std::string::npos ? std::string() : id.substr(0, dot);
}

std::string lastPart(const std::string& id) {
    return id.substr(id.rfind('.') + 1);
}

bool isInside(const std::string& id, const std::string& path) {
    return path.empty() ||
           (id.size() > path.size() && id[path.size()] == '.' && id.starts_with(path));
}

std::string commonPath(const std::vector<NodeId>& ids) {
    if (ids.empty()) return {};
    std::string path = parentPath(ids.front());
    for (const NodeId& id : ids)
        while (!isInside(id, path)) path = parentPath(path);
    return path;
}

std::vector<NodeId> groupMembers(const Graph& graph, const std::string& path) {
    std::vector<NodeId> members;
    for (const Node& node : graph.nodes)
        if (isInside(node.id, path)) members.push_back(node.id);
    return members;
}

std::vector<std::string> groupPaths(const Graph& graph) {
    std::vector<std::string> paths;
    std::unordered_set<std::string> seen;
    for (const Node& node : graph.nodes)
        for (std::size_t dot = node.id.find('.'); dot != std::string::npos;
             dot = node.id.find('.', dot + 1))
            if (seen.insert(node.id.substr(0, dot)).second) paths.push_back(node.id.substr(0, dot));
    return paths;
}

const GroupView* groupView(const Graph& graph, const std::string& path) {
    const auto found = std::find_if(graph.groups.begin(), graph.groups.end(),
                                    [&](const GroupView& group) { return group.path == path; });
    return found == graph.groups.end() ? nullptr : &*found;
}

bool isCollapsed(const Graph& graph, const std::string& path) {
    const GroupView* view = groupView(graph, path);
    return view && view->collapsed;
}

std::string collapsedAround(const Graph& graph, const NodeId& id, const std::string& scope) {
    std::string outermost;
    for (const GroupView& group : graph.groups)
        if (group.collapsed && isInside(id, group.path) && group.path.size() > scope.size() &&
            isInside(group.path, scope) &&
            (outermost.empty() || group.path.size() < outermost.size()))
            outermost = group.path;
    return outermost;
}

Position groupPosition(const Graph& graph, const std::string& path) {
    const GroupView* view = groupView(graph, path);
    if (view && view->position) return *view->position;
    bool first = true;
    Position least, most;
    for (const Node& node : graph.nodes) {
        if (!isInside(node.id, path)) continue;
        const Position& p = node.position;
        least = first ? p : Position{std::min(least.x, p.x), std::min(least.y, p.y)};
        most = first ? p : Position{std::max(most.x, p.x), std::max(most.y, p.y)};
        first = false;
    }
    return {(least.x + most.x) / 2, (least.y + most.y) / 2};
}

namespace {

/// Collects the ends of one group.
class Boundary {
public:
    Boundary(const Graph& graph, const std::string& path, const PortsOf& portsOf)
        : m_graph(graph), m_path(path), m_portsOf(portsOf) {}

    GroupBoundary run() {
        sortWires();
        const std::vector<std::vector<PortRef>> together = joinedInputs(m_graph, m_path);
        for (const Node& node : m_graph.nodes) {
            if (!isInside(node.id, m_path)) continue;
            addInputs(node, together);
            addOutputs(node);
        }
        return std::move(m_found);
    }

private:
    struct Ends {
        std::map<int, const Edge*> into;              ///< by input port
        std::map<int, std::vector<PortRef>> leaving;  ///< by output port, to the outside
        bool feeds = false;                           ///< anything at all
    };

    const Graph& m_graph;
    const std::string& m_path;
    const PortsOf& m_portsOf;
    std::unordered_map<NodeId, Ends> m_ends;
    GroupBoundary m_found;

    void sortWires() {
        for (const Edge& edge : m_graph.edges) {
            const bool from = isInside(edge.from.node, m_path);
            const bool to = isInside(edge.to.node, m_path);
            if (to) m_ends[edge.to.node].into.emplace(edge.to.port, &edge);
            if (!from) continue;
            Ends& ends = m_ends[edge.from.node];
            ends.feeds = true;
            if (!to) ends.leaving[edge.from.port].push_back(edge.to);
        }
    }

    std::string label(const PortRef& inner) const {
        const std::string text = inner.toText();
        return m_path.empty() ? text : text.substr(m_path.size() + 1);
    }

    void addInputs(const Node& node, const std::vector<std::vector<PortRef>>& together) {
        const Ends& ends = m_ends[node.id];
        std::set<int> ports;
        for (const auto& [port, edge] : ends.into)
            if (!isInside(edge->from.node, m_path)) ports.insert(port);
        if (m_portsOf)
            for (int port = 0; port < m_portsOf(node).inputs; ++port)
                if (!ends.into.contains(port)) ports.insert(port);
        for (const int port : ports) {
            const auto wire = ends.into.find(port);
            const std::optional<PortRef> source =
                wire == ends.into.end() ? std::nullopt : std::optional(wire->second->from);
            const PortRef inner{node.id, port};
            const auto same = std::find_if(
                m_found.inputs.begin(), m_found.inputs.end(), [&](const GroupPort& other) {
                    if (source) return other.source == source;
                    return !other.source && areTogether(together, other.inner.front(), inner);
                });
            if (same != m_found.inputs.end())
                same->inner.push_back(inner);
            else
                m_found.inputs.push_back({{inner}, source, {}, label(inner)});
        }
    }

    static bool areTogether(const std::vector<std::vector<PortRef>>& together, const PortRef& a,
                            const PortRef& b) {
        const auto holds = [](const std::vector<PortRef>& set, const PortRef& port) {
            return std::find(set.begin(), set.end(), port) != set.end();
        };
        return std::any_of(together.begin(), together.end(), [&](const std::vector<PortRef>& set) {
            return holds(set, a) && holds(set, b);
        });
    }

    void addOutputs(const Node& node) {
        const Ends& ends = m_ends[node.id];
        for (const auto& [port, targets] : ends.leaving)
            m_found.outputs.push_back({{{node.id, port}}, {}, targets, label({node.id, port})});
        if (!ends.feeds && m_portsOf && m_portsOf(node).outputs > 0)
            m_found.outputs.push_back({{{node.id, 0}}, {}, {}, label({node.id, 0})});
    }
};

}  // namespace

GroupBoundary groupBoundary(const Graph& graph, const std::string& path, const PortsOf& portsOf) {
    return Boundary(graph, path, portsOf).run();
}

}  // namespace loom
