#pragma once

#include <QString>
#include <vector>

#include "widgets/bridge/document_controller.h"
#include "widgets/canvas/canvas_edits.h"

/// What the canvas and the inspector do with groups; each call is one step of Undo.
namespace loom::canvas_edits {

/// Puts blocks under a path and shows them as one box.
bool group(DocumentController& document, const std::vector<NodeId>& ids, const QString& path,
           const std::string& scope = {});
bool ungroup(DocumentController& document, const std::string& path);
bool renameGroup(DocumentController& document, const std::string& path, const QString& to);
bool setCollapsed(DocumentController& document, const std::string& path, bool collapsed,
                  const std::string& scope = {});
/// The group `times` in a row. Refused with a sentence when a copy cannot take what the one before
/// gives.
bool repeat(DocumentController& document, const std::string& path, int times,
            const std::string& scope = {});
Result<Graph> repeated(const Project& project, const std::string& path, int times,
                       const std::string& scope);
bool shareModule(DocumentController& document, const NodeId& id, const NodeId& owner);

/// Adds a saved group: behind the item `after` (or the last) and wired, when it has one input and
/// one output, else at a free place; with `at`, there. Its key, empty when refused.
std::string insertSaved(DocumentController& document, const Graph& part, const QString& name,
                        const std::string& after, const std::optional<QPointF>& at,
                        const std::string& scope = {});

}  // namespace loom::canvas_edits
