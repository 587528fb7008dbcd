#include "core/graph/graph.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <queue>
#include <unordered_map>

namespace loom {
namespace {

/// Wires as indices into `nodes`; those with an unknown end are left out.
std::vector<std::vector<std::size_t>> successors(const Graph& graph) {
    std::unordered_map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) index.emplace(graph.nodes[i].id, i);
    std::vector<std::vector<std::size_t>> next(graph.nodes.size());
    for (const Edge& edge : graph.edges) {
        const auto from = index.find(edge.from.node);
        const auto to = index.find(edge.to.node);
        if (from != index.end() && to != index.end()) next[from->second].push_back(to->second);
    }
    return next;
}

}  // namespace

std::string PortRef::toText() const {
    return port == 0 ? node : node + ":" + std::to_string(port);
}

const Node* Graph::find(const NodeId& id) const {
    const auto found =
        std::find_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.id == id; });
    return found == nodes.end() ? nullptr : &*found;
}

Node* Graph::find(const NodeId& id) {
    return const_cast<Node*>(static_cast<const Graph*>(this)->find(id));
}

const Edge* Graph::edgeInto(const PortRef& input) const {
    const auto found =
        std::find_if(edges.begin(), edges.end(), [&](const Edge& e) { return e.to == input; });
    return found == edges.end() ? nullptr : &*found;
}

std::vector<Edge> Graph::edgesInto(const NodeId& id) const {
    std::vector<Edge> found;
    for (const Edge& edge : edges)
        if (edge.to.node == id) found.push_back(edge);
    std::stable_sort(found.begin(), found.end(),
                     [](const Edge& a, const Edge& b) { return a.to.port < b.to.port; });
    return found;
}

std::vector<Edge> Graph::edgesFrom(const NodeId& id) const {
    std::vector<Edge> found;
    for (const Edge& edge : edges)
        if (edge.from.node == id) found.push_back(edge);
    return found;
}

bool isValidNodeId(const std::string& id) {
    bool partBegins = true;
    for (char c : id) {
        if (c == '.') {
            if (partBegins) return false;
            partBegins = true;
        } else {
            if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
            partBegins = false;
        }
    }
    return !partBegins;
}

std::vector<NodeId> topologicalOrder(const Graph& graph) {
    const auto next = successors(graph);
    std::vector<std::size_t> waitsFor(graph.nodes.size());
    for (const auto& targets : next)
        for (std::size_t target : targets) ++waitsFor[target];
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (waitsFor[i] == 0) ready.push(i);
    std::vector<NodeId> order;
    while (!ready.empty()) {
        const std::size_t node = ready.top();
        ready.pop();
        order.push_back(graph.nodes[node].id);
        for (std::size_t target : next[node])
            if (--waitsFor[target] == 0) ready.push(target);
    }
    return order;
}

std::vector<NodeId> findCycle(const Graph& graph) {
    const auto next = successors(graph);
    enum class Mark : char { New, Open, Done };
    std::vector<Mark> marks(next.size(), Mark::New);
    for (std::size_t root = 0; root < next.size(); ++root) {
        if (marks[root] != Mark::New) continue;
        std::vector<std::pair<std::size_t, std::size_t>> path = {{root, 0}};
        marks[root] = Mark::Open;
        while (!path.empty()) {
            auto& [node, position] = path.back();
            if (position == next[node].size()) {
                marks[node] = Mark::Done;
                path.pop_back();
                continue;
            }
            const std::size_t target = next[node][position++];
            if (marks[target] == Mark::New) {
                marks[target] = Mark::Open;
                path.emplace_back(target, 0);
            } else if (marks[target] == Mark::Open) {
                std::vector<NodeId> cycle;
                bool inside = false;
                for (const auto& step : path) {
                    inside = inside || step.first == target;
                    if (inside) cycle.push_back(graph.nodes[step.first].id);
                }
                return cycle;
            }
        }
    }
    return {};
}

}  // namespace loom
