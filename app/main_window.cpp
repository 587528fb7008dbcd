#include "app/main_window.h"

#include <QApplication>
#include <QFileInfo>
#include <QKeyEvent>
#include <QScreen>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "app/notice_bar.h"
#include "app/recovery.h"
#include "app/recovery_bar.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "app/top_bar.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/data/check_panel.h"
#include "widgets/data/data_page.h"
#include "widgets/data/transform_strip.h"
#include "widgets/explain/block_picture.h"
#include "widgets/explain/help_panel.h"
#include "widgets/explain/weights_card.h"
#include "widgets/inspector/block_page.h"
#include "widgets/inspector/inspector_panel.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"
#include "widgets/runs/try_page.h"

namespace loom {

MainWindow::MainWindow(QWidget* parent) : QMainWindow(parent) {
    setAcceptDrops(true);
    // A Full-HD screen at twice the size is 960 x 540, less the desktop's own bars.
    setMinimumSize(900, 480);
    resize(1360, 860);
    fitToScreen();
    m_runActions = new RunActions(&m_document, &m_bridge, this);
    m_documentActions = new DocumentActions(&m_document, &m_bridge, this);
    addActions(
        {m_runActions->train(), m_runActions->pause(), m_runActions->step(), m_runActions->stop()});

    m_top = new TopBar(&m_document, m_runActions,
                       {tr("Design"), tr("Data"), tr("Train"), tr("Runs"), tr("Try it")});
    m_recoveryBar = new RecoveryBar(m_documentActions);
    m_notice = new NoticeBar;
    m_status = new StatusStrip(&m_document, &m_bridge);
    m_design = new DesignPage(m_document);
    m_data = new DataPage(&m_document);
    m_train = new TrainPage(&m_document, &m_bridge);
    m_runs = new RunsPage(&m_bridge);
    m_try = new TryPage(&m_document, &m_bridge);
    m_pages = new QStackedWidget;
    for (QWidget* page : {static_cast<QWidget*>(m_design), static_cast<QWidget*>(m_data),
                          static_cast<QWidget*>(m_train), static_cast<QWidget*>(m_runs),
                          static_cast<QWidget*>(m_try)})
        m_pages->addWidget(page);

    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_top);
    column->addWidget(m_recoveryBar);
    column->addWidget(m_notice);
    column->addWidget(m_pages, 1);
    column->addWidget(m_status);
    setCentralWidget(centre);

    makeMenu();
    connectPages();
    connectDrops();
    connectRuns();
    m_recovery = new Recovery(&m_document, this);
    restoreLayout();
    showPage(Design);
    showTitle();
}

MainWindow::~MainWindow() {
    // Pages look at the document and the run until they are gone, so they go first.
    m_bridge.disconnect();
    m_document.disconnect();
    delete takeCentralWidget();
}

void MainWindow::connectPages() {
    connect(m_top, &TopBar::pageChosen, this, &MainWindow::showPage);
    connect(&m_document, &DocumentController::titleChanged, this, &MainWindow::showTitle);
    connect(&m_document, &DocumentController::documentReset, this, &MainWindow::showTitle);
    connect(&m_document, &DocumentController::refused, this,
            [this](const QString& message, const QString& hint) {
                m_status->say(hint.isEmpty() ? message : message + QLatin1Char(' ') + hint, true);
            });
    connect(m_documentActions, &DocumentActions::failed, this, &MainWindow::showFailure);
    connect(m_documentActions, &DocumentActions::said, this,
            [this](const QString& text) { m_status->say(text); });
    connect(m_documentActions, &DocumentActions::opened, this, [this] {
        m_notice->dismiss();
        m_design->canvas()->fitAll();
        showRemarks();
    });
    connect(m_runActions, &RunActions::problemFound, this, &MainWindow::goToProblem);
    connect(m_runActions, &RunActions::failed, this, &MainWindow::showFailure);
    connect(m_runActions, &RunActions::started, this, [this] {
        m_notice->dismiss();
        showPage(Train);
    });
    connect(m_status, &StatusStrip::problemChosen, this, &MainWindow::goToProblem);
    connect(m_status, &StatusStrip::remarksChosen, this, &MainWindow::showRemarks);
    connect(m_design->canvas(), &CanvasView::repairAsked, this, &MainWindow::repair);
    connect(m_status, &StatusStrip::zoomClicked, this, [this] { m_design->canvas()->setZoom(1); });
    connect(m_design, &DesignPage::statusMessage, this,
            [this](const QString& text) { m_status->say(text); });
    connect(m_design, &DesignPage::zoomChanged, m_status, &StatusStrip::setZoom);
    connect(m_design, &DesignPage::problemActivated, this, &MainWindow::goToProblem);
    connect(m_train, &TrainPage::problemChosen, this, &MainWindow::goToProblem);
    connect(m_data->checkPanel(), &CheckPanel::reportChanged, m_train,
            [this] { m_train->setDataWarning(m_data->checkPanel()->warningLine()); });
    connect(m_train, &TrainPage::dataWarningChosen, this, [this] {
        showPage(Data);
        m_data->showView(QStringLiteral("check"));
    });
    connect(m_train, &TrainPage::exportAsked, m_documentActions, &DocumentActions::exportWeights);
    connect(m_train, &TrainPage::runFolderAsked, m_documentActions,
            &DocumentActions::openRunFolder);
    connect(m_runs, &RunsPage::said, this, [this](const QString& text) { m_status->say(text); });
    m_design->help()->picture()->setBridge(&m_bridge);
    m_design->help()->weights()->setBridge(&m_bridge);
    m_design->inspector()->blockPage()->weights()->setBridge(&m_bridge);
    m_status->setZoom(m_design->zoomPercent());
}

