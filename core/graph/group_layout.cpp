#include "core/graph/group_layout.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/graph/group_edit.h"

namespace loom {
namespace {

/// Lays out frames from the inside to the outside.
class LevelLayout {
public:
    LevelLayout(const Graph& graph, const Level& level,
                const std::map<std::string, BlockSize>& sizes, const LayoutOptions& options)
        : m_shown(level.asGraph(graph)), m_level(level), m_sizes(sizes), m_options(options) {
        for (const Node& node : m_shown.nodes) m_owner[node.id] = {};
        // Inner frames come later and win.
        for (const ShownFrame& frame : level.frames()) {
            m_frameOwner[frame.path] = {};
            for (const ShownFrame& other : level.frames())
                if (isInside(frame.path, other.path)) m_frameOwner[frame.path] = other.path;
            for (const std::string& key : frame.keys) m_owner[key] = frame.path;
        }
    }

    std::map<std::string, Position> run() { return inside({}).positions; }

private:
    struct Placed {
        std::map<std::string, Position> positions;
        BlockSize size;
    };

    Graph m_shown;
    const Level& m_level;
    const std::map<std::string, BlockSize>& m_sizes;
    const LayoutOptions& m_options;
    std::unordered_map<std::string, std::string> m_owner;       ///< innermost frame of an item
    std::unordered_map<std::string, std::string> m_frameOwner;  ///< the frame around a frame

    BlockSize sizeOf(const std::string& key) const {
        const auto found = m_sizes.find(key);
        if (found != m_sizes.end()) return found->second;
        return isGroupKey(key) ? kGroupBox : BlockSize{};
    }

    /// What stands for an item in the frame `path`: itself, or the frame inside that holds it;
    /// empty when it is elsewhere.
    std::string unitOf(const std::string& key, const std::string& path) const {
        std::string frame = m_owner.at(key);
        if (frame == path) return key;
        while (!frame.empty()) {
            const std::string& around = m_frameOwner.at(frame);
            if (around == path) return "frame " + frame;
            frame = around;
        }
        return {};
    }

    Placed inside(const std::string& path) {
        Graph units;
        std::map<NodeId, BlockSize> sizes;
        std::map<std::string, Placed> frames;
        for (const Node& node : m_shown.nodes) {
            const std::string unit = unitOf(node.id, path);
            if (unit.empty() || sizes.contains(unit)) continue;
            if (unit == node.id) {
                sizes[unit] = sizeOf(unit);
            } else {
                frames[unit] = inside(unit.substr(6));
                sizes[unit] = frames[unit].size;
            }
            units.nodes.push_back({unit, {}, {}, {}});
        }
        std::set<std::pair<std::string, std::string>> drawn;
        for (const Edge& edge : m_shown.edges) {
            const std::string from = unitOf(edge.from.node, path), to = unitOf(edge.to.node, path);
            if (from.empty() || to.empty() || from == to || !drawn.emplace(from, to).second)
                continue;
            units.edges.push_back({{from, 0}, {to, static_cast<int>(drawn.size())}});
        }
        Placed placed;
        const FrameRoom room;
        double right = 0, bottom = 0;
        for (const auto& [unit, position] : layoutGraph(units, sizes, m_options)) {
            const BlockSize& size = sizes[unit];
            right = std::max(right, position.x + size.width);
            bottom = std::max(bottom, position.y + size.height);
            const auto frame = frames.find(unit);
            if (frame == frames.end()) {
                placed.positions[unit] = position;
                continue;
            }
            for (const auto& [key, inner] : frame->second.positions)
                placed.positions[key] = {position.x + room.side + inner.x,
                                         position.y + room.top + inner.y};
        }
        placed.size = {right + 2 * room.side, bottom + room.top + room.bottom};
        return placed;
    }
};

}  // namespace

std::map<std::string, Position> layoutLevel(const Graph& graph, const Level& level,
                                            const std::map<std::string, BlockSize>& sizes,
                                            const LayoutOptions& options) {
    return LevelLayout(graph, level, sizes, options).run();
}

namespace {

/// The inside of a group, beginning where its box stands.
Graph layoutInside(const Graph& graph, const std::string& path,
                   const std::map<std::string, BlockSize>& sizes, const LayoutOptions& options) {
    const Position corner = groupPosition(graph, path);
    auto inner = layoutLevel(graph, Level(graph, path, {}), sizes, options);
    for (auto& [key, position] : inner) position = {position.x + corner.x, position.y + corner.y};
    Graph next = edit::moveShown(graph, inner);
    for (GroupView& view : next.groups)
        if (view.path == path) view.position = corner;
    return next;
}

bool isUnplaced(const Graph& graph, const std::string& path) {
    const Graph shown = Level(graph, path, {}).asGraph(graph);
    for (std::size_t i = 1; i < shown.nodes.size(); ++i)
        if (shown.nodes[i].position == shown.nodes[i - 1].position) return true;
    return false;
}

}  // namespace

Graph layoutUnplaced(const Graph& graph, const std::map<std::string, BlockSize>& sizes,
                     const LayoutOptions& options) {
    Graph next = graph;
    for (const std::string& path : groupPaths(graph))
        if (isCollapsed(graph, path) && isUnplaced(next, path))
            next = layoutInside(next, path, sizes, options);
    return next;
}

Graph layoutWithGroups(const Graph& graph, const std::map<std::string, BlockSize>& sizes,
                       const LayoutOptions& options) {
    Graph next = edit::moveShown(graph, layoutLevel(graph, Level(graph, {}, {}), sizes, options));
    // Outer groups first: moving one moves those inside.
    for (const std::string& path : groupPaths(graph))
        if (isCollapsed(graph, path)) next = layoutInside(next, path, sizes, options);
    return next;
}

}  // namespace loom
