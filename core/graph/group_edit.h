#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/graph/group.h"

/// Edits of groups: pure functions from value to value, as those of edit.h. Every refusal is a
/// sentence.
namespace loom {

/// Inputs of the group that one wire is meant to feed although none does yet: what a copy of a
/// residual block takes. Kept as `inputs` of the group in the file.
std::vector<std::vector<PortRef>> joinedInputs(const Graph& graph, const std::string& path);

namespace edit {

/// The blocks with other ids; wires, shared modules and groups follow.
Graph renameBlocks(const Graph& graph, const std::map<NodeId, NodeId>& names);

/// Puts the blocks under `path`: `conv1` becomes `layer1.0.conv1`. What their ids had in common
/// before is left behind. The group is collapsed.
Result<Graph> group(const Graph& graph, const std::vector<NodeId>& ids, const std::string& path);
/// Takes the group's part out of its blocks' ids; where an id is taken, the next free one.
Result<Graph> ungroup(const Graph& graph, const std::string& path);
Result<Graph> renameGroup(const Graph& graph, const std::string& from, const std::string& to);
Graph setCollapsed(const Graph& graph, const std::string& path, bool collapsed);
/// Removes the group's blocks. With `heal` and a single input, what it received goes to those it
/// fed.
Graph removeGroup(const Graph& graph, const std::string& path, bool heal = false);
/// A copy beside it under the next free path, with the wires inside. The second value is that path.
Result<std::pair<Graph, std::string>> duplicateGroup(const Graph& graph, const std::string& path,
                                                     Position offset, const PortsOf& portsOf = {});
/// `times` of the group in a row, each fed by the one before, as `path.0`, `path.1`, ... A path
/// that ends in a number counts on from it. `step` is from one to the next on the canvas.
Result<Graph> repeatGroup(const Graph& graph, const std::string& path, int times, Position step,
                          const PortsOf& portsOf);

/// edit::freeId for a block that is put into the group `scope`.
NodeId freeIdIn(const Graph& graph, const std::string& scope, const std::string& kind);
/// A path for new members beside `wanted`: itself when it is free, else with the next free number.
std::string freePath(const Graph& graph, const std::string& wanted);
/// A path to offer for a group of these blocks: `block1`, or `layer1.0` where they lie in `layer1`.
std::string suggestedPath(const Graph& graph, const std::vector<NodeId>& ids);

/// Moves what a canvas shows: blocks by id, groups by `path.`, with all inside.
Graph moveShown(const Graph& graph, const std::map<std::string, Position>& positions);
/// Wires that lead to all of `to`, which wait for the same.
Result<Graph> connectAll(const Graph& graph, const PortRef& from, const std::vector<PortRef>& to);
/// insertOnEdge for wires that come from one place and are drawn as one.
Result<Graph> insertOnEdges(const Graph& graph, const std::vector<Edge>& edges, const NodeId& id);

/// Uses the module of `owner` in `id` too, or, with an empty owner, gives it one of its own.
Result<Graph> shareModule(const Graph& graph, const NodeId& id, const NodeId& owner);

/// Forgets how groups looked that have no blocks any more.
void forgetEmptyGroups(Graph& graph);

}  // namespace edit
}  // namespace loom
