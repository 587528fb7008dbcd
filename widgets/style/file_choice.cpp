#include "widgets/style/file_choice.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>

namespace loom {

namespace {

const QString kFolder = QStringLiteral("folder");

QSettings settings() {
    return QSettings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("torchloom"),
                     QStringLiteral("torchloom"));
}

QString beginning(const QString& start) {
    return !start.isEmpty() && QFileInfo::exists(start) ? start : chosenFolder();
}

}  // namespace

QString chosenFolder() {
    const QString last = settings().value(kFolder).toString();
    if (!last.isEmpty() && QFileInfo(last).isDir()) return last;
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QFileInfo(documents).isDir() ? documents : QDir::homePath();
}

void rememberFolder(const QString& folder) {
    settings().setValue(kFolder, folder);
}

QString chooseFile(QWidget* parent, const QString& title, const QString& filter,
                   const QString& start) {
    const QString path = QFileDialog::getOpenFileName(parent, title, beginning(start), filter);
    if (!path.isEmpty()) rememberFolder(QFileInfo(path).path());
    return path;
}

QString chooseFolder(QWidget* parent, const QString& title, const QString& start) {
    const QString path = QFileDialog::getExistingDirectory(parent, title, beginning(start));
    if (!path.isEmpty()) rememberFolder(path);
    return path;
}

QString chooseNewFile(QWidget* parent, const QString& title, const QString& name,
                      const QString& filter) {
    const QString path =
        QFileDialog::getSaveFileName(parent, title, QDir(chosenFolder()).filePath(name), filter);
    if (!path.isEmpty()) rememberFolder(QFileInfo(path).path());
    return path;
}

}  // namespace loom
