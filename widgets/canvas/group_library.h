#pragma once

#include <QObject>
#include <QString>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace loom {

/// What a saved group dragged from the palette carries: the path of its file as UTF-8.
inline constexpr char kLibraryMime[] = "application/x-torchloom-group";

struct SavedGroup {
    QString file;
    QString name;
    int blocks = 0;
};

/// The user's own groups: `*.loomgroup` files, each the blocks of one group in the words of the
/// project file, under `$XDG_DATA_HOME/torchloom/library`.
namespace group_library {

QString folder();
/// By name.
std::vector<SavedGroup> list();
/// Writes the group; a file of that name is replaced. Gives the file's path.
Result<QString> save(const Graph& graph, const std::string& path, const QString& name);
bool has(const QString& name);
Result<Graph> read(const QString& file);
Status rename(const QString& file, const QString& name);
Status remove(const QString& file);

}  // namespace group_library

}  // namespace loom
