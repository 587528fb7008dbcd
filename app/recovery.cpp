#include "app/recovery.h"

#include <signal.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QStandardPaths>

#include "core/project/project_file.h"
#include "widgets/bridge/document_controller.h"

namespace loom {

namespace {

constexpr int kEveryMilliseconds = 4000;

QDir folder() {
    const QDir data(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation));
    data.mkpath(QStringLiteral("recovery"));
    return QDir(data.filePath(QStringLiteral("recovery")));
}

}  // namespace

Recovery::Recovery(DocumentController* controller, QObject* parent)
    : QObject(parent), m_controller(controller) {
    m_file = folder().filePath(QStringLiteral("%1.loom").arg(QCoreApplication::applicationPid()));
    m_timer.setInterval(kEveryMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &Recovery::write);
    m_timer.start();
}

Recovery::~Recovery() {
    m_job.cancel();
    QFile::remove(m_file);
}

void Recovery::write() {
    if (!m_controller->isModified()) {
        if (m_written) QFile::remove(m_file);
        m_written.reset();
        return;
    }
    const std::shared_ptr<const Project> project = m_controller->snapshot();
    if (project == m_written || m_job.isRunning()) return;
    m_written = project;
    m_job.start([project, file = m_file.toStdString()](
                    const std::atomic<bool>&) { return saveProject(file, *project); },
                [this](const Status& status) {
                    // A full disk is said when the user saves; here it is tried again.
                    if (!status) m_written.reset();
                });
}

QStringList Recovery::leftovers() {
    QStringList files;
    for (const QFileInfo& file :
         folder().entryInfoList({QStringLiteral("*.loom")}, QDir::Files, QDir::Time)) {
        const qint64 process = file.completeBaseName().toLongLong();
        if (process <= 0 || process == QCoreApplication::applicationPid()) continue;
        if (kill(static_cast<pid_t>(process), 0) == 0) continue;
        files << file.absoluteFilePath();
    }
    return files;
}

void Recovery::discard(const QString& file) {
    QFile::remove(file);
}

}  // namespace loom
