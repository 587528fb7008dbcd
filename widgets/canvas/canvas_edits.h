#pragma once

#include <QPointF>
#include <QString>
#include <optional>
#include <vector>

#include "widgets/bridge/document_controller.h"
#include "widgets/canvas/block_geometry.h"

/// What gestures and keys of the canvas do to the document; each call is one step of Undo. Keys are
/// those of the level that shows `scope`: ids of blocks, `path.` for collapsed groups.
namespace loom::canvas_edits {

/// Adds a block with its centre at `centre`, on wires that are drawn as one if some are given.
/// Returns its id, empty when refused.
NodeId addBlock(DocumentController& document, const QString& kind, const QPointF& centre,
                const std::vector<Edge>& onto = {}, const std::string& scope = {});

/// Adds a block behind `after`, or behind the last one when that is empty, wires it and makes room.
NodeId appendBlock(DocumentController& document, const QString& kind, const std::string& after = {},
                   const std::string& scope = {});

/// Adds a block at the free end of a wire from `origin`, its port at `point`.
NodeId addConnected(DocumentController& document, const QString& kind, const PortHandle& origin,
                    const QPointF& point, const std::string& scope = {});

/// Between ends as the level has them: a group's input may stand for several.
bool connect(DocumentController& document, const PortRef& from, const PortRef& to,
             const std::vector<Edge>& instead = {}, const std::string& scope = {});
bool remove(DocumentController& document, const std::vector<std::string>& keys,
            const std::vector<Edge>& wires, bool heal);
bool move(DocumentController& document, const std::map<std::string, Position>& positions);
/// Arrow keys: steps in a row merge.
bool nudge(DocumentController& document, const std::vector<std::string>& keys, double dx,
           double dy);
/// Drops a block that was moved onto a wire into it.
bool insertMoved(DocumentController& document, const NodeId& id, Position position,
                 const std::vector<Edge>& onto, const std::string& scope = {});
/// Lays out anew what is seen.
bool tidy(DocumentController& document, double rowWidth, const std::string& scope = {});
bool applyFix(DocumentController& document, const Fix& fix, const std::string& scope = {});
bool rename(DocumentController& document, const NodeId& from, const QString& to);

/// Blocks as JSON text, in the words of the project file; ids as seen from `scope`.
QString copyText(const Graph& graph, const std::vector<NodeId>& ids, const std::string& scope = {});
/// Reads what copyText wrote, or the network of a whole project.
Result<Graph> blocksFromText(const QString& text);
/// Adds what copyText wrote (or a whole project), its top-left corner at `at`; new ids, empty when
/// refused.
std::vector<NodeId> paste(DocumentController& document, const QString& text, const QPointF& at,
                          const std::string& scope = {});
/// Copies of blocks and groups, as keys.
std::vector<std::string> duplicate(DocumentController& document,
                                   const std::vector<std::string>& keys);

/// Wires an item that is in the graph, with these ends, behind the item `after` or behind the last
/// one, and makes room for it.
Result<Graph> placeBehind(const Graph& graph, const std::string& key, const std::string& after,
                          const std::vector<PortRef>& inputs, const PortRef& output,
                          const std::string& scope);

/// The key behind which appendBlock puts a block that is added with `selected` in hand: that, if it
/// leads on, else the last block; empty when there is none.
std::string placeToAppend(const Graph& graph, const std::vector<std::string>& selected,
                          const std::string& scope = {});

/// The key behind which a block is put when none is named: what feeds the Output or leads out of
/// the scope, else the last that can still lead on; empty when there is none.
std::string lastBlock(const Graph& graph, const std::string& scope = {});

}  // namespace loom::canvas_edits
