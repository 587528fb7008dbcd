#include <QObject>
#include <algorithm>
#include <cmath>

#include "core/base/json.h"
#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "core/project/project_file.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/shown_geometry.h"

namespace loom::canvas_edits {

namespace {

/// The same blocks with ids that begin after `path`, or before it.
Graph withoutPath(const Graph& graph, const std::string& path) {
    if (path.empty()) return graph;
    std::map<NodeId, NodeId> names;
    for (const Node& node : graph.nodes)
        if (isInside(node.id, path)) names[node.id] = node.id.substr(path.size() + 1);
    Graph local = graph;
    for (GroupView& view : local.groups)
        if (isInside(view.path, path)) view.path = view.path.substr(path.size() + 1);
    return edit::renameBlocks(local, names);
}

Graph underPath(const Graph& graph, const std::string& path) {
    if (path.empty()) return graph;
    std::map<NodeId, NodeId> names;
    for (const Node& node : graph.nodes) names[node.id] = path + "." + node.id;
    Graph inner = graph;
    for (GroupView& view : inner.groups) view.path = path + "." + view.path;
    return edit::renameBlocks(inner, names);
}

}  // namespace

QString copyText(const Graph& graph, const std::vector<NodeId>& ids, const std::string& scope) {
    Project part;
    part.network = withoutPath(edit::extract(graph, ids), scope);
    const Value whole = projectToValue(part);
    const Value* network = whole.asDict().find("network");
    // Only the network: what is pasted must not bring data or training along.
    return q(printJson(Value(Dict{{"format", Value("torchloom-blocks")},
                                  {"network", network ? *network : Value(Dict{})}})));
}

Result<Graph> blocksFromText(const QString& text) {
    const Result<Value> value = parseJson(text.toStdString());
    if (!value || !value->isDict() || !value->asDict().contains("network"))
        return Error{"There are no blocks on the clipboard.",
                     "Select blocks and copy them with Ctrl+C first."};
    Dict wrapped{{"format", Value("torchloom-project")},
                 {"version", Value(std::int64_t{Project::kVersion})},
                 {"network", *value->asDict().find("network")}};
    Result<LoadedProject> loaded = projectFromJson(printJson(Value(wrapped)), "The clipboard");
    if (!loaded) return loaded.error();
    return std::move(loaded->project.network);
}

std::vector<NodeId> paste(DocumentController& document, const QString& text, const QPointF& at,
                          const std::string& scope) {
    const Result<Graph> read = blocksFromText(text);
    if (!read) {
        Q_EMIT document.refused(q(read.error().message), q(read.error().hint));
        return {};
    }
    if (read->nodes.empty()) return {};
    const Graph part = underPath(*read, scope);
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

std::vector<std::string> duplicate(DocumentController& document,
                                   const std::vector<std::string>& keys) {
    if (keys.empty()) return {};
    std::vector<std::string> fresh;
    const Position offset{40, 80};
    const bool done =
        document.editGraph(QObject::tr("Duplicate"), [&](const Graph& graph) -> Result<Graph> {
            // All at once, so that wires among them are copied too; what came as a group is one.
            if (keys.size() == 1 && isGroupKey(keys.front())) {
                auto copy =
                    edit::duplicateGroup(graph, pathOfKey(keys.front()), offset, portCounts);
                if (!copy) return copy.error();
                fresh = {groupKey(copy->second)};
                return std::move(copy->first);
            }
            std::vector<NodeId> ids;
            for (const std::string& key : keys) {
                if (!isGroupKey(key))
                    ids.push_back(key);
                else
                    for (const NodeId& id : groupMembers(graph, pathOfKey(key))) ids.push_back(id);
            }
            auto [next, added] = edit::paste(graph, edit::extract(graph, ids), offset);
            fresh = added;
            return next;
        });
    return done ? fresh : std::vector<std::string>();
}

}  // namespace loom::canvas_edits
