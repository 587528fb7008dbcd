#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/graph/graph.h"

/// The only ways a graph changes: pure functions from value to value. Every refusal is a sentence.
namespace loom::edit {

/// `conv1`, `conv2`, ... : the kind's short name in lower case with the first free number; single
/// ones of a kind with no natural count (`input`, `output`, `flatten`, `relu`) start without one.
NodeId freeId(const Graph& graph, const std::string& kind);

/// Adds a block without wires. An empty id takes freeId.
Result<Graph> addNode(const Graph& graph, Node node);

/// Removes blocks with their wires. With `heal`, each removed block that has one wire in and
/// wires out hands what it received to those it fed.
Graph removeNodes(const Graph& graph, const std::vector<NodeId>& ids, bool heal = false);

/// Draws a wire. A wire that already ends at `to` is replaced; an equal one is refused, and so are
/// a wire from a block to itself and one that would close a cycle.
Result<Graph> connect(const Graph& graph, const PortRef& from, const PortRef& to);

Result<Graph> disconnect(const Graph& graph, const Edge& edge);

/// Puts a block that is in the graph onto a wire: its input 0 and output 0 take the wire's ends.
Result<Graph> insertOnEdge(const Graph& graph, const Edge& edge, const NodeId& id);

/// Gives the block a new id; wires follow. Refuses ids in use and ids no PyTorch module can have.
Result<Graph> rename(const Graph& graph, const NodeId& from, const NodeId& to);

/// Sets one parameter; nullopt takes it away, so that Python's default holds again.
Result<Graph> setParam(const Graph& graph, const NodeId& id, const std::string& key,
                       const std::optional<Value>& value);

Graph move(const Graph& graph, const std::map<NodeId, Position>& positions);

/// Adds copies of `part`'s blocks and of the wires among them, under fresh ids, shifted by
/// `offset`. The second value lists the new ids in the order of `part.nodes`.
std::pair<Graph, std::vector<NodeId>> paste(const Graph& graph, const Graph& part, Position offset);

/// The blocks and the wires among them.
Graph extract(const Graph& graph, const std::vector<NodeId>& ids);

/// A new block of `kind` behind `after`, on all wires that left it at output 0.
Result<Graph> insertAfter(const Graph& graph, const NodeId& after, Node node);
/// A new block of `kind` in front of input `to`, on the wire that ends there.
Result<Graph> insertBefore(const Graph& graph, const PortRef& to, Node node);

}  // namespace loom::edit
