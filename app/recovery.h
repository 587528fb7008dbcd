#pragma once

#include <QObject>
#include <QString>
#include <QTimer>

#include "core/base/result.h"
#include "widgets/bridge/latest_job.h"

namespace loom {

class DocumentController;
struct Project;

/// Keeps a copy of unsaved changes beside, so that a crash or a power cut loses seconds of work.
class Recovery : public QObject {
    Q_OBJECT
public:
    explicit Recovery(DocumentController* controller, QObject* parent = nullptr);
    ~Recovery() override;

    /// Copies that programs left which are no longer running, newest first.
    static QStringList leftovers();
    static void discard(const QString& file);
    /// Writes now what is unsaved; removes the copy when nothing is.
    void write();
    /// Writes what is unsaved before it returns, and leaves it for the next start.
    void keep();

private:
    DocumentController* m_controller;
    QString m_file;
    bool m_kept = false;
    std::shared_ptr<const Project> m_written;
    QTimer m_timer;
    LatestJob<Status> m_job;
};

}  // namespace loom
