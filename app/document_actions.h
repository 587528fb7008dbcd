#pragma once

#include <QObject>
#include <QString>
#include <functional>

#include "app/preferences.h"
#include "core/base/result.h"
#include "widgets/bridge/latest_job.h"

class QAction;
class QMenu;
class QWidget;

namespace loom {

class DocumentController;
class TrainingBridge;

/// New, open, save and their kin, with the one question the program asks: what of unsaved changes.
class DocumentActions : public QObject {
    Q_OBJECT
public:
    DocumentActions(DocumentController* controller, TrainingBridge* bridge, QWidget* window);

    /// Adds the entries of the main menu.
    void fillMenu(QMenu* menu);

    void newProject();
    void chooseFile();
    void openFile(const QString& path);
    /// True when it was written.
    bool save();
    bool saveAs();
    bool saveTo(const QString& path);
    void exportWeights();
    /// Writes the latest weights off the GUI's thread.
    void exportWeightsTo(const QString& path);
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

    DocumentController* m_controller;
    TrainingBridge* m_bridge;
    QWidget* m_window;
    Preferences m_preferences;
    QAction* m_export = nullptr;
    LatestJob<Status> m_exportJob;
};

}  // namespace loom
