#include "core/graph/diff.h"

#include <algorithm>
#include <unordered_map>

namespace loom {

bool GraphDiff::empty() const {
    return added.empty() && removed.empty() && changed.empty() && edgesAdded.empty() &&
           edgesRemoved.empty();
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
    const auto missing = [](const std::vector<Edge>& edges, const std::vector<Edge>& in) {
        std::vector<Edge> out;
        for (const Edge& edge : edges)
            if (std::find(in.begin(), in.end(), edge) == in.end()) out.push_back(edge);
        return out;
    };
    result.edgesAdded = missing(after.edges, before.edges);
    result.edgesRemoved = missing(before.edges, after.edges);
    return result;
}

}  // namespace loom
