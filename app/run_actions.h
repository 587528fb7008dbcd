#pragma once

#include <QAction>
#include <QObject>
#include <QString>
#include <cstdint>
#include <optional>

#include "core/graph/diagnostic.h"
#include "core/train/session.h"

namespace loom {

class DocumentController;
class TrainingBridge;

/// Train, Pause, Step and Stop, and which of them make sense now.
class RunActions : public QObject {
    Q_OBJECT
public:
    RunActions(DocumentController* controller, TrainingBridge* bridge, QObject* parent = nullptr);

    QAction* train() const { return m_train; }
    QAction* pause() const { return m_pause; }
    QAction* step() const { return m_step; }
    QAction* epoch() const { return m_epoch; }
    QAction* stop() const { return m_stop; }

    /// Where runs are written; the default below the user's data.
    void setRunsFolder(const QString& folder) { m_runsFolder = folder; }
    QString runsFolder() const;

    /// Lets the run in `folder` go on where it ended, in that folder and with its own project;
    /// `epochs` in all, 0: as many as were planned.
    void resumeRun(const QString& folder, std::int64_t epochs = 0);

Q_SIGNALS:
    /// Training was refused: this has to be mended first.
    void problemFound(const loom::Diagnostic& problem);
    void failed(const QString& message, const QString& hint);
    void started();

private:
    void trainOrResume();
    void pauseOrResume();
    void stepOnce();
    void stepEpoch();
    bool begin(bool paused);
    bool start(const Project& project, const PlanOptions& options, bool paused);
    /// What becomes of a schedule whose length the run had set; nullopt: the run stays as it is.
    std::optional<ScheduleLength> askScheduleLength(const QString& change);
    void update();

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    QAction* m_train;
    QAction* m_pause;
    QAction* m_step;
    QAction* m_epoch;
    QAction* m_stop;
    QString m_runsFolder;
};

}  // namespace loom