void MainWindow::fitToScreen() {
    // The title bar is known only when the window stands.
    constexpr int kTitleBar = 40;
    if (isMaximized() || isFullScreen()) return;
    const QRect room = screen()->availableGeometry();
    const QSize frame = frameGeometry().size() - size();
    const QSize most = room.size() - QSize(frame.width(), std::max(frame.height(), kTitleBar));
    // Not all of it can be seen on a screen that is smaller still.
    if (most.width() < minimumWidth() || most.height() < minimumHeight()) return;
    resize(size().boundedTo(most));
    if (!isVisible()) return;
    const QRect place = frameGeometry();
    move(std::clamp(place.left(), room.left(), std::max(room.left(), room.right() - place.width())),
         std::clamp(place.top(), room.top(), std::max(room.top(), room.bottom() - place.height())));
}

void MainWindow::showPage(int page) {
    m_pages->setCurrentIndex(page);
    m_top->setCurrentPage(page);
    m_status->setZoomShown(page == Design);
    m_pages->currentWidget()->setFocus();
    if (page == Design) m_design->canvas()->setFocus();
}

int MainWindow::currentPage() const {
    return m_pages->currentIndex();
}

int MainWindow::pageByName(const QString& name) {
    return static_cast<int>(QStringList{QStringLiteral("design"), QStringLiteral("data"),
                                        QStringLiteral("train"), QStringLiteral("runs"),
                                        QStringLiteral("try")}
                                .indexOf(name.toLower()));
}

void MainWindow::openAtStart(const QString& path) {
    m_documentActions->openFile(path);
}

void MainWindow::offerRecovery() {
    m_recoveryBar->offer();
}

void MainWindow::showFailure(const QString& message, const QString& hint) {
    m_notice->show(message, hint, "danger");
}

void MainWindow::showTitle() {
    setWindowModified(m_document.isModified());
    setWindowTitle(m_document.title() + QStringLiteral("[*] - Torchloom"));
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
    // Keys that no focused widget wanted.
    if (event->modifiers() == Qt::NoModifier && event->key() == Qt::Key_Space &&
        m_runActions->pause()->isEnabled())
        m_runActions->pause()->trigger();
    else if (event->modifiers() == Qt::NoModifier && event->key() == Qt::Key_Period &&
             m_runActions->step()->isEnabled())
        m_runActions->step()->trigger();
    else if (event->modifiers() == Qt::ShiftModifier &&
             // What Shift makes of the full stop differs from keyboard to keyboard.
             (event->key() == Qt::Key_Period || event->key() == Qt::Key_Greater ||
              event->key() == Qt::Key_Colon) &&
             m_runActions->epoch()->isEnabled())
        m_runActions->epoch()->trigger();
    else if (event->modifiers() == Qt::NoModifier && event->key() == Qt::Key_R &&
             currentPage() == Data)
        m_data->rollAgain();
    else
        QMainWindow::keyPressEvent(event);
}

}  // namespace loom
