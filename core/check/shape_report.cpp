#include "core/check/shape_report.h"

#include <algorithm>
#include <set>

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
        return std::move(m_report);
    }

private:
    const Graph& m_graph;
    const std::optional<Shape>& m_dataShape;
    ShapeReport m_report;

    void visit(const Node& node) {
        BlockReport& block = m_report.blocks[node.id];
        block.id = node.id;
        const LayerKind* kind = layers().find(node.kind);
        if (!kind) return;
        const bool sound = checkBlockParams(*kind, node);
        if (!collectInputs(*kind, node, block) || !sound) return;
        const LayerContext context{m_graph, node, Settings(kind->params, node.params),
                                   block.inputs};
        block.inference = kind->infer(context);
        for (const Diagnostic& remark : block.inference.remarks)
            m_report.diagnostics.push_back(remark);
        if (block.inference.problem) {
            m_report.diagnostics.push_back(*block.inference.problem);
            return;
        }
        block.known = true;
        for (const Shape& shape : block.inference.outputs)
            block.activationBytes += shape.count() * (shape.type == ElementType::Int64 ? 8 : 4);
        if (kind->outputs.empty()) block.activationBytes = 0;
        m_report.parameters += block.inference.parameters;
        m_report.macs += block.inference.macs;
        m_report.activationBytes += block.activationBytes;
    }

    bool checkBlockParams(const LayerKind& kind, const Node& node) {
        bool sound = true;
        for (const ParamProblem& problem : checkParams(kind.params, node.params)) {
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
            sound = sound && problem.unknown;
            m_report.diagnostics.push_back(std::move(diagnostic));
        }
        return sound;
    }

    /// False when not everything that the block needs is there and known.
    bool collectInputs(const LayerKind& kind, const Node& node, BlockReport& block) {
        if (kind.inputs.empty()) {
            if (m_dataShape) block.inputs.push_back(*m_dataShape);
            return true;
        }
        const std::vector<Edge> wires = m_graph.edgesInto(node.id);
        if (wires.size() < kind.inputs.size()) return false;
        for (const Edge& wire : wires) {
            const Shape* shape = m_report.shapeAt(wire.from);
            if (!shape) return false;
            block.inputs.push_back(*shape);
        }
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
