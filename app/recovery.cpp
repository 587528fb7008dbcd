#include "app/recovery.h"

#include <signal.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "core/base/file_lock.h"
#include "core/base/files.h"
#include "core/project/project_file.h"
#include "widgets/bridge/document_controller.h"

namespace loom {

namespace {

constexpr int kEveryMilliseconds = 4000;

QDir folder(const QString& name = QStringLiteral("recovery")) {
    const QDir data(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation));
    data.mkpath(name);
    return QDir(data.filePath(name));
}

/// Where discarded copies wait for a change of mind.
QDir discarded() {
    return folder(QStringLiteral("recovery/discarded"));
}

/// Beside a copy: the path of the file that was open.
QString originOf(const QString& copy) {
    return copy + QStringLiteral(".origin");
}

Status writeCopy(const std::string& file, const Project& project, const std::string& path) {
    // First the path: a copy without it would only be offered as a project without a file.
    if (const Status origin =
            writeFileAtomically(originOf(QString::fromStdString(file)).toStdString(), path);
        !origin)
        return origin;
    return saveProject(file, project);
}

void move(const QDir& from, const QDir& to, const QString& name) {
    for (const QString& file : {name, originOf(name)}) {
        QFile::remove(to.filePath(file));
        QFile::rename(from.filePath(file), to.filePath(file));
    }
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
    if (!m_kept) removeCopy(m_file);
}

void Recovery::removeCopy(const QString& copy) {
    QFile::remove(copy);
    QFile::remove(originOf(copy));
}

void Recovery::keep() {
    m_timer.stop();
    m_job.cancel();
    m_kept = m_controller->isModified() && writeCopy(m_file.toStdString(), m_controller->project(),
                                                     m_controller->path().toStdString())
                                               .ok();
}

void Recovery::write() {
    if (!m_controller->isModified()) {
        if (m_written) removeCopy(m_file);
        m_written.reset();
        return;
    }
    const std::shared_ptr<const Project> project = m_controller->snapshot();
    const QString path = m_controller->path();
    if ((project == m_written && path == m_writtenPath) || m_job.isRunning()) return;
    m_written = project;
    m_writtenPath = path;
    m_job.start([project, file = m_file.toStdString(), path = path.toStdString()](
                    const std::atomic<bool>&) { return writeCopy(file, *project, path); },
                [this](const Status& status) {
                    // A full disk is said when the user saves; here it is tried again.
                    if (!status) m_written.reset();
                });
}

std::vector<Recovery::Leftover> Recovery::leftovers() {
    std::vector<Leftover> found;
    for (const QFileInfo& file :
         folder().entryInfoList({QStringLiteral("*.loom")}, QDir::Files, QDir::Time)) {
        if (isInUse(file.completeBaseName())) continue;
        Leftover one{file.absoluteFilePath(), {}, {}, file.lastModified()};
        QFile origin(originOf(one.copy));
        if (origin.open(QIODevice::ReadOnly)) one.path = QString::fromUtf8(origin.readAll());
        const auto project = loadProject(one.copy.toStdString());
        if (project) one.name = QString::fromStdString(project->project.name);
        if (one.name.isEmpty())
            one.name = one.path.isEmpty() ? tr("Untitled") : QFileInfo(one.path).completeBaseName();
        found.push_back(std::move(one));
    }
    return found;
}

void Recovery::discard(const QString& copy) {
    move(folder(), discarded(), QFileInfo(copy).fileName());
}

void Recovery::restore(const QString& copy) {
    move(discarded(), folder(), QFileInfo(copy).fileName());
}

void Recovery::sweep() {
    discarded().removeRecursively();
}

}  // namespace loom
