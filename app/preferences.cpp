#include "app/preferences.h"

#include <QFileInfo>
#include <QSettings>

#include "widgets/style/file_choice.h"

namespace loom {

namespace {

constexpr int kMostRecent = 8;

QSettings settings() {
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("torchloom"),
                     QStringLiteral("torchloom"));
}

}  // namespace

QStringList Preferences::recentFiles() const {
    return settings().value(QStringLiteral("recentFiles")).toStringList();
}

void Preferences::addRecentFile(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    QStringList files = recentFiles();
    files.removeAll(absolute);
    files.prepend(absolute);
    while (files.size() > kMostRecent) files.removeLast();
    settings().setValue(QStringLiteral("recentFiles"), files);
}

void Preferences::removeRecentFile(const QString& path) {
    QStringList files = recentFiles();
    files.removeAll(path);
    settings().setValue(QStringLiteral("recentFiles"), files);
}

ThemeMode Preferences::theme() const {
    const QString name = settings().value(QStringLiteral("theme")).toString();
    return name == QLatin1String("light")  ? ThemeMode::Light
           : name == QLatin1String("dark") ? ThemeMode::Dark
                                           : ThemeMode::System;
}

void Preferences::setTheme(ThemeMode mode) {
    const char* names[] = {"system", "light", "dark"};
    settings().setValue(QStringLiteral("theme"),
                        QString::fromLatin1(names[static_cast<int>(mode)]));
}

QByteArray Preferences::layout(const QString& of) const {
    return settings().value(QStringLiteral("layout/") + of).toByteArray();
}

void Preferences::setLayout(const QString& of, const QByteArray& state) {
    settings().setValue(QStringLiteral("layout/") + of, state);
}

QString Preferences::folder() const {
    return chosenFolder();
}

void Preferences::setFolder(const QString& folder) {
    rememberFolder(folder);
}

}  // namespace loom
