#include "core/check/shape_report.h"

#include <algorithm>
#include <set>

#include "core/base/saturating.h"
#include "core/check/graph_structure.h"
#include "core/graph/edit.h"

namespace loom {
namespace {

/// Walks the graph in execution order and asks every block what it makes of what arrives.
class Walk {
public:
    Walk(const Graph& graph, const std::optional<Shape>& dataShape)
        : m_graph(graph), m_dataShape(dataShape) {}

    ShapeReport run() {
        m_report.diagnostics = checkStructure(m_graph);
        m_report.order = topologicalOrder(m_graph);
        for (const NodeId& id : m_report.order) visit(*m_graph.find(id));
        for (const NodeId& id : m_report.order) checkSharing(*m_graph.find(id));
        return std::move(m_report);
    }

private:
    const Graph& m_graph;
    const std::optional<Shape>& m_dataShape;
    ShapeReport m_report;

    /// The block whose parameters count: itself, or the owner of the module it shares; null when
    /// there is no fitting owner.
    const Node* ownerOf(const Node& node) const {
        if (node.sharesWith.empty()) return &node;
        const Node* owner = m_graph.find(node.sharesWith);
        return owner && owner->kind == node.kind && owner->sharesWith.empty() ? owner : nullptr;
    }

    /// One module cannot take inputs of two sizes.
    void checkSharing(const Node& node) {
        const Node* owner = ownerOf(node);
        if (!owner || owner == &node) return;
        BlockReport& block = m_report.blocks[node.id];
        const BlockReport* original = m_report.find(owner->id);
        if (!block.known || !original || !original->known ||
            block.inference.inferred == original->inference.inferred)
            return;
        std::string difference;
        for (const auto& [key, value] : block.inference.inferred) {
            const Value* other = original->inference.inferred.find(key);
            if (other && !(*other == value))
                difference = key + " " + other->toText() + " there and " + value.toText() + " here";
        }
        Diagnostic diagnostic;
        diagnostic.severity = Severity::Error;
        diagnostic.node = node.id;
        diagnostic.message = node.id + " uses the module of " + owner->id +
                             ", but what arrives asks for " + difference + ".";
        diagnostic.hint = "A shared module takes inputs of one size; make both alike, or give " +
                          node.id + " a module of its own.";
        diagnostic.fixes.push_back({"Give " + node.id + " its own module",
                                    [id = node.id](const Graph& graph) -> Result<Graph> {
                                        Graph next = graph;
                                        if (Node* found = next.find(id)) found->sharesWith.clear();
                                        return next;
                                    }});
        block.known = false;
        m_report.diagnostics.push_back(std::move(diagnostic));
    }

    void visit(const Node& node) {
        BlockReport& block = m_report.blocks[node.id];
        block.id = node.id;
        const LayerKind* kind = layers().find(node.kind);
        if (!kind) return;
        const Node* owner = ownerOf(node);
        const bool sound = owner && checkBlockParams(*kind, *owner, owner == &node);
        if (!collectInputs(*kind, node, block) || !sound) return;
        if (!checkElements(*kind, node, block)) return;
        const LayerContext context{
            m_graph, node, Settings(kind->params, owner->params), block.inputs,
            [this](const PortRef& output) { return m_report.shapeAt(output); }};
        block.inference = kind->infer(context);
        if (owner != &node) block.inference.parameters = 0;
        if (!checkSizes(node, block)) return;
        for (const Diagnostic& remark : block.inference.remarks)
            m_report.diagnostics.push_back(remark);
        if (block.inference.problem) {
            m_report.diagnostics.push_back(*block.inference.problem);
            return;
        }
        block.known = true;
        for (const Shape& shape : block.inference.outputs)
            block.activationBytes =
                plus(block.activationBytes,
                     times(shape.count(), shape.type == ElementType::Int64 ? 8 : 4));
        if (kind->outputs.empty()) block.activationBytes = 0;
        m_report.parameters = plus(m_report.parameters, block.inference.parameters);
        m_report.macs = plus(m_report.macs, block.inference.macs);
        m_report.activationBytes = plus(m_report.activationBytes, block.activationBytes);
    }

    /// Sizes that no computer holds end here, so that no later block computes with them.
    bool checkSizes(const Node& node, const BlockReport& block) {
        constexpr std::int64_t kMost = std::int64_t(1) << 48;
        for (const Shape& shape : block.inference.outputs) {
            if (shape.count() <= kMost) continue;
            Diagnostic diagnostic;
            diagnostic.node = node.id;
            diagnostic.message = node.id + " would give " + shape.toSentence() +
                                 " for a single sample, more numbers than any computer holds.";
            diagnostic.hint = "Look for a number with too many digits among its parameters.";
            m_report.diagnostics.push_back(std::move(diagnostic));
            return false;
        }
        if (block.inference.parameters < kUncountable) return true;
        Diagnostic diagnostic;
        diagnostic.node = node.id;
        diagnostic.message = node.id + " would have more than " + groupDigits(kUncountable) +
                             " weights, more than can be counted.";
        diagnostic.hint = "Look for a number with too many digits among its parameters.";
        m_report.diagnostics.push_back(std::move(diagnostic));
        return false;
    }

