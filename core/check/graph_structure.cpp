#include "core/check/graph_structure.h"

#include <algorithm>
#include <set>

#include "core/base/kind_names.h"
#include "core/base/sentence.h"
#include "core/catalogue/layer_kind.h"
#include "core/check/problem_place.h"
#include "core/check/shape_report.h"
#include "core/graph/edit.h"

namespace loom {
namespace {

class Structure {
public:
    explicit Structure(const Graph& graph) : m_graph(graph) {}

    std::vector<Diagnostic> run() {
        if (isBlank()) {
            unfinished(
                Severity::Error, {}, "The network has no layers yet.",
                "Drag a layer from the palette onto the canvas, or press Tab and type its name.");
            return std::move(m_found);
        }
        checkKinds();
        checkNames();
        checkWires();
        checkCycle();
        checkEnds();
        checkBlocks();
        checkSharing();
        return std::move(m_found);
    }

private:
    const Graph& m_graph;
    std::vector<Diagnostic> m_found;

    /// A canvas on which nothing has been drawn: no reason to mark its two ends as wrong.
    bool isBlank() const {
        return m_graph.edges.empty() && nodesOfKind(m_graph, "Input").size() == 1 &&
               nodesOfKind(m_graph, "Output").size() == 1 && m_graph.nodes.size() == 2;
    }

    Diagnostic& report(Severity severity, const NodeId& node, const std::string& message,
                       const std::string& hint) {
        Diagnostic diagnostic;
        diagnostic.severity = severity;
        diagnostic.node = node;
        diagnostic.message = message;
        diagnostic.hint = hint;
        m_found.push_back(std::move(diagnostic));
        return m_found.back();
    }

    /// Something that drawing on will mend.
    Diagnostic& unfinished(Severity severity, const NodeId& node, const std::string& message,
                           const std::string& hint) {
        Diagnostic& diagnostic = report(severity, node, message, hint);
        diagnostic.section = kUnfinished;
        return diagnostic;
    }

    void checkKinds() {
        std::vector<std::string> known;
        for (const LayerKind& kind : layers()) known.push_back(kind.info.id);
        for (const Node& node : m_graph.nodes) {
            if (layers().find(node.kind)) continue;
            std::string hint =
                "It is kept as it is. Open the project with a newer Torchloom, or replace the "
                "block.";
            if (const std::string meant = meantKindHint(node.kind, known); !meant.empty())
                hint = meant + " " + hint;
            report(Severity::Error, node.id,
                   node.id + " is of kind " + node.kind + ", which this Torchloom does not know.",
                   hint);
        }
    }

    /// PyTorch cannot have a layer `block` and layers inside of it, `block.0`.
    void checkNames() {
        std::set<NodeId> ids;
        for (const Node& node : m_graph.nodes) ids.insert(node.id);
        for (const NodeId& id : ids) {
            for (std::size_t dot = id.find('.'); dot != std::string::npos;
                 dot = id.find('.', dot + 1)) {
                const NodeId parent = id.substr(0, dot);
                if (!ids.contains(parent)) continue;
                report(Severity::Error, id,
                       id + " lies inside of " + parent + " by its name, but " + parent +
                           " is a layer and no group.",
                       "Rename one of the two, for example " + parent + " to " + parent + "_0.");
            }
        }
    }

