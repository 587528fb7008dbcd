#pragma once

#include <QTemporaryDir>
#include <QtGlobal>

namespace loom::test {

/// A home of its own for an application test: its settings and runs go nowhere else. Make it before
/// the QApplication.
class AppHome {
public:
    AppHome() {
        qputenv("XDG_CONFIG_HOME", m_folder.filePath(QStringLiteral("config")).toLocal8Bit());
        qputenv("XDG_DATA_HOME", m_folder.filePath(QStringLiteral("data")).toLocal8Bit());
        qputenv("HOME", m_folder.path().toLocal8Bit());
    }
    QString path(const QString& relative) const { return m_folder.filePath(relative); }

private:
    QTemporaryDir m_folder;
};

}  // namespace loom::test
