#pragma once

#include <QDateTime>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <memory>
#include <vector>

#include "core/base/result.h"
#include "widgets/bridge/latest_job.h"

namespace loom {

class DocumentController;
struct Project;

/// Keeps a copy of unsaved changes beside, so that a crash or a power cut loses seconds of work.
class Recovery : public QObject {
    Q_OBJECT
public:
    /// What a program that is no longer running left.
    struct Leftover {
        QString copy;     ///< the file with the unsaved changes
        QString name;     ///< of the project
        QString path;     ///< the file that was open; empty: it had none yet
        QDateTime since;  ///< when the copy was written
    };
    explicit Recovery(DocumentController* controller, QObject* parent = nullptr);
    ~Recovery() override;

    /// Newest first.
    static std::vector<Leftover> leftovers();
    /// Puts a copy aside; `restore` finds it until `sweep`.
    static void discard(const QString& copy);
    static void restore(const QString& copy);
    /// Removes for good what was discarded.
    static void sweep();
    static void removeCopy(const QString& copy);
    /// Writes now what is unsaved; removes the copy when nothing is.
    void write();
    /// Writes what is unsaved before it returns, and leaves it for the next start.
    void keep();

private:
    DocumentController* m_controller;
    QString m_file;
    bool m_kept = false;
    std::shared_ptr<const Project> m_written;
    QString m_writtenPath;
    QTimer m_timer;
    LatestJob<Status> m_job;
};

}  // namespace loom
