#include "widgets/canvas/block_geometry.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

std::vector<QPointF> spread(int count, double x, double height) {
    std::vector<QPointF> points;
    const double step = 20;
    const double first = height / 2 - step * (count - 1) / 2.0;
    for (int i = 0; i < count; ++i) points.emplace_back(x, first + step * i);
    return points;
}

QString badgeOf(const LayerKind& kind, const Node& node, const ShapeReport& report) {
    const Settings settings(kind.params, node.params);
    QString badge = kind.badge ? q(kind.badge(settings)) : QString();
    if (!badge.isEmpty()) return badge;
    // Ends of the network have nothing to set; what enters or leaves says more.
    const BlockReport* block = report.find(node.id);
    if (!block || !block->known || block->inference.outputs.empty()) return {};
    if (kind.inputs.empty() || kind.outputs.empty())
        return q(block->inference.outputs.front().toText());
    return {};
}

}  // namespace

std::unordered_map<NodeId, PortUse> portUses(const Graph& graph) {
    std::unordered_map<NodeId, PortUse> uses;
    for (const Edge& edge : graph.edges) {
        PortUse& from = uses[edge.from.node];
        from.output = std::max(from.output, edge.from.port);
        PortUse& to = uses[edge.to.node];
        to.input = std::max(to.input, edge.to.port);
    }
    return uses;
}

BlockGeometry blockGeometry(const Graph& graph, const Node& node, const ShapeReport& report,
                            const std::string& around) {
    PortUse use;
    for (const Edge& edge : graph.edges) {
        if (edge.to.node == node.id) use.input = std::max(use.input, edge.to.port);
        if (edge.from.node == node.id) use.output = std::max(use.output, edge.from.port);
    }
    return blockGeometry(node, use, report, around);
}

BlockGeometry blockGeometry(const Node& node, const PortUse& use, const ShapeReport& report,
                            const std::string& around) {
    BlockGeometry g;
    g.name = q(around.empty() || !isInside(node.id, around) ? node.id
                                                            : node.id.substr(around.size() + 1));
    g.kind = q(node.kind);
    g.owner = q(node.sharesWith);
    int inputs = use.input + 1, outputs = use.output + 1;
    if (const LayerKind* kind = layers().find(node.kind)) {
        g.family = q(kind->info.family);
        g.badge = g.owner.isEmpty()
                      ? badgeOf(*kind, node, report)
                      : QCoreApplication::translate("loom::Canvas", "uses %1").arg(g.owner);
        const int declared = static_cast<int>(kind->inputs.size());
        inputs = std::max(inputs + (kind->variadicInputs ? 1 : 0), declared);
        outputs = std::max(outputs, static_cast<int>(outputPorts(*kind, node.params).size()));
    } else {
        g.known = false;
        inputs = std::max(inputs, 1);
        outputs = std::max(outputs, 1);
    }
    // A file may ask for absurd ports; the drawing stays a drawing.
    inputs = std::min(inputs, 64);
    outputs = std::min(outputs, 64);

    static const QFontMetricsF bold(uiFont(13, QFont::DemiBold)), plain(uiFont(13)),
        mono(monoFont(12));
    const double first = bold.horizontalAdvance(g.name) + 6 + plain.horizontalAdvance(g.kind);
    const double text = std::max(first, mono.horizontalAdvance(g.badge));
    const double width = std::max(140.0, std::ceil((text + 32) / kGrid) * kGrid);
    const double height = std::max(kBlockHeight, std::max(inputs, outputs) * 20.0 + 12);
    g.size = QSizeF(width, height);
    g.inputs = spread(inputs, 0, height);
    g.outputs = spread(outputs, width, height);
    return g;
}

std::map<NodeId, BlockSize> blockSizes(const Graph& graph, const ShapeReport& report) {
    std::map<NodeId, BlockSize> sizes;
    const auto uses = portUses(graph);
    for (const Node& node : graph.nodes) {
        const auto use = uses.find(node.id);
        const QSizeF size =
            blockGeometry(node, use == uses.end() ? PortUse{} : use->second, report).size;
        sizes[node.id] = {size.width(), size.height()};
    }
    return sizes;
}

QString blockDescription(const Graph& graph, const Node& node, const ShapeReport& report) {
    const BlockGeometry g = blockGeometry(graph, node, report);
    QString text = g.name + QStringLiteral(", ") + g.kind;
    if (!g.badge.isEmpty()) text += QStringLiteral(", ") + g.badge;
    if (const Shape* shape = report.shapeAt({node.id, 0}))
        text +=
            QCoreApplication::translate("loom::Canvas", "; gives %1").arg(q(shape->toSentence()));
    return text;
}

}  // namespace loom
