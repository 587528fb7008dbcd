#include "widgets/inspector/python_line.h"

#include "widgets/bridge/strings.h"

namespace loom {

QString pythonLine(const LayerKind& kind, const Params& params, const Params& inferred,
                   const std::string& name, const std::vector<std::string>& inputs) {
    if (kind.pythonExpression) {
        if (inputs.size() + static_cast<std::size_t>(kind.optionalInputs) < kind.inputs.size())
            return {};
        return q(name + " = " + kind.pythonExpression(Settings(kind.params, params), inputs));
    }
    if (kind.info.python.empty()) return {};
    return q(pythonConstruction(kind, params, inferred));
}

QString pythonLine(const Graph& graph, const ShapeReport& report, const NodeId& id) {
    const Node* node = graph.find(id);
    // A shared module is constructed where it was drawn first.
    if (node && !node->sharesWith.empty()) node = graph.find(node->sharesWith);
    const LayerKind* kind = node ? layers().find(node->kind) : nullptr;
    if (!kind) return {};
    const BlockReport* block = report.find(id);
    std::vector<std::string> inputs;
    for (const Edge& edge : graph.edgesInto(id)) inputs.push_back(edge.from.node);
    return pythonLine(*kind, node->params, block ? block->inference.inferred : Params(), id,
                      inputs);
}

}  // namespace loom
