#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/params.h"
#include "core/base/result.h"

namespace loom {

/// Names a block for good: the PyTorch module path (`layer1.0.conv1`), so that its weights are
/// `<id>.<parameter>`. Matches `[A-Za-z_0-9]+(\.[A-Za-z_0-9]+)*`.
using NodeId = std::string;

struct Position {
    double x = 0;
    double y = 0;
    friend bool operator==(const Position&, const Position&) = default;
};

struct Node {
    NodeId id;
    std::string kind;
    Params params = {};
    Position position = {};
    Dict extras = {};  ///< keys of the file that this version does not know; kept on save
    /// Uses the module of that block at a second place, as a script that calls `self.fc` twice: its
    /// parameters and weights, counted once. Empty: a module of its own. `module` in the file.
    NodeId sharesWith = {};
    /// How the block's own parameters begin where not as PyTorch has them, by parameter name:
    /// `{"weight": {"kind": "kaiming_normal_", "params": {}}}`. `init` in the file.
    Dict initialization = {};
    friend bool operator==(const Node&, const Node&) = default;
};

struct PortRef {
    NodeId node;
    int port = 0;
    /// `relu`, or `split:1` when it is not the first port.
    std::string toText() const;
    friend bool operator==(const PortRef&, const PortRef&) = default;
};

struct Edge {
    PortRef from;
    PortRef to;
    Dict extras = {};  ///< keys of the file that this version does not know; kept on save
    /// Wires are the same when their ends are.
    friend bool operator==(const Edge& a, const Edge& b) {
        return a.from == b.from && a.to == b.to;
    }
};

/// How the canvas shows a group: the blocks whose ids begin with `path` and a dot. A group is there
/// because ids share a path; this only says how it looks.
struct GroupView {
    std::string path;
    bool collapsed = true;
    std::optional<Position> position = {};  ///< of the collapsed box; empty: amid its blocks
    Dict extras = {};  ///< keys of the file that this version does not know; kept on save
    friend bool operator==(const GroupView&, const GroupView&) = default;
};

/// A network as drawn: a pure value. Nothing in it needs to be valid; check/ says what is wrong.
struct Graph {
    std::vector<Node> nodes;
    std::vector<Edge> edges;
    std::vector<GroupView> groups = {};

    const Node* find(const NodeId& id) const;
    Node* find(const NodeId& id);
    /// The wire that ends at this input, if any.
    const Edge* edgeInto(const PortRef& input) const;
    /// Wires into the block, by input port.
    std::vector<Edge> edgesInto(const NodeId& id) const;
    std::vector<Edge> edgesFrom(const NodeId& id) const;
    friend bool operator==(const Graph&, const Graph&) = default;
};

bool isValidNodeId(const std::string& id);

/// Blocks so that every wire runs forward; among those that may come next, the one listed first
/// in the graph. A graph listed in such an order keeps it. This is the order in which modules
/// are constructed and run ("graph order").
/// Blocks on or behind a cycle are left out; compare sizes to notice.
std::vector<NodeId> topologicalOrder(const Graph& graph);

/// One cycle as the ids along it, empty when there is none.
std::vector<NodeId> findCycle(const Graph& graph);

}  // namespace loom