    void checkWires() {
        std::set<std::string> taken;
        for (const Edge& edge : m_graph.edges) {
            const std::string wire =
                "The wire from " + edge.from.toText() + " to " + edge.to.toText();
            const auto remove = [edge](const Graph& graph) {
                return edit::disconnect(graph, edge);
            };
            const Node* from = m_graph.find(edge.from.node);
            const Node* to = m_graph.find(edge.to.node);
            if (!from || !to) {
                report(Severity::Error,
                       from ? edge.from.node
                       : to ? edge.to.node
                            : NodeId(),
                       from ? sentence("{wire} ends at \"{block}\", a block that is not there.",
                                       {{"wire", wire}, {"block", edge.to.node}})
                            : sentence("{wire} begins at \"{block}\", a block that is not there.",
                                       {{"wire", wire}, {"block", edge.from.node}}),
                       "Take the wire away.")
                    .fixes.push_back({"Remove the wire", remove});
                continue;
            }
            if (!taken.insert(edge.to.node + ":" + std::to_string(edge.to.port)).second) {
                report(Severity::Error, edge.to.node,
                       edge.to.node + " receives two wires at input " +
                           std::to_string(edge.to.port) + ".",
                       "An input takes one wire; join two with Add or Concat.")
                    .fixes.push_back({"Remove the wire from " + edge.from.node, remove});
            }
            const LayerKind* source = layers().find(from->kind);
            const LayerKind* target = layers().find(to->kind);
            const auto beyond = [](int port, std::size_t count) {
                return port < 0 || static_cast<std::size_t>(port) >= count;
            };
            if (source && beyond(edge.from.port, outputPorts(*source, from->params).size())) {
                report(Severity::Error, from->id,
                       wire + " begins at an output that " + from->id + " (" + from->kind +
                           ") does not have.",
                       "Take the wire away.")
                    .fixes.push_back({"Remove the wire", remove});
            }
            if (target &&
                beyond(edge.to.port, target->variadicInputs ? 1000 : target->inputs.size())) {
                report(Severity::Error, to->id,
                       wire + " ends at an input that " + to->id + " (" + to->kind +
                           ") does not have.",
                       "Take the wire away.")
                    .fixes.push_back({"Remove the wire", remove});
            }
        }
    }

    void checkCycle() {
        const std::vector<NodeId> cycle = findCycle(m_graph);
        if (cycle.empty()) return;
        std::string path;
        for (const NodeId& id : cycle) path += id + " → ";
        const NodeId last = cycle.back(), first = cycle.front();
        auto& diagnostic = report(Severity::Error, first,
                                  "The wires " + path + first +
                                      " run in a circle, so no block of it can be computed first.",
                                  "Take one of these wires away.");
        for (const Edge& edge : m_graph.edges) {
            if (edge.from.node != last || edge.to.node != first) continue;
            diagnostic.fixes.push_back(
                {"Remove the wire from " + last + " to " + first,
                 [edge](const Graph& graph) { return edit::disconnect(graph, edge); }});
            break;
        }
    }

    void checkEnds() {
        const auto ends = [&](const char* kind, const char* without) {
            const std::vector<NodeId> ids = nodesOfKind(m_graph, kind);
            if (!ids.empty()) return;
            unfinished(Severity::Error, {},
                       std::string("The network has no ") + kind + " block" + without,
                       std::string("Add one from the palette: ") + kind + ".")
                .fixes.push_back({std::string("Add ") + kind, [kind](const Graph& graph) {
                                      Node node;
                                      node.kind = kind;
                                      double edge = 0, row = 0;
                                      const bool left = std::string(kind) == "Input";
                                      for (const Node& other : graph.nodes) {
                                          edge = left ? std::min(edge, other.position.x)
                                                      : std::max(edge, other.position.x);
                                          row = other.position.y;
                                      }
                                      node.position = {graph.nodes.empty() ? 0
                                                       : left              ? edge - 220
                                                                           : edge + 220,
                                                       row};
                                      return edit::addNode(graph, std::move(node));
                                  }});
        };
        ends("Input", ", so no sample can enter it.");
        ends("Output", ", so it gives no answer.");
        if (nodesOfKind(m_graph, "Output").empty() || nodesOfKind(m_graph, "Input").empty()) return;
        std::set<NodeId> reached;
        std::vector<NodeId> stack = nodesOfKind(m_graph, "Input");
        while (!stack.empty()) {
            const NodeId id = stack.back();
            stack.pop_back();
            if (!reached.insert(id).second) continue;
            for (const Edge& edge : m_graph.edgesFrom(id)) stack.push_back(edge.to.node);
        }
        for (const NodeId& id : nodesOfKind(m_graph, "Output")) {
            if (reached.contains(id) || m_graph.edgesInto(id).empty()) continue;
            unfinished(Severity::Error, id,
                       "No path leads from an Input to " + id +
                           ", so it would give the same answer for every sample.",
                       "Connect the blocks from the input on, one after the other.");
        }
    }

