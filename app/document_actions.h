#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <memory>

#include "app/preferences.h"
#include "app/recovery.h"
#include "core/base/result.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/runs/weights_choice.h"

class QAction;
class QMenu;
class QWidget;

namespace loom {

class DocumentController;
class TrainingBridge;
struct FormatKind;

/// New, open, save and their kin, with the one question the program asks: what of unsaved changes.
class DocumentActions : public QObject {
    Q_OBJECT
public:
    DocumentActions(DocumentController* controller, TrainingBridge* bridge, QWidget* window);

    /// Adds the entries of the main menu.
    void fillMenu(QMenu* menu);

    void newProject();
    void chooseFile();
    /// True when it is open now.
    bool openFile(const QString& path);
    /// Brings the project of a run into the window, as a copy, unless it is there already:
    /// `withRecipe`, so that it also trains in the same way.
    bool openProjectOf(const QString& runFolder, bool withRecipe);
    /// Opens what a crash left, as an edit of the file it was made in, and removes the copy.
    bool bringBack(const Recovery::Leftover& leftover);
    /// True when it was written.
    bool save();
    bool saveAs();
    bool saveTo(const QString& path);
    /// Asks for a file and writes the run's weights, or those of the latest run that fits.
    void exportWeights();
    void exportRun(const QString& runFolder);
    /// The same without asking.
    void exportWeightsTo(const QString& path);
    void setRunsFolder(const QString& folder) { m_runsFolder = folder; }
    void openRunFolder();
    /// Saves, gives up or cancels; true when what is open may go.
    bool mayReplace();

    Preferences& preferences() { return m_preferences; }
    static QStringList starterProjects();
    /// The classic networks of `projects/zoo`.
    static QStringList zooProjects();
    void chooseModel();

Q_SIGNALS:
    void failed(const QString& message, const QString& hint);
    void said(const QString& message);
    void opened();

private:
    void fillRecent(QMenu* menu);
    void openStarter(const QString& path);
    void takeForExport(const QString& runFolder, std::function<void(const ChosenWeights&)> then);
    void askWhereTo(const ChosenWeights& chosen);
    void write(const ChosenWeights& chosen, const FormatKind& format, const QString& path);
    enum class Conflict { Overwrite, SaveAs, Reload, Cancel };
    Conflict askAboutConflict();
    bool open(const QString& path);

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    QWidget* m_window;
    Preferences m_preferences;
    QAction* m_export = nullptr;
    QString m_runsFolder;
    LatestJob<std::shared_ptr<const Result<ChosenWeights>>> m_takeJob;
    LatestJob<Status> m_exportJob;
};

}  // namespace loom
