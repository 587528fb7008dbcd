#pragma once

#include <QObject>
#include <QString>
#include <QUndoStack>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/graph/diff.h"
#include "core/project/project.h"
#include "core/project/project_check.h"

namespace loom {

/// The Qt door to the document: every edit of every page goes through it, so that everything can be
/// undone, checked and saved the same way.
///
/// Owns:    the project as an immutable value, its report, and the undo stack.
/// Threads: the GUI's.
class DocumentController : public QObject {
    Q_OBJECT
public:
    explicit DocumentController(QObject* parent = nullptr);
    ~DocumentController() override;

    const Project& project() const;
    std::shared_ptr<const Project> snapshot() const;
    const Graph& graph() const { return project().network; }
    /// What checkProject says of the project as it stands; always up to date.
    const ProjectReport& report() const;
    QUndoStack* undoStack() { return &m_undo; }

    QString path() const { return m_path; }  ///< empty while unsaved
    QString title() const;                   ///< the project's name, for the window
    bool isModified() const;
    bool isReadOnly() const { return m_readOnly; }
    /// What reading the file had to say: a newer version, unknown kinds, parameters and fields that
    /// were kept. It stays until another document is opened.
    const std::vector<Diagnostic>& remarks() const { return m_remarks; }

    /// Replaces the document and empties the undo stack.
    void reset(Project project, const QString& path = {}, bool readOnly = false,
               std::vector<Diagnostic> remarks = {});
    /// Errors come back as a sentence; the document is then unchanged. What lies in a run's folder
    /// is opened as a copy without a path: the record of a run is never edited.
    Status open(const QString& path);
    /// The same without the path: saving asks where to, and the file stays as it is.
    Status openCopy(const QString& path);
    Status save(const QString& path);
    /// Somebody else has written the document's file since it was read or written here.
    bool changedOnDisk() const;

    /// The one way to edit. `text` names the step for Undo ("Add Conv2d"). Steps with the same
    /// non-empty `mergeKey` in a row become one (typing, dragging). A refused edit changes nothing,
    /// is announced by `refused` and returns false.
    bool edit(const QString& text, const std::function<Result<Project>(const Project&)>& change,
              const QString& mergeKey = {});
    bool editGraph(const QString& text, const std::function<Result<Graph>(const Graph&)>& change,
                   const QString& mergeKey = {});
    /// Steps with one mergeKey after this start a new undo step.
    void endMerge();
    /// Looks at files again (a data set that was installed meanwhile).
    void recheck();

Q_SIGNALS:
    /// After reset: everything is new.
    void documentReset();
    void graphChanged(const loom::GraphDiff& diff);
    void dataChanged();
    void trainingChanged();
    /// When the report is fresh: after a change that it judges, not after moving blocks alone.
    void reportChanged();
    /// A sentence for the status line.
    void refused(const QString& message, const QString& hint);
    void titleChanged();

private:
    friend class ProjectEditCommand;
    void apply(std::shared_ptr<const Project> next);

    std::shared_ptr<const Project> m_project;
    std::unique_ptr<ProjectReport> m_report;
    QUndoStack m_undo;
    QString m_path;
    std::optional<std::string> m_onDisk;  ///< what the file at m_path held when last seen
    bool m_readOnly = false;
    std::vector<Diagnostic> m_remarks;
    int m_mergeGeneration = 0;
};

}  // namespace loom
