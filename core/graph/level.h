#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/graph/group.h"

namespace loom {

/// What stands on the canvas.
enum class ShownKind {
    Block,
    Group,   ///< a collapsed group, as one box
    Source,  ///< outside of the group that is open: where something comes in from
    Target   ///< outside of the group that is open: where something goes out to
};

/// One thing on the canvas. `key` is the block's id, or `path.` for a group; neither can be the
/// other, because no id ends with a dot.
struct ShownItem {
    std::string key;
    ShownKind kind = ShownKind::Block;
    std::vector<GroupPort> inputs = {};   ///< of what is no block
    std::vector<GroupPort> outputs = {};  ///< of what is no block
};

/// A wire on the canvas: ends at keys, and the wires of the network that it stands for. They come
/// from one output.
struct ShownWire {
    Edge shown;
    std::vector<Edge> wires;
};

/// A group that is open where it stands: a frame behind its items.
struct ShownFrame {
    std::string path;
    std::vector<std::string> keys;  ///< also of those in frames inside of it
};

std::string groupKey(const std::string& path);
bool isGroupKey(const std::string& key);
/// The path of a group's key.
std::string pathOfKey(const std::string& key);

/// The network as someone sees it who looks at `scope`: collapsed groups as boxes, and of the rest
/// of the network only the ends of the wires that cross into the scope.
class Level {
public:
    Level() = default;
    Level(const Graph& graph, const std::string& scope, const PortsOf& portsOf);

    const std::string& scope() const { return m_scope; }
    const std::vector<ShownItem>& items() const { return m_items; }
    const std::vector<ShownWire>& wires() const { return m_wires; }
    /// Outer frames before those inside of them.
    const std::vector<ShownFrame>& frames() const { return m_frames; }
    const ShownItem* find(const std::string& key) const;
    /// The key under which a block is seen; empty when it is outside.
    std::string keyOf(const NodeId& id) const;
    /// The innermost group whose inside one sees around an item: that of its frame, else the scope.
    const std::string& around(const std::string& key) const;
    /// The blocks that an item stands for; of what lies outside, none.
    std::vector<NodeId> blocksOf(const Graph& graph, const std::string& key) const;
    /// The ports of the network behind a port on the canvas.
    std::vector<PortRef> real(const PortRef& shown, bool output) const;
    /// The items as a graph of its own, without what lies outside: for orders and layouts.
    Graph asGraph(const Graph& graph) const;

private:
    void placeBlocks(const Graph& graph);
    void findPorts(const Graph& graph, const PortsOf& portsOf);
    void drawWires(const Graph& graph);
    void addOutside(const Graph& graph);
    void frameGroups(const Graph& graph);
    PortRef shownEnd(const PortRef& real, bool output) const;

    std::string m_scope;
    std::vector<ShownItem> m_items;
    std::vector<ShownWire> m_wires;
    std::vector<ShownFrame> m_frames;
    std::unordered_map<NodeId, std::string> m_keys;
    std::unordered_map<std::string, std::size_t> m_index;
    std::unordered_map<std::string, std::string> m_around;
};

}  // namespace loom
