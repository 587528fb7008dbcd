#pragma once

#include <QMainWindow>
#include <memory>

#include "app/document_actions.h"
#include "core/data/pictures/picture.h"
#include "core/data/sets/recognise.h"
#include "core/graph/diagnostic.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/training_bridge.h"

class QMenu;
class QSplitter;
class QStackedWidget;

namespace loom {

class DataPage;
class DesignPage;
class DropReader;
class HelpPanel;
class NoticeBar;
class Recovery;
class RecoveryBar;
class RunActions;
class RunsPage;
class StatusStrip;
class TopBar;
class TrainPage;
class TryPage;

/// The one window: puts the pages together, and what they say to each other.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    enum Page { Design, Data, Train, Runs, TryIt };

    explicit MainWindow(QWidget* parent = nullptr);
    ~MainWindow() override;

    void showPage(int page);
    int currentPage() const;
    /// The page by its name on the command line; -1 when there is none.
    static int pageByName(const QString& name);
    /// Opens without asking; for the start.
    void openAtStart(const QString& path);
    /// F1: help on the selected block, or on what has the keyboard.
    void explain();
    /// A help page in a window of its own; the index where there is no such page.
    void showHelpWindow(const QString& key);
    HelpPanel* helpWindow() const { return m_helpWindow; }  ///< null until it was asked for
    /// Where runs are written and looked for; the default below the user's data.
    void setRunsFolder(const QString& folder);
    /// The system ends the program: the run is saved, unsaved changes are kept for the next start.
    void endForSystem();
    /// Puts the whole window, frame and all, on the screen; before and after it is first shown.
    void fitToScreen();
    /// Offers what a crash left.
    void offerRecovery();

    DocumentController* document() { return &m_document; }
    TrainingBridge* bridge() { return &m_bridge; }
    DocumentActions* documentActions() { return m_documentActions; }
    RunActions* runActions() { return m_runActions; }
    DesignPage* designPage() const { return m_design; }
    DataPage* dataPage() const { return m_data; }
    TrainPage* trainPage() const { return m_train; }
    RunsPage* runsPage() const { return m_runs; }
    TryPage* tryPage() const { return m_try; }
    TopBar* topBar() const { return m_top; }
    StatusStrip* statusStrip() const { return m_status; }
    NoticeBar* notice() const { return m_notice; }
    RecoveryBar* recoveryBar() const { return m_recoveryBar; }
    DropReader* drops() const { return m_drops; }

protected:
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makeMenu();
    void makeEditMenu(QMenu* menu);
    void connectPages();
    void connectDrops();
    void connectRuns();
    void takePicture(const SampleInput& picture, const QString& name);
    void takeDataset(const std::vector<RecognisedDataset>& found, std::size_t chosen);
    /// By value: showing a page may end an edit, which replaces the report that a problem is from.
    void goToProblem(Diagnostic problem);
    void goToData(const Diagnostic& problem);
    /// Alt+Enter: takes the first repair for what is selected, else for what the status bar shows.
    void repair();
    /// What reading the file had to say.
    void showRemarks();
    void showFailure(const QString& message, const QString& hint);
    void showTitle();
    enum class CloseAnswer { Stop, KeepTraining, Cancel };
    CloseAnswer askAboutRun();
    void goOnUnseen();
    void restoreLayout();
    void saveLayout();
    void showAbout();

    DocumentController m_document;
    TrainingBridge m_bridge;
    RunActions* m_runActions;
    DocumentActions* m_documentActions;
    TopBar* m_top;
    RecoveryBar* m_recoveryBar;
    NoticeBar* m_notice;
    QStackedWidget* m_pages;
    StatusStrip* m_status;
    DesignPage* m_design;
    DataPage* m_data;
    TrainPage* m_train;
    RunsPage* m_runs;
    TryPage* m_try;
    Recovery* m_recovery;
    DropReader* m_drops;
    HelpPanel* m_helpWindow = nullptr;
    bool m_closing = false;
};

}  // namespace loom
