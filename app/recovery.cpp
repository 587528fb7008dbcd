#include "app/recovery.h"

#include <signal.h>

#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <atomic>
#include <memory>

#include "core/base/file_lock.h"
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

/// The name of a process's copy; its number alone is given out again.
QString nameOf(const ProcessIdentity& process) {
    return QString::fromStdString(process.toText()).replace(QLatin1Char(' '), QLatin1Char('_')) +
           QStringLiteral(".loom");
}

bool isInUse(QString name) {
    if (const auto process = ProcessIdentity::fromText(
            name.replace(QLatin1Char('_'), QLatin1Char(' ')).toStdString()))
        return process->isAlive();
    // Earlier versions wrote the number alone.
    const qint64 process = name.toLongLong();
    return process <= 0 || kill(static_cast<pid_t>(process), 0) == 0;
}

}  // namespace

Recovery::Recovery(DocumentController* controller, QObject* parent)
    : QObject(parent), m_controller(controller) {
    m_file = folder().filePath(nameOf(ProcessIdentity::current()));
    m_timer.setInterval(kEveryMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &Recovery::write);
    m_timer.start();
}

Recovery::~Recovery() {
    m_job.cancel();
    if (!m_kept) QFile::remove(m_file);
}

void Recovery::keep() {
    m_timer.stop();
    m_job.cancel();
    m_kept = m_controller->isModified() &&
             saveProject(m_file.toStdString(), m_controller->project()).ok();
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
        if (!isInUse(file.completeBaseName())) files << file.absoluteFilePath();
    }
    return files;
}

void Recovery::discard(const QString& file) {
    QFile::remove(file);
}

}  // namespace loom