    /// Names of the inputs that need a wire and have none.
    std::vector<std::string> freeInputs(const LayerKind& kind, const Node& node) const {
        std::vector<std::string> free;
        const std::size_t needed =
            kind.inputs.size() - static_cast<std::size_t>(kind.optionalInputs);
        for (std::size_t port = 0; port < needed; ++port)
            if (!m_graph.edgeInto({node.id, static_cast<int>(port)}))
                free.push_back(kind.inputs[port].name);
        return free;
    }

    /// A shared module needs an owner of the same kind that has it as its own.
    void checkSharing() {
        for (const Node& node : m_graph.nodes) {
            if (node.sharesWith.empty()) continue;
            const Node* owner = m_graph.find(node.sharesWith);
            std::string wrong;
            if (!owner || owner == &node)
                wrong = ", which is not there.";
            else if (owner->kind != node.kind)
                wrong = ", but that is a " + owner->kind + " and this a " + node.kind + ".";
            else if (!owner->sharesWith.empty())
                wrong = ", which itself uses that of " + owner->sharesWith + ".";
            if (wrong.empty()) continue;
            const NodeId id = node.id;
            report(Severity::Error, id, id + " uses the module of " + node.sharesWith + wrong,
                   "Give it a module of its own, or choose a block of the same kind.")
                .fixes.push_back(
                    {"Give " + id + " its own module", [id](const Graph& graph) -> Result<Graph> {
                         Graph next = graph;
                         if (Node* found = next.find(id)) found->sharesWith.clear();
                         return next;
                     }});
        }
    }

    void checkBlocks() {
        for (const Node& node : m_graph.nodes) {
            const LayerKind* kind = layers().find(node.kind);
            if (!kind) continue;
            const auto in = m_graph.edgesInto(node.id);
            const auto out = m_graph.edgesFrom(node.id);
            const bool source = kind->inputs.empty(), sink = kind->outputs.empty();
            if (in.empty() && out.empty() && !(source && m_graph.nodes.size() == 1)) {
                unfinished(
                    Severity::Error, node.id,
                    node.id + " (" + node.kind + ") is not connected yet.",
                    source
                        ? "Drag a wire from its right side to the first layer."
                        : "Drag a wire from another block to its left side" +
                              std::string(
                                  sink ? "." : ", and one from its right side on, or remove it."));
                continue;
            }
            if (in.empty() && !source) {
                unfinished(Severity::Error, node.id,
                           "Nothing arrives at " + node.id + " (" + node.kind + ") yet.",
                           "Drag a wire from the block before it to its left side.");
            } else if (const std::vector<std::string> free = freeInputs(*kind, node);
                       !free.empty()) {
                const std::size_t needed =
                    kind->inputs.size() - static_cast<std::size_t>(kind->optionalInputs);
                const std::size_t there = needed - free.size();
                unfinished(Severity::Error, node.id,
                           sentence(there == 1 ? "{block} ({kind}) needs {needed} wires, but only "
                                                 "{there} arrives."
                                               : "{block} ({kind}) needs {needed} wires, but only "
                                                 "{there} arrive.",
                                    {{"block", node.id},
                                     {"kind", node.kind},
                                     {"needed", std::to_string(needed)},
                                     {"there", std::to_string(there)}}),
                           free[0].empty()
                               ? "Connect another block to its free input."
                               : sentence("Connect another block to its free input, {input}.",
                                          {{"input", free[0]}}));
            }
            if (out.empty() && !sink)
                unfinished(Severity::Warning, node.id,
                           node.id + " leads nowhere: what it computes is not used.",
                           "Connect its right side, or remove it.");
        }
    }
};

}  // namespace

std::vector<Diagnostic> checkStructure(const Graph& graph) {
    return Structure(graph).run();
}

}  // namespace loom
