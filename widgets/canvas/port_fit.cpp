#include "widgets/canvas/port_fit.h"

#include <QCoreApplication>
#include <algorithm>
#include <map>
#include <set>

#include "core/graph/edit.h"
#include "widgets/bridge/strings.h"

namespace loom {

namespace {

QString say(const char* text) {
    return QCoreApplication::translate("loom::Canvas", text);
}

/// Blocks that lie before (or behind) a block along the wires, itself included.
std::set<NodeId> reachable(const Graph& graph, const NodeId& start, bool forward) {
    std::multimap<NodeId, NodeId> next;
    for (const Edge& edge : graph.edges) {
        if (forward)
            next.emplace(edge.from.node, edge.to.node);
        else
            next.emplace(edge.to.node, edge.from.node);
    }
    std::set<NodeId> seen{start};
    std::vector<NodeId> open{start};
    while (!open.empty()) {
        const NodeId id = open.back();
        open.pop_back();
        const auto [first, last] = next.equal_range(id);
        for (auto it = first; it != last; ++it)
            if (seen.insert(it->second).second) open.push_back(it->second);
    }
    return seen;
}

/// What block `node` says when `shape` arrives at `port`; nullopt when nothing speaks against it.
std::optional<QString> objection(const Graph& graph, const ShapeReport& report, const Node& node,
                                 int port, const Shape* shape) {
    const LayerKind* kind = layers().find(node.kind);
    if (!kind || !shape || kind->inputs.empty()) return std::nullopt;
    std::map<int, Shape> arriving;
    for (const Edge& edge : graph.edgesInto(node.id))
        if (const Shape* known = report.shapeAt(edge.from)) arriving[edge.to.port] = *known;
    arriving[port] = *shape;
    // Other inputs are still free: they are no reason against this wire.
    std::vector<Shape> inputs;
    if (kind->variadicInputs) {
        if (arriving.size() < kind->inputs.size()) return std::nullopt;
        for (const auto& [index, arrived] : arriving) inputs.push_back(arrived);
    } else {
        const int ports = static_cast<int>(kind->inputs.size());
        for (int input = 0; input < ports - kind->optionalInputs; ++input)
            if (!arriving.contains(input)) return std::nullopt;
        inputs.resize(kind->inputs.size());
        for (const auto& [index, arrived] : arriving)
            if (index >= 0 && index < ports) inputs[static_cast<std::size_t>(index)] = arrived;
    }
    for (const ParamProblem& problem : checkParams(kind->params, node.params))
        if (!problem.unknown) return std::nullopt;
    const Inference inference =
        kind->infer({graph, node, Settings(kind->params, node.params), inputs});
    if (!inference.problem) return std::nullopt;
    return q(inference.problem->message);
}

}  // namespace

std::vector<PortFit> classifyPorts(const Graph& graph, const ShapeReport& report,
                                   const PortHandle& origin,
                                   const std::vector<PortHandle>& candidates) {
    // A wire to a block that leads here would close a circle.
    const std::set<NodeId> circle = reachable(graph, origin.ref.node, !origin.output);
    std::vector<PortFit> fits;
    for (const PortHandle& candidate : candidates) {
        PortFit fit;
        fit.port = candidate;
        const PortRef& from = origin.output ? origin.ref : candidate.ref;
        const PortRef& to = origin.output ? candidate.ref : origin.ref;
        if (candidate.output == origin.output) {
            fit.mark = PortMark::Impossible;
            fit.reason =
                origin.output
                    ? say("A wire leads from an output to an input.")
                    : say("A wire leads from an output to an input; this is an input too.");
        } else if (candidate.ref.node == origin.ref.node) {
            fit.mark = PortMark::Impossible;
            fit.reason = say("A block cannot feed itself.");
        } else if (circle.contains(candidate.ref.node)) {
            fit.mark = PortMark::Impossible;
            fit.reason =
                say("This wire would close a circle: no block of it could be computed first.");
        } else if (const Node* target = graph.find(to.node)) {
            if (const auto reason =
                    objection(graph, report, *target, to.port, report.shapeAt(from))) {
                fit.mark = PortMark::Bridge;
                fit.reason = *reason;
            }
        }
        fits.push_back(std::move(fit));
    }
    return fits;
}

std::vector<PortFit> classifyShown(const Graph& graph, const ShapeReport& report,
                                   const Level& level, const PortHandle& origin,
                                   const std::vector<PortHandle>& candidates) {
    const std::vector<PortRef> starts = level.real(origin.ref, origin.output);
    std::vector<PortHandle> ends;
    std::vector<std::size_t> owners;
    std::vector<PortFit> fits;
    for (const PortHandle& candidate : candidates) {
        fits.push_back({candidate, PortMark::Fits, {}});
        if (candidate.ref.node == origin.ref.node && isGroupKey(origin.ref.node)) {
            fits.back().mark = PortMark::Impossible;
            fits.back().reason = say("A group cannot feed itself. Open it to draw wires inside.");
            continue;
        }
        for (const PortRef& end : level.real(candidate.ref, candidate.output)) {
            ends.push_back({end, candidate.output});
            owners.push_back(fits.size() - 1);
        }
    }
    for (const PortRef& start : starts) {
        const auto found = classifyPorts(graph, report, {start, origin.output}, ends);
        for (std::size_t i = 0; i < found.size(); ++i) {
            PortFit& fit = fits[owners[i]];
            if (found[i].mark <= fit.mark) continue;
            fit.mark = found[i].mark;
            fit.reason = found[i].reason;
        }
    }
    return fits;
}

KindFit classifyKind(const Graph& graph, const ShapeReport& report, const PortHandle& origin,
                     const LayerKind& kind) {
    KindFit fit;
    fit.kind = &kind;
    if (origin.output ? kind.inputs.empty() : kind.outputs.empty()) {
        fit.mark = PortMark::Impossible;
        fit.reason = origin.output ? say("It has no input.") : say("It has no output.");
        return fit;
    }
    if (!origin.output) return fit;
    fit.isThere = kind.outputs.empty() &&
                  std::any_of(graph.nodes.begin(), graph.nodes.end(),
                              [&](const Node& one) { return one.kind == kind.info.id; });
    Node node;
    node.id = edit::freeId(graph, kind.info.id);
    node.kind = kind.info.id;
    node.params = startingParams(kind.params);
    if (const auto reason = objection(graph, report, node, 0, report.shapeAt(origin.ref))) {
        fit.mark = PortMark::Bridge;
        fit.reason = *reason;
    }
    return fit;
}

}  // namespace loom
