#include "widgets/bridge/document_controller.h"

#include <QFileInfo>
#include <QUndoCommand>
#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/base/files.h"
#include "core/project/parameter_groups.h"
#include "core/project/project_file.h"
#include "core/project/unknown_parts.h"
#include "core/train/run_claim.h"

namespace loom {

namespace {
constexpr std::uint64_t kLargestProject = std::uint64_t(256) << 20;
}

/// One step of the undo list: two whole documents. They share nothing to keep in step, and a
/// document is small.
class ProjectEditCommand : public QUndoCommand {
public:
    ProjectEditCommand(DocumentController& controller, const QString& text,
                       std::shared_ptr<const Project> before, std::shared_ptr<const Project> after,
                       QString mergeKey)
        : QUndoCommand(text),
          m_controller(controller),
          m_before(std::move(before)),
          m_after(std::move(after)),
          m_mergeKey(std::move(mergeKey)),
          m_generation(controller.m_mergeGeneration) {}

    void redo() override { m_controller.apply(m_after); }
    void undo() override {
        ++m_controller.m_mergeGeneration;
        m_controller.apply(m_before);
    }

    int id() const override { return m_mergeKey.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto* next = static_cast<const ProjectEditCommand*>(other);
        if (next->m_mergeKey != m_mergeKey || next->m_generation != m_generation) return false;
        m_after = next->m_after;
        setObsolete(*m_before == *m_after);
        return true;
    }

private:
    DocumentController& m_controller;
    std::shared_ptr<const Project> m_before;
    std::shared_ptr<const Project> m_after;
    QString m_mergeKey;
    int m_generation;
};

namespace {

/// Whether the drawing looks different and means the same.
bool onlyMoved(const GraphDiff& change, const Graph& before, const Graph& after) {
    if (!change.added.empty() || !change.removed.empty() || !change.edgesAdded.empty() ||
        !change.edgesRemoved.empty())
        return false;
    for (const NodeId& id : change.changed) {
        Node node = *before.find(id);
        node.position = after.find(id)->position;
        if (!(node == *after.find(id))) return false;
    }
    // Weights begin in the order in which the blocks stand.
    return std::equal(before.nodes.begin(), before.nodes.end(), after.nodes.begin(),
                      after.nodes.end(), [](const Node& a, const Node& b) { return a.id == b.id; });
}

}  // namespace

DocumentController::DocumentController(QObject* parent)
    : QObject(parent),
      m_project(std::make_shared<const Project>(newProject())),
      m_report(std::make_unique<ProjectReport>(checkProject(*m_project))) {
    m_undo.setUndoLimit(1000);
    connect(&m_undo, &QUndoStack::cleanChanged, this, &DocumentController::titleChanged);
}

DocumentController::~DocumentController() {
    disconnect(&m_undo, nullptr, this, nullptr);
}

const Project& DocumentController::project() const {
    return *m_project;
}

std::shared_ptr<const Project> DocumentController::snapshot() const {
    return m_project;
}

const ProjectReport& DocumentController::report() const {
    return *m_report;
}

QString DocumentController::title() const {
    if (!m_project->name.empty()) return QString::fromStdString(m_project->name);
    return m_path.isEmpty() ? tr("Untitled") : QFileInfo(m_path).completeBaseName();
}

bool DocumentController::isModified() const {
    return !m_undo.isClean();
}

void DocumentController::reset(Project project, const QString& path, bool readOnly,
                               std::vector<Diagnostic> remarks) {
    m_undo.clear();
    ++m_mergeGeneration;
    m_project = std::make_shared<const Project>(std::move(project));
    m_report = std::make_unique<ProjectReport>(checkProject(*m_project));
    m_remarks = std::move(remarks);
    m_path = path;
    m_onDisk.reset();
    m_readOnly = readOnly;
    Q_EMIT documentReset();
    Q_EMIT reportChanged();
    Q_EMIT titleChanged();
}

Status DocumentController::open(const QString& path) {
    const Result<std::string> text = readFile(path.toStdString(), kLargestProject);
    if (!text) return text.error();
    Result<LoadedProject> loaded = projectFromJson(*text, path.toStdString());
    if (!loaded) return loaded.error();
    const bool isRecord = !runFolderAround(path.toStdString()).empty();
    std::vector<Diagnostic> remarks = remarksOnLoading(*loaded);
    reset(std::move(loaded->project), isRecord ? QString() : path, loaded->readOnly,
          std::move(remarks));
    if (!isRecord) m_onDisk = *text;
    return {};
}

Status DocumentController::openCopy(const QString& path) {
    Result<LoadedProject> loaded = loadProject(path.toStdString());
    if (!loaded) return loaded.error();
    std::vector<Diagnostic> remarks = remarksOnLoading(*loaded);
    reset(std::move(loaded->project), {}, loaded->readOnly, std::move(remarks));
    return {};
}

Status DocumentController::save(const QString& path) {
    // A file that holds more than this version knows is not written over; a copy is a new project.
    const QString own = QFileInfo(m_path).canonicalFilePath();
    if (m_readOnly &&
        (path == m_path || (!own.isEmpty() && QFileInfo(path).canonicalFilePath() == own))) {
        return Error{
            "This project was written by a newer version of Torchloom and is open for reading "
            "only.",
            "Saving it here could lose what this version does not know. Save it under another "
            "name, "
            "or use a newer Torchloom."};
    }
    if (const std::string run = runFolderAround(path.toStdString()); !run.empty())
        return Error{path.toStdString() + " lies in the folder of a run, " + run +
                         ", and the record of a run is never edited.",
                     "Save the project in another folder."};
    const Status written = saveProject(path.toStdString(), *m_project);
    if (!written) return written;
    m_path = path;
    const bool wasReadOnly = std::exchange(m_readOnly, false);
    m_onDisk = projectToJson(*m_project);
    endMerge();
    m_undo.setClean();
    if (wasReadOnly) Q_EMIT reportChanged();
    Q_EMIT titleChanged();
    return {};
}

bool DocumentController::changedOnDisk() const {
    if (m_path.isEmpty() || !m_onDisk) return false;
    const Result<std::string> now = readFile(m_path.toStdString(), kLargestProject);
    // One that is gone holds nothing that could be lost.
    return now && *now != *m_onDisk;
}

bool DocumentController::edit(const QString& text,
                              const std::function<Result<Project>(const Project&)>& change,
                              const QString& mergeKey) {
    if (m_readOnly) {
        Q_EMIT refused(tr("This project was written by a newer version of Torchloom and is open "
                          "for reading only."),
                       tr("Save a copy under another name to change it, or use a newer "
                          "Torchloom."));
        return false;
    }
    Result<Project> next = change(*m_project);
    if (!next) {
        Q_EMIT refused(QString::fromStdString(next.error().message),
                       QString::fromStdString(next.error().hint));
        return false;
    }
    if (*next == *m_project) return true;
    m_undo.push(new ProjectEditCommand(
        *this, text, m_project, std::make_shared<const Project>(std::move(*next)), mergeKey));
    return true;
}

bool DocumentController::editGraph(const QString& text,
                                   const std::function<Result<Graph>(const Graph&)>& change,
                                   const QString& mergeKey) {
    return edit(
        text,
        [&change](const Project& project) -> Result<Project> {
            Result<Graph> graph = change(project.network);
            if (!graph) return graph.error();
            Project next = project;
            next.network = std::move(*graph);
            next.training = followGraph(project.training, project.network, next.network);
            return next;
        },
        mergeKey);
}

void DocumentController::endMerge() {
    ++m_mergeGeneration;
}

void DocumentController::recheck() {
    *m_report = checkProject(*m_project);
    Q_EMIT reportChanged();
}

void DocumentController::apply(std::shared_ptr<const Project> next) {
    const std::shared_ptr<const Project> before = std::exchange(m_project, std::move(next));
    const GraphDiff change = diff(before->network, m_project->network);
    const bool otherData = before->data != m_project->data;
    const bool otherTraining = before->training != m_project->training;
    const bool judged =
        !onlyMoved(change, before->network, m_project->network) || otherData || otherTraining;
    // Views read the report while they answer graphChanged, so it is fresh before any signal. A
    // block that was only moved needs no new one, and no look at the data's files.
    if (judged) *m_report = checkProject(*m_project);
    if (!change.empty()) Q_EMIT graphChanged(change);
    if (otherData) Q_EMIT dataChanged();
    if (otherTraining) Q_EMIT trainingChanged();
    // Opened groups show blocks that had not been drawn before.
    if (judged || change.groupsChanged) Q_EMIT reportChanged();
    if (before->name != m_project->name) Q_EMIT titleChanged();
}

}  // namespace loom
