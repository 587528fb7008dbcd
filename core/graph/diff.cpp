#include "core/graph/diff.h"

#include <unordered_map>
#include <unordered_set>

namespace loom {

bool GraphDiff::empty() const {
    return added.empty() && removed.empty() && changed.empty() && edgesAdded.empty() &&
           edgesRemoved.empty() && !groupsChanged;
}

GraphDiff diff(const Graph& before, const Graph& after) {
    GraphDiff result;
    std::unordered_map<std::string, const Node*> old;
    for (const Node& node : before.nodes) old.emplace(node.id, &node);
    for (const Node& node : after.nodes) {
        const auto found = old.find(node.id);
        if (found == old.end()) {
            result.added.push_back(node.id);
            continue;
        }
        if (!(*found->second == node)) result.changed.push_back(node.id);
        old.erase(found);
    }
    for (const Node& node : before.nodes)
        if (old.contains(node.id)) result.removed.push_back(node.id);
    const auto key = [](const Edge& edge) {
        return edge.from.node + ":" + std::to_string(edge.from.port) + ">" + edge.to.node + ":" +
               std::to_string(edge.to.port);
    };
    const auto missing = [&](const std::vector<Edge>& edges, const std::vector<Edge>& in) {
        std::unordered_set<std::string> there;
        for (const Edge& edge : in) there.insert(key(edge));
        std::vector<Edge> out;
        for (const Edge& edge : edges)
            if (!there.contains(key(edge))) out.push_back(edge);
        return out;
    };
    result.edgesAdded = missing(after.edges, before.edges);
    result.edgesRemoved = missing(before.edges, after.edges);
    result.groupsChanged = !(before.groups == after.groups);
    return result;
}

}  // namespace loom
