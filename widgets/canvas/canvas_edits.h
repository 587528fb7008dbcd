#pragma once

#include <QPointF>
#include <QString>
#include <optional>
#include <vector>

#include "widgets/bridge/document_controller.h"
#include "widgets/canvas/block_geometry.h"

/// What gestures and keys of the canvas do to the document; each call is one step of Undo.
namespace loom::canvas_edits {

/// Adds a block with its centre at `centre`, on a wire if one is given. Returns its id, empty when
/// refused.
NodeId addBlock(DocumentController& document, const QString& kind, const QPointF& centre,
                const std::optional<Edge>& onto = {});

/// Adds a block behind `after`, or behind the last one when that is empty, wires it and makes room.
NodeId appendBlock(DocumentController& document, const QString& kind, const NodeId& after = {});

/// Adds a block at the free end of a wire from `origin`, its port at `point`.
NodeId addConnected(DocumentController& document, const QString& kind, const PortHandle& origin,
                    const QPointF& point);

bool connect(DocumentController& document, const PortRef& from, const PortRef& to,
             const std::optional<Edge>& instead = {});
bool remove(DocumentController& document, const std::vector<NodeId>& ids,
            const std::vector<Edge>& wires, bool heal);
bool move(DocumentController& document, const std::map<NodeId, Position>& positions);
/// Arrow keys: steps in a row merge.
bool nudge(DocumentController& document, const std::vector<NodeId>& ids, double dx, double dy);
/// Drops a block that was moved onto a wire into it.
bool insertMoved(DocumentController& document, const NodeId& id, Position position,
                 const Edge& edge);
/// Lays the whole network out anew.
bool tidy(DocumentController& document, double rowWidth);
bool applyFix(DocumentController& document, const Fix& fix);
bool rename(DocumentController& document, const NodeId& from, const QString& to);

/// Blocks as JSON text, in the words of the project file.
QString copyText(const Graph& graph, const std::vector<NodeId>& ids);
/// Adds what copyText wrote (or a whole project), its top-left corner at `at`; new ids, empty when
/// refused.
std::vector<NodeId> paste(DocumentController& document, const QString& text, const QPointF& at);
std::vector<NodeId> duplicate(DocumentController& document, const std::vector<NodeId>& ids);

/// The block behind which one is put when none is named: what feeds the Output, else the last that
/// can still lead on; empty when there is none.
NodeId lastBlock(const Graph& graph);

}  // namespace loom::canvas_edits
