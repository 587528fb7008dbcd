#include <QObject>
#include <algorithm>
#include <cmath>

#include "core/base/json.h"
#include "core/graph/edit.h"
#include "core/project/project_file.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"

namespace loom::canvas_edits {

QString copyText(const Graph& graph, const std::vector<NodeId>& ids) {
    Project part;
    part.network = edit::extract(graph, ids);
    const Value whole = projectToValue(part);
    const Value* network = whole.asDict().find("network");
    // Only the network: what is pasted must not bring data or training along.
    return q(printJson(Value(Dict{{"format", Value("torchloom-blocks")},
                                  {"network", network ? *network : Value(Dict{})}})));
}

std::vector<NodeId> paste(DocumentController& document, const QString& text, const QPointF& at) {
    const Result<Value> value = parseJson(text.toStdString());
    if (!value || !value->isDict() || !value->asDict().contains("network")) {
        Q_EMIT document.refused(QObject::tr("There are no blocks on the clipboard."),
                                QObject::tr("Select blocks and copy them with Ctrl+C first."));
        return {};
    }
    Dict wrapped{{"format", Value("torchloom-project")},
                 {"version", Value(std::int64_t{Project::kVersion})},
                 {"network", *value->asDict().find("network")}};
    const Result<LoadedProject> loaded =
        projectFromJson(printJson(Value(wrapped)), "The clipboard");
    if (!loaded) {
        Q_EMIT document.refused(q(loaded.error().message), q(loaded.error().hint));
        return {};
    }
    const Graph& part = loaded->project.network;
    if (part.nodes.empty()) return {};
    Position corner = part.nodes.front().position;
    for (const Node& node : part.nodes)
        corner = {std::min(corner.x, node.position.x), std::min(corner.y, node.position.y)};
    Position offset{std::round((at.x() - corner.x) / kSnap) * kSnap,
                    std::round((at.y() - corner.y) / kSnap) * kSnap};
    // Pasted twice at one place, the second lies beside the first and not on it.
    const auto taken = [&] {
        const Position first{part.nodes.front().position.x + offset.x,
                             part.nodes.front().position.y + offset.y};
        return std::any_of(document.graph().nodes.begin(), document.graph().nodes.end(),
                           [&](const Node& node) { return node.position == first; });
    };
    for (int tries = 0; tries < 100 && taken(); ++tries)
        offset = {offset.x + 2 * kGrid, offset.y + 2 * kGrid};
    std::vector<NodeId> ids;
    const bool done =
        document.editGraph(QObject::tr("Paste"), [&](const Graph& graph) -> Result<Graph> {
            auto [next, fresh] = edit::paste(graph, part, offset);
            ids = fresh;
            return next;
        });
    return done ? ids : std::vector<NodeId>();
}

std::vector<NodeId> duplicate(DocumentController& document, const std::vector<NodeId>& ids) {
    if (ids.empty()) return {};
    std::vector<NodeId> fresh;
    const bool done =
        document.editGraph(QObject::tr("Duplicate"), [&](const Graph& graph) -> Result<Graph> {
            auto [next, added] = edit::paste(graph, edit::extract(graph, ids), {40, 80});
            fresh = added;
            return next;
        });
    return done ? fresh : std::vector<NodeId>();
}

}  // namespace loom::canvas_edits
