#include "app/zoo/network_builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/graph/group_layout.h"

namespace loom::zoo {
namespace {

/// What stands for a block on the level of `path`: itself, or the outermost group below `path` that
/// is shown as a box; empty when it is not below `path`.
std::string standIn(const NodeId& id, const std::string& path, const std::set<std::string>& boxes) {
    if (!path.empty() && !id.starts_with(path + ".")) return {};
    for (std::size_t dot = id.find('.', path.empty() ? 0 : path.size() + 1);
         dot != std::string::npos; dot = id.find('.', dot + 1))
        if (boxes.contains(id.substr(0, dot))) return id.substr(0, dot);
    return id;
}

/// About as wide as the canvas draws it, which writes name and kind side by side.
BlockSize blockSize(const Node& node, const std::string& path) {
    const std::size_t name = node.id.size() - (path.empty() ? 0 : path.size() + 1);
    const double letters = static_cast<double>(name + node.kind.size());
    return {std::max(140.0, std::ceil((letters * 7.8 + 38) / 20) * 20), 52};
}

void layOutLevel(Graph& graph, const std::string& path, const std::set<std::string>& boxes) {
    Graph level;
    std::set<std::string> there;
    for (const Node& node : graph.nodes) {
        const std::string id = standIn(node.id, path, boxes);
        if (!id.empty() && there.insert(id).second) level.nodes.push_back({id, node.kind});
    }
    std::set<std::pair<std::string, std::string>> drawn;
    for (const Edge& edge : graph.edges) {
        const std::string from = standIn(edge.from.node, path, boxes),
                          to = standIn(edge.to.node, path, boxes);
        if (!from.empty() && !to.empty() && from != to && drawn.insert({from, to}).second)
            level.edges.push_back({{from, 0}, {to, static_cast<int>(level.edgesInto(to).size())}});
    }
    std::map<NodeId, BlockSize> sizes;
    for (const Node& node : level.nodes)
        sizes[node.id] = boxes.contains(node.id) ? kGroupBox : blockSize(node, path);
    LayoutOptions options;
    options.gapX = 110;  // `1024×14×14` is written on a wire
    for (const auto& [id, position] : layoutGraph(level, sizes, options)) {
        if (Node* node = graph.find(id)) node->position = position;
        for (GroupView& group : graph.groups)
            if (group.path == id) group.position = position;
    }
}

}  // namespace

PortRef NetworkBuilder::input(const std::vector<std::int64_t>& shape) {
    List sides;
    for (std::int64_t side : shape) sides.emplace_back(side);
    return add("input", "Input", shape.empty() ? Params() : Params{{"shape", Value(sides)}},
               std::vector<PortRef>());
}

PortRef NetworkBuilder::add(const std::string& id, const std::string& kind, Params params,
                            const std::vector<PortRef>& inputs) {
    const NodeId full = m_prefix + id;
    m_graph.nodes.push_back({full, kind, std::move(params)});
    for (std::size_t port = 0; port < inputs.size(); ++port)
        m_graph.edges.push_back({inputs[port], {full, static_cast<int>(port)}});
    return {full, 0};
}

void NetworkBuilder::output(const PortRef& from) {
    add("output", "Output", {}, from);
}

NetworkBuilder::Scope::Scope(NetworkBuilder& builder, const std::string& path, bool collapsed)
    : m_builder(builder), m_length(builder.m_prefix.size()) {
    builder.m_prefix += path + ".";
    if (!collapsed) return;
    GroupView group;
    group.path = builder.m_prefix.substr(0, builder.m_prefix.size() - 1);
    const auto known = [&](const GroupView& other) { return other.path == group.path; };
    if (std::none_of(builder.m_graph.groups.begin(), builder.m_graph.groups.end(), known))
        builder.m_graph.groups.push_back(std::move(group));
}

NetworkBuilder::Scope::~Scope() {
    m_builder.m_prefix.resize(m_length);
}

Graph NetworkBuilder::finish() const {
    Graph graph = m_graph;
    std::set<std::string> boxes;
    for (const GroupView& group : graph.groups) boxes.insert(group.path);
    layOutLevel(graph, {}, boxes);
    for (const std::string& path : boxes) layOutLevel(graph, path, boxes);
    return graph;
}

PortRef basicConv(NetworkBuilder& b, const std::string& id, const PortRef& from, int channels,
                  const Value& kernel, const Params& more, bool box) {
    NetworkBuilder::Scope scope(b, id, box);
    Params params = {{"out_channels", channels}, {"kernel_size", kernel}};
    for (const auto& [key, value] : more) params.set(key, value);
    params.set("bias", false);
    PortRef x = b.add("conv", "Conv2d", params, from);
    x = b.add("bn", "BatchNorm2d", {{"eps", 0.001}}, x);
    return b.add("relu", "ReLU", {}, x);
}

}  // namespace loom::zoo
