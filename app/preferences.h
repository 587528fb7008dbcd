#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include "widgets/style/theme.h"

namespace loom {

/// What the application remembers between starts.
class Preferences {
public:
    QStringList recentFiles() const;
    void addRecentFile(const QString& path);
    void removeRecentFile(const QString& path);

    ThemeMode theme() const;
    void setTheme(ThemeMode mode);

    QByteArray layout(const QString& of) const;
    void setLayout(const QString& of, const QByteArray& state);

    /// Where files were last chosen.
    QString folder() const;
    void setFolder(const QString& folder);
};

}  // namespace loom
