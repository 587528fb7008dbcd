#include "widgets/canvas/shown_geometry.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "core/graph/group_layout.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr double kStubHeight = 30;
constexpr int kLongestStub = 34;  ///< letters

QString say(const char* text, int n = -1) {
    return QCoreApplication::translate("loom::Canvas", text, nullptr, n);
}

QStringList labelsOf(const std::vector<GroupPort>& ports) {
    QStringList labels;
    if (ports.size() > 1)
        for (const GroupPort& port : ports) labels << q(port.label);
    return labels;
}

double widest(const QStringList& labels) {
    static const QFontMetricsF small(monoFont(10));
    double width = 0;
    for (const QString& label : labels) width = std::max(width, small.horizontalAdvance(label));
    return width;
}

std::vector<QPointF> spread(std::size_t count, double x, double height) {
    std::vector<QPointF> points;
    const double first = height / 2 - 20 * (static_cast<double>(count) - 1) / 2;
    for (std::size_t i = 0; i < count; ++i)
        points.emplace_back(x, first + 20 * static_cast<double>(i));
    return points;
}

BlockGeometry groupBox(const Graph& graph, const Level& level, const ShownItem& item,
                       const ShapeReport& report) {
    BlockGeometry g;
    g.shown = ShownKind::Group;
    const std::string path = pathOfKey(item.key);
    const GroupFigures figures = groupFigures(graph, report, path);
    g.name = q(lastPart(path));
    // `layer1.` in front of the `0`, as far as it is not seen around it.
    const std::string parent = parentPath(path), &around = level.around(item.key);
    if (parent.size() > around.size())
        g.prefix = q(around.empty() ? parent : parent.substr(around.size() + 1)) + QLatin1Char('.');
    g.kind = figures.blocks == 1 ? say("1 block") : say("%1 blocks").arg(figures.blocks);
    g.family = q(figures.family);
    g.detail = figures.parameters > 0
                   ? say("%1 parameters").arg(q(shortNumber(double(figures.parameters))))
                   : say("nothing to learn");
    QStringList shapes;
    for (const GroupPort& port : item.outputs)
        if (const Shape* shape = report.shapeAt(port.inner.front())) shapes << q(shape->toText());
    shapes.removeDuplicates();
    g.badge = shapes.join(QStringLiteral(", "));
    g.inputLabels = labelsOf(item.inputs);
    g.outputLabels = labelsOf(item.outputs);
    g.textLeft = 16 + (g.inputLabels.isEmpty() ? 0 : widest(g.inputLabels) + 10);

    static const QFontMetricsF bold(uiFont(14, QFont::DemiBold)), plain(uiFont(12)),
        mono(monoFont(12));
    const double text =
        std::max({bold.horizontalAdvance(g.prefix + g.name) + 8 + plain.horizontalAdvance(g.kind),
                  plain.horizontalAdvance(g.detail), mono.horizontalAdvance(g.badge)});
    const double labels = g.outputLabels.isEmpty() ? 0 : widest(g.outputLabels) + 10;
    const double width =
        std::max(160.0, std::ceil((g.textLeft + text + labels + 16) / kGrid) * kGrid);
    const double height = std::max(
        72.0, static_cast<double>(std::max(item.inputs.size(), item.outputs.size())) * 20 + 12);
    g.size = QSizeF(width, height);
    g.inputs = spread(item.inputs.size(), 0, height);
    g.outputs = spread(item.outputs.size(), width, height);
    return g;
}

BlockGeometry stub(const ShownItem& item) {
    BlockGeometry g;
    g.shown = item.kind;
    const bool source = item.kind == ShownKind::Source;
    const std::vector<GroupPort>& ports = source ? item.outputs : item.inputs;
    g.name = ports.empty() ? QString() : q(ports.front().label);
    if (g.name.size() > kLongestStub) g.name = g.name.left(kLongestStub - 1) + QChar(0x2026);
    g.kind = source ? say("from") : say("to");
    static const QFontMetricsF plain(uiFont(12)), bold(uiFont(12, QFont::DemiBold));
    g.size =
        QSizeF(std::ceil(plain.horizontalAdvance(g.kind) + 5 + bold.horizontalAdvance(g.name) + 28),
               kStubHeight);
    if (source)
        g.outputs = {QPointF(g.size.width(), kStubHeight / 2)};
    else
        g.inputs = {QPointF(0, kStubHeight / 2)};
    return g;
}

}  // namespace

PortCounts portCounts(const Node& node) {
    const LayerKind* kind = layers().find(node.kind);
    if (!kind) return {};
    const int inputs = static_cast<int>(kind->inputs.size());
    return {kind->variadicInputs ? inputs : inputs - kind->optionalInputs,
            static_cast<int>(outputPorts(*kind, node.params).size())};
}

GroupFigures groupFigures(const Graph& graph, const ShapeReport& report, const std::string& path) {
    GroupFigures figures;
    std::int64_t most = -1;
    for (const Node& node : graph.nodes) {
        if (!isInside(node.id, path)) continue;
        ++figures.blocks;
        const LayerKind* kind = layers().find(node.kind);
        const BlockReport* block = report.find(node.id);
        const std::int64_t parameters = block && block->known ? block->inference.parameters : 0;
        if (kind && parameters > most) {
            most = parameters;
            figures.family = kind->info.family;
        }
        if (!block || !block->known) continue;
        figures.parameters += parameters;
        figures.macs += block->inference.macs;
        figures.activationBytes += block->activationBytes;
    }
    return figures;
}

BlockGeometry shownGeometry(const Graph& graph, const Level& level, const ShownItem& item,
                            const ShapeReport& report) {
    if (item.kind == ShownKind::Group) return groupBox(graph, level, item, report);
    if (item.kind != ShownKind::Block) return stub(item);
    const Node* node = graph.find(item.key);
    return node ? blockGeometry(graph, *node, report, level.around(item.key)) : BlockGeometry();
}

QString shownName(const std::string& key) {
    if (isGroupKey(key)) return q(pathOfKey(key));
    // An end outside is called after what is there.
    const std::size_t space = key.find(' ');
    return q(space == std::string::npos ? key : key.substr(space + 1));
}

std::map<std::string, BlockSize> shownSizes(const Graph& graph, const Level& level,
                                            const ShapeReport& report) {
    std::map<std::string, BlockSize> sizes;
    const auto uses = portUses(graph);
    for (const Node& node : graph.nodes) {
        if (level.keyOf(node.id) != node.id) continue;
        const auto use = uses.find(node.id);
        const QSizeF size = blockGeometry(node, use == uses.end() ? PortUse{} : use->second, report,
                                          level.around(node.id))
                                .size;
        sizes[node.id] = {size.width(), size.height()};
    }
    for (const ShownItem& item : level.items()) {
        if (item.kind != ShownKind::Group) continue;
        const QSizeF size = groupBox(graph, level, item, report).size;
        sizes[item.key] = {size.width(), size.height()};
    }
    return sizes;
}

QRectF frameAround(const QRectF& items) {
    const FrameRoom room;
    return items.adjusted(-room.side, -room.top, room.side, room.bottom);
}

}  // namespace loom
