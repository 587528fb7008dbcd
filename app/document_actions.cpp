#include "app/document_actions.h"

#include <QAction>
#include <QCoreApplication>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QStandardPaths>
#include <QUndoStack>
#include <QUrl>

#include "app/zoo_gallery.h"
#include "core/project/project_file.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/style/question.h"

namespace loom {

namespace {

QString projectFilter() {
    return QObject::tr("Torchloom projects (*.loom)");
}

/// "fashion_mnist_two_convolutions.loom" by the name written in it.
QString starterTitle(const QString& path) {
    const auto loaded = loadProject(path.toStdString());
    return loaded && !loaded->project.name.empty() ? QString::fromStdString(loaded->project.name)
                                                   : QFileInfo(path).completeBaseName();
}

/// The projects of a folder that came with the program.
QStringList shippedProjects(const QString& below) {
    const QString beside = QCoreApplication::applicationDirPath();
    // Where it is installed, or where it is built.
    for (const QString& folder : {beside + QStringLiteral("/../share/torchloom/projects"),
                                  beside + QStringLiteral("/../../../projects"),
                                  beside + QStringLiteral("/../../projects")}) {
        QStringList found;
        for (const QFileInfo& file :
             QDir(folder + below)
                 .entryInfoList({QStringLiteral("*.loom")}, QDir::Files, QDir::Name))
            found << file.canonicalFilePath();
        if (!found.isEmpty()) return found;
    }
    return {};
}

}  // namespace

DocumentActions::DocumentActions(DocumentController* controller, TrainingBridge* bridge,
                                 QWidget* window)
    : QObject(window), m_controller(controller), m_bridge(bridge), m_window(window) {}

QStringList DocumentActions::starterProjects() {
    return shippedProjects({});
}

QStringList DocumentActions::zooProjects() {
    return shippedProjects(QStringLiteral("/zoo"));
}

void DocumentActions::chooseModel() {
    auto* gallery = new ZooGallery(zooProjects(), m_window);
    gallery->setAttribute(Qt::WA_DeleteOnClose);
    connect(gallery, &ZooGallery::fileChosen, this, &DocumentActions::openStarter);
    gallery->open();
}

void DocumentActions::fillMenu(QMenu* menu) {
    const auto add = [&](const QString& text, const QKeySequence& keys, auto slot) {
        QAction* action = menu->addAction(text);
        action->setShortcut(keys);
        connect(action, &QAction::triggered, this, slot);
        m_window->addAction(action);
        return action;
    };
    add(tr("New project"), QKeySequence::New, &DocumentActions::newProject);
    add(tr("Open…"), QKeySequence::Open, &DocumentActions::chooseFile);
    QMenu* starters = menu->addMenu(tr("Open starter project"));
    connect(starters, &QMenu::aboutToShow, this, [this, starters] {
        if (!starters->isEmpty()) return;
        const QStringList files = starterProjects();
        if (files.isEmpty()) starters->addAction(tr("None were installed"))->setEnabled(false);
        for (const QString& file : files)
            starters->addAction(starterTitle(file), this, [this, file] { openStarter(file); });
    });
    add(tr("Model zoo…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
        &DocumentActions::chooseModel);
    QMenu* recent = menu->addMenu(tr("Open recent"));
    recent->setObjectName(QStringLiteral("recentMenu"));
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(recent); });
    menu->addSeparator();
    add(tr("Save"), QKeySequence::Save, [this] { save(); });
    add(tr("Save as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), [this] { saveAs(); });
    m_export = add(tr("Export weights…"), QKeySequence(Qt::CTRL | Qt::Key_E),
                   &DocumentActions::exportWeights);
    add(tr("Open run folder"), QKeySequence(), &DocumentActions::openRunFolder);
    menu->addSeparator();
    QAction* undo = m_controller->undoStack()->createUndoAction(menu, tr("Undo"));
    undo->setShortcut(QKeySequence::Undo);
    QAction* redo = m_controller->undoStack()->createRedoAction(menu, tr("Redo"));
    redo->setShortcuts(
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
    for (QAction* action : {undo, redo}) {
        menu->addAction(action);
        m_window->addAction(action);
    }
}

bool DocumentActions::mayReplace() {
    if (!m_controller->isModified()) return true;
    Question question(m_window, QStringLiteral("unsavedQuestion"),
                      tr("“%1” has changes that are not saved.").arg(m_controller->title()),
                      tr("Without saving they are lost."));
    question.setAnswers({tr("Save"), tr("Don't save"), tr("Cancel")});
    const int answer = question.ask();
    return answer == 1 || (answer == 0 && save());
}

void DocumentActions::newProject() {
    if (!mayReplace()) return;
    m_controller->reset(loom::newProject());
    Q_EMIT opened();
}

void DocumentActions::chooseFile() {
    if (!mayReplace()) return;
    const QString path = QFileDialog::getOpenFileName(m_window, tr("Open a project"),
                                                      m_preferences.folder(), projectFilter());
    if (path.isEmpty()) return;
    m_preferences.setFolder(QFileInfo(path).path());
    if (open(path)) Q_EMIT opened();
}

bool DocumentActions::openFile(const QString& path) {
    if (!mayReplace() || !open(path)) return false;
    Q_EMIT opened();
    return true;
}

bool DocumentActions::open(const QString& path) {
    const Status status = m_controller->open(path);
    if (!status) {
        m_preferences.removeRecentFile(path);
        Q_EMIT failed(QString::fromStdString(status.error().message),
                      QString::fromStdString(status.error().hint));
        return false;
    }
    if (m_controller->path().isEmpty())
        Q_EMIT said(
            tr("This is a copy: the run's own record stays as it is, and Save asks where "
               "to."));
    else
        m_preferences.addRecentFile(path);
    return true;
}

void DocumentActions::openStarter(const QString& path) {
    if (!mayReplace()) return;
    const Status status = m_controller->openCopy(path);
    if (!status) {
        Q_EMIT failed(QString::fromStdString(status.error().message),
                      QString::fromStdString(status.error().hint));
        return;
    }
    Q_EMIT opened();
}

bool DocumentActions::bringBack(const Recovery::Leftover& leftover) {
    if (!mayReplace()) return false;
    auto loaded = loadProject(leftover.copy.toStdString());
    if (!loaded) {
        Q_EMIT failed(QString::fromStdString(loaded.error().message),
                      QString::fromStdString(loaded.error().hint));
        return false;
    }
    // Its file where that can still be read: Save then knows whether someone else has changed it,
    // and Undo shows it. A file that is gone is written again.
    const bool hasFile = QFileInfo::exists(leftover.path);
    if (!hasFile || !m_controller->open(leftover.path) || m_controller->isReadOnly())
        m_controller->reset(loom::newProject(), hasFile ? QString() : leftover.path);
    // As an edit, so that it counts as unsaved and can be undone.
    m_controller->edit(tr("Bring back"),
                       [&](const Project&) -> Result<Project> { return loaded->project; });
    Recovery::removeCopy(leftover.copy);
    Q_EMIT opened();
    return true;
}

void DocumentActions::fillRecent(QMenu* menu) {
    menu->clear();
    const QStringList files = m_preferences.recentFiles();
    if (files.isEmpty()) menu->addAction(tr("Nothing yet"))->setEnabled(false);
    for (const QString& file : files) {
        QAction* action =
            menu->addAction(QFileInfo(file).fileName(), this, [this, file] { openFile(file); });
        action->setToolTip(file);
    }
    menu->setToolTipsVisible(true);
}

bool DocumentActions::save() {
    if (m_controller->path().isEmpty()) return saveAs();
    if (!m_controller->changedOnDisk()) return saveTo(m_controller->path());
    switch (askAboutConflict()) {
        case Conflict::Overwrite:
            return saveTo(m_controller->path());
        case Conflict::SaveAs:
            return saveAs();
        case Conflict::Reload:
            if (open(m_controller->path())) Q_EMIT opened();
            return false;
        case Conflict::Cancel:
            break;
    }
    return false;
}

DocumentActions::Conflict DocumentActions::askAboutConflict() {
    Question question(
        m_window, QStringLiteral("changedOnDiskQuestion"),
        tr("“%1” has been changed since it was opened here.")
            .arg(QFileInfo(m_controller->path()).fileName()),
        tr("Another window or program has written it. Overwriting loses those changes, reloading "
           "loses the ones made in this window."));
    question.setAnswers({tr("Save as…"), tr("Overwrite"), tr("Reload"), tr("Cancel")});
    constexpr Conflict kAnswers[] = {Conflict::SaveAs, Conflict::Overwrite, Conflict::Reload,
                                     Conflict::Cancel};
    return kAnswers[question.ask()];
}

bool DocumentActions::saveAs() {
    const QString name =
        m_controller->path().isEmpty()
            ? QDir(m_preferences.folder()).filePath(m_controller->title() + QStringLiteral(".loom"))
            : m_controller->path();
    QString path =
        QFileDialog::getSaveFileName(m_window, tr("Save the project"), name, projectFilter());
    if (path.isEmpty()) return false;
    if (QFileInfo(path).suffix().isEmpty()) path += QStringLiteral(".loom");
    m_preferences.setFolder(QFileInfo(path).path());
    return saveTo(path);
}

bool DocumentActions::saveTo(const QString& path) {
    // A project nobody named takes the name of its first file.
    const std::string& name = m_controller->project().name;
    if (!m_controller->isReadOnly() && (name.empty() || name == loom::newProject().name))
        m_controller->edit(tr("Name the project"), [&](const Project& project) -> Result<Project> {
            Project next = project;
            next.name = QFileInfo(path).completeBaseName().toStdString();
            return next;
        });
    const Status status = m_controller->save(path);
    if (!status) {
        Q_EMIT failed(QString::fromStdString(status.error().message),
                      QString::fromStdString(status.error().hint));
        return false;
    }
    m_preferences.addRecentFile(path);
    Q_EMIT said(tr("Saved %1").arg(QFileInfo(path).fileName()));
    return true;
}

void DocumentActions::openRunFolder() {
    const QString folder =
        m_bridge->hasRun() ? QString::fromStdString(m_bridge->session()->runFolder()) : QString();
    if (folder.isEmpty())
        Q_EMIT failed(tr("There is no run folder yet."), tr("Train the network first."));
    else if (!QDesktopServices::openUrl(QUrl::fromLocalFile(folder)))
        Q_EMIT said(tr("The run lies in %1").arg(folder));
}

}  // namespace loom
