#pragma once

#include <QString>

class QWidget;

namespace loom {

/// Where choosers of files begin: in the folder where a file was last chosen, whatever it was for,
/// else among the user's documents. Remembered between starts.
QString chosenFolder();
void rememberFolder(const QString& folder);

/// The chosen path, whose folder is remembered; empty when nothing was chosen. `start`: a folder to
/// begin in instead, where there is one.
QString chooseFile(QWidget* parent, const QString& title, const QString& filter,
                   const QString& start = {});
QString chooseFolder(QWidget* parent, const QString& title, const QString& start = {});
/// `name` is proposed in the remembered folder.
QString chooseNewFile(QWidget* parent, const QString& title, const QString& name,
                      const QString& filter);

}  // namespace loom