    bool checkBlockParams(const LayerKind& kind, const Node& node, bool report) {
        bool sound = true;
        for (const ParamProblem& problem : checkParams(kind.params, node.params)) {
            sound = sound && problem.unknown;
            if (!report) continue;
            Diagnostic diagnostic;
            diagnostic.severity = problem.unknown ? Severity::Warning : Severity::Error;
            diagnostic.node = node.id;
            diagnostic.message = node.id + ": " + problem.message;
            diagnostic.hint = problem.hint;
            const ParamSpec* spec = findSpec(kind.params, problem.key);
            const NodeId id = node.id;
            const std::string key = problem.key;
            if (spec && !spec->suggestion.isNone()) {
                diagnostic.fixes.push_back(
                    {"Set " + key + " to " + spec->suggestion.toText(),
                     [id, key, value = spec->suggestion](const Graph& graph) {
                         return edit::setParam(graph, id, key, value);
                     }});
            } else if (node.params.contains(key)) {
                diagnostic.fixes.push_back(
                    {(problem.unknown ? "Remove " : "Take the default of ") + key,
                     [id, key](const Graph& graph) {
                         return edit::setParam(graph, id, key, std::nullopt);
                     }});
            }
            m_report.diagnostics.push_back(std::move(diagnostic));
        }
        return sound;
    }

    /// Real numbers where real ones are needed, whole ones where whole ones are.
    bool checkElements(const LayerKind& kind, const Node& node, const BlockReport& block) {
        for (std::size_t i = 0; i < block.inputs.size() && !kind.inputs.empty(); ++i) {
            const int port = static_cast<int>(i);
            const PortSpec& spec = kind.inputs[std::min(i, kind.inputs.size() - 1)];
            const bool whole = block.inputs[i].type == ElementType::Int64;
            const Edge* wire = m_graph.edgeInto({node.id, port});
            if (!wire || spec.elements == Elements::Any ||
                (spec.elements == Elements::Whole) == whole)
                continue;
            Diagnostic diagnostic;
            diagnostic.severity = Severity::Error;
            diagnostic.node = node.id;
            diagnostic.inputPort = port;
            diagnostic.message =
                node.id + " receives " +
                (whole ? "whole numbers (int64), but " + node.kind +
                             " computes with real ones (float32)."
                       : "real numbers (float32) at its input " + spec.name + ", but " + node.kind +
                             " takes whole ones (int64) there.");
            diagnostic.hint = whole ? "Words and classes become real numbers by an Embedding."
                                    : "Whole numbers come from an Input with dtype int64, or "
                                      "from an output that gives indices.";
            const Node* source = m_graph.find(wire->from.node);
            if (source && source->kind == "Input") {
                diagnostic.fixes.push_back(
                    {"Set dtype of " + source->id + (whole ? " to float32" : " to int64"),
                     [id = source->id, whole](const Graph& graph) {
                         return edit::setParam(
                             graph, id, "dtype",
                             whole ? std::nullopt : std::optional<Value>(Value("int64")));
                     }});
            }
            m_report.diagnostics.push_back(std::move(diagnostic));
            return false;
        }
        return true;
    }

    /// False when not everything that the block needs is there and known.
    bool collectInputs(const LayerKind& kind, const Node& node, BlockReport& block) {
        if (kind.inputs.empty()) {
            if (m_dataShape) block.inputs.push_back(*m_dataShape);
            return true;
        }
        const std::size_t ports = kind.inputs.size();
        const std::size_t needed = ports - static_cast<std::size_t>(kind.optionalInputs);
        for (const Edge& wire : m_graph.edgesInto(node.id)) {
            const Shape* shape = m_report.shapeAt(wire.from);
            if (!shape || wire.to.port < 0) return false;
            const std::size_t port = static_cast<std::size_t>(wire.to.port);
            if (kind.variadicInputs) {
                block.inputs.push_back(*shape);
                continue;
            }
            if (port >= ports) return false;
            block.inputs.resize(ports);
            block.inputs[port] = *shape;
        }
        if (kind.variadicInputs) return block.inputs.size() >= needed;
        block.inputs.resize(ports);
        for (std::size_t port = 0; port < needed; ++port)
            if (!m_graph.edgeInto({node.id, static_cast<int>(port)})) return false;
        return true;
    }
};

}  // namespace

const Shape* ShapeReport::shapeAt(const PortRef& output) const {
    const BlockReport* block = find(output.node);
    if (!block || !block->known || output.port < 0 ||
        static_cast<std::size_t>(output.port) >= block->inference.outputs.size())
        return nullptr;
    return &block->inference.outputs[static_cast<std::size_t>(output.port)];
}

const BlockReport* ShapeReport::find(const NodeId& id) const {
    const auto found = blocks.find(id);
    return found == blocks.end() ? nullptr : &found->second;
}

ShapeReport inferShapes(const Graph& graph, const std::optional<Shape>& dataShape) {
    return Walk(graph, dataShape).run();
}

std::vector<NodeId> nodesOfKind(const Graph& graph, const std::string& kind) {
    std::vector<NodeId> ids;
    for (const Node& node : graph.nodes)
        if (node.kind == kind) ids.push_back(node.id);
    return ids;
}

}  // namespace loom
