#include "widgets/canvas/group_edits.h"

#include <QObject>
#include <cmath>

#include "core/graph/edit.h"
#include "core/graph/group_edit.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/make_room.h"
#include "widgets/canvas/shown_geometry.h"

namespace loom::canvas_edits {

namespace {

/// The first thing that is wrong in `after` at blocks of the group and was not before.
std::optional<Diagnostic> freshFault(const Graph& before, const Graph& after,
                                     const std::string& path, const std::optional<Shape>& data) {
    const auto faults = [&](const Graph& graph) {
        std::vector<Diagnostic> found;
        for (Diagnostic& diagnostic : inferShapes(graph, data).diagnostics)
            if (diagnostic.severity == Severity::Error) found.push_back(std::move(diagnostic));
        return found;
    };
    const std::size_t old = faults(before).size();
    const std::vector<Diagnostic> now = faults(after);
    if (now.size() <= old) return std::nullopt;
    const std::string around = parentPath(path);
    for (const Diagnostic& diagnostic : now)
        if (!before.find(diagnostic.node) && isInside(diagnostic.node, around)) return diagnostic;
    return now.back();
}

/// What a group may be called after its name in the library.
std::string pathFor(const QString& name) {
    std::string path;
    for (const QChar c : name.trimmed().toLower())
        path += (c.isLetterOrNumber() && c.unicode() < 128) ? static_cast<char>(c.unicode()) : '_';
    return path.empty() ? "block" : path;
}

}  // namespace

bool group(DocumentController& document, const std::vector<NodeId>& ids, const QString& path,
           const std::string& scope) {
    return document.editGraph(QObject::tr("Group %1").arg(path),
                              [&](const Graph& graph) -> Result<Graph> {
                                  const QRectF before = shownRect(graph, ids, scope);
                                  Result<Graph> next = edit::group(graph, ids, path.toStdString());
                                  if (!next) return next;
                                  return placeBox(*next, path.toStdString(), scope, before);
                              });
}

bool ungroup(DocumentController& document, const std::string& path) {
    return document.editGraph(
        QObject::tr("Ungroup %1").arg(q(path)), [&](const Graph& graph) -> Result<Graph> {
            // As if it had been opened first, so that its blocks find place.
            const Graph open =
                isCollapsed(graph, path) ? expandGroup(graph, path, parentPath(path)) : graph;
            return edit::ungroup(open, path);
        });
}

bool renameGroup(DocumentController& document, const std::string& path, const QString& to) {
    return document.editGraph(QObject::tr("Rename %1").arg(q(path)), [&](const Graph& graph) {
        return edit::renameGroup(graph, path, to.trimmed().toStdString());
    });
}

bool setCollapsed(DocumentController& document, const std::string& path, bool collapsed,
                  const std::string& scope) {
    return document.editGraph(
        (collapsed ? QObject::tr("Collapse %1") : QObject::tr("Expand %1")).arg(q(path)),
        [&](const Graph& graph) -> Result<Graph> {
            return collapsed ? collapseGroup(graph, path, scope) : expandGroup(graph, path, scope);
        });
}

Result<Graph> repeated(const Project& project, const std::string& path, int times,
                       const std::string& scope) {
    const Graph& graph = project.network;
    const Level level(graph, scope, portCounts);
    const std::vector<NodeId> members = groupMembers(graph, path);
    QRectF box = shownRect(graph, members, scope);
    if (!isCollapsed(graph, path)) box = frameAround(box);
    const double step = std::ceil((box.width() + kBlockGap) / kSnap) * kSnap;
    Result<Graph> next = edit::repeatGroup(graph, path, times, {step, 0}, portCounts);
    if (!next) return next;
    const ProjectReport report = checkProject(project);
    if (const auto fault = freshFault(graph, *next, path, report.dataShape)) {
        const std::vector<GroupPort> outputs = groupBoundary(graph, path, portCounts).outputs;
        const Shape* gives = report.shapes.shapeAt(outputs.front().inner.front());
        return Error{
            path + (gives ? " gives " + gives->toSentence() : std::string(" gives something")) +
                ", and a copy cannot take that: " + fault->message,
            "A group that is repeated must give what it takes. Check its strides and its "
            "number of channels."};
    }
    // The row behind moves on to where the last copy ends.
    const bool renamed = groupMembers(*next, path).size() > members.size();
    if (renamed) return next;
    const Level after(*next, scope, portCounts);
    std::map<std::string, Position> moved;
    const Graph shown = level.asGraph(graph);
    for (const Node& node : shown.nodes) {
        if (node.id == groupKey(path) || isInside(node.id, path)) continue;
        const QRectF rect = shownRect(graph, level.blocksOf(graph, node.id), scope);
        if (rect.left() >= box.right() - 1 && rect.top() < box.bottom() &&
            rect.bottom() > box.top())
            moved[node.id] = {node.position.x + step * (times - 1), node.position.y};
    }
    return edit::moveShown(*next, moved);
}

bool repeat(DocumentController& document, const std::string& path, int times,
            const std::string& scope) {
    return document.editGraph(QObject::tr("Repeat %1").arg(q(path)), [&](const Graph&) {
        return repeated(document.project(), path, times, scope);
    });
}

bool shareModule(DocumentController& document, const NodeId& id, const NodeId& owner) {
    const QString text = owner.empty() ? QObject::tr("Give %1 Its Own Module").arg(q(id))
                                       : QObject::tr("Share the Module of %1").arg(q(owner));
    return document.editGraph(
        text, [&](const Graph& graph) { return edit::shareModule(graph, id, owner); });
}

std::string insertSaved(DocumentController& document, const Graph& part, const QString& name,
                        const std::string& after, const std::optional<QPointF>& at,
                        const std::string& scope) {
    std::string key;
    const bool done = document.editGraph(
        QObject::tr("Add %1").arg(name), [&](const Graph& graph) -> Result<Graph> {
            const std::string wanted =
                (scope.empty() ? std::string() : scope + ".") + pathFor(name);
            const std::string path = edit::freePath(graph, wanted);
            std::vector<NodeId> ids;
            for (const Node& node : part.nodes) ids.push_back(node.id);
            // Whatever it was called when it was saved, it becomes one group here.
            const bool whole = part.groups.size() > 0 &&
                               groupMembers(part, part.groups.front().path).size() == ids.size();
            Result<Graph> renamed = whole ? edit::renameGroup(part, part.groups.front().path, path)
                                          : edit::group(part, ids, path);
            if (!renamed) return renamed;
            Graph next = graph;
            const QPointF corner = at ? *at : freePlace(graph, scope);
            const Graph settled = edit::moveShown(edit::setCollapsed(*renamed, path, true),
                                                  {{groupKey(path),
                                                    {std::round(corner.x() / kSnap) * kSnap,
                                                     std::round(corner.y() / kSnap) * kSnap}}});
            next.nodes.insert(next.nodes.end(), settled.nodes.begin(), settled.nodes.end());
            next.edges.insert(next.edges.end(), settled.edges.begin(), settled.edges.end());
            next.groups.insert(next.groups.end(), settled.groups.begin(), settled.groups.end());
            key = groupKey(path);
            const GroupBoundary ends = groupBoundary(next, path, portCounts);
            if (at || ends.inputs.size() != 1 || ends.outputs.size() != 1) return next;
            return placeBehind(next, key, after, ends.inputs.front().inner,
                               ends.outputs.front().inner.front(), scope);
        });
    return done ? key : std::string();
}

}  // namespace loom::canvas_edits
