#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/graph.h"

/// Groups: blocks whose ids begin with the same path (`layer1.0`), as modules inside a module of
/// PyTorch. Graph::groups only says how a group is drawn.
namespace loom {

/// `layer1` of `layer1.0`; empty at the top.
std::string parentPath(const std::string& id);
/// `0` of `layer1.0`.
std::string lastPart(const std::string& id);
/// Whether a block, or another group, lies inside of the group. The empty path holds everything.
bool isInside(const std::string& id, const std::string& path);
/// The path below which all of these lie, the longest there is; empty when they share none.
std::string commonPath(const std::vector<NodeId>& ids);

std::vector<NodeId> groupMembers(const Graph& graph, const std::string& path);
/// Every path that holds a block, outer ones before those inside of them.
std::vector<std::string> groupPaths(const Graph& graph);
const GroupView* groupView(const Graph& graph, const std::string& path);
bool isCollapsed(const Graph& graph, const std::string& path);
/// The outermost collapsed group that hides this block from someone who looks at `scope`; empty
/// when nothing does.
std::string collapsedAround(const Graph& graph, const NodeId& id, const std::string& scope = {});
/// Where the collapsed box stands: its own place, else amid its blocks.
Position groupPosition(const Graph& graph, const std::string& path);

/// How many ends for wires a block has: inputs that must have one, and outputs.
struct PortCounts {
    int inputs = 1;
    int outputs = 1;
};
using PortsOf = std::function<PortCounts(const Node&)>;

/// One end for wires on a group: the ports inside that it stands for.
struct GroupPort {
    /// One for an output. For an input all that take what arrives here: a residual block's first
    /// layer and its sum.
    std::vector<PortRef> inner;
    std::optional<PortRef> source = {};  ///< an input: where its wire comes from
    std::vector<PortRef> targets = {};   ///< an output: the inputs outside that it feeds
    std::string label;                   ///< the first of `inner` as seen from the group: `conv1`
};

struct GroupBoundary {
    std::vector<GroupPort> inputs;
    std::vector<GroupPort> outputs;
};

/// Where wires enter and leave the group, in the order of its blocks. What comes from one place is
/// one input. With `portsOf`, also inputs that still wait for a wire, and outputs of blocks that
/// feed nothing.
GroupBoundary groupBoundary(const Graph& graph, const std::string& path,
                            const PortsOf& portsOf = {});

}  // namespace loom
