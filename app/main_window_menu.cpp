// The main menu, and what the window remembers of itself.

#include <QActionGroup>
#include <QApplication>
#include <QMenu>
#include <QMessageBox>
#include <QSplitter>

#include "app/main_window.h"
#include "app/run_actions.h"
#include "app/top_bar.h"
#include "core/train/plan.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/design_page.h"
#include "widgets/data/data_page.h"
#include "widgets/explain/help_panel.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"
#include "widgets/style/controls.h"

namespace loom {

void MainWindow::makeMenu() {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("mainMenu"));
    m_documentActions->fillMenu(menu);
    menu->addSeparator();
    makeEditMenu(menu->addMenu(tr("Edit network")));
    QMenu* go = menu->addMenu(tr("Go to"));
    const QStringList names{tr("Design"), tr("Data"), tr("Train"), tr("Runs"), tr("Try it")};
    for (int page = 0; page < names.size(); ++page) {
        QAction* action = go->addAction(names[page], this, [this, page] { showPage(page); });
        action->setShortcut(QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + page)));
        addAction(action);
    }
    QMenu* run = menu->addMenu(tr("Run"));
    for (QAction* action : {m_runActions->train(), m_runActions->pause(), m_runActions->step(),
                            m_runActions->epoch(), m_runActions->stop()})
        run->addAction(action);
    run->setToolTipsVisible(true);
    QMenu* look = menu->addMenu(tr("Look"));
    auto* modes = new QActionGroup(look);
    const std::pair<QString, ThemeMode> themes[] = {{tr("Light"), ThemeMode::Light},
                                                    {tr("Dark"), ThemeMode::Dark},
                                                    {tr("As the system"), ThemeMode::System}};
    for (const auto& [name, mode] : themes) {
        QAction* action = look->addAction(name);
        action->setCheckable(true);
        action->setChecked(Theme::instance().mode() == mode);
        modes->addAction(action);
        connect(action, &QAction::triggered, this, [this, mode = mode] {
            Theme::instance().setMode(mode);
            m_documentActions->preferences().setTheme(mode);
        });
    }
    QMenu* help = menu->addMenu(tr("Help"));
    QAction* explain = help->addAction(tr("Explain What Is Selected"), this, &MainWindow::explain);
    explain->setShortcut(QKeySequence(Qt::Key_F1));
    addAction(explain);
    help->addAction(tr("Help on Layers, Losses and More"), this, [this] {
        if (currentPage() == Design)
            m_design->showHelpIndex();
        else
            showHelpWindow({});
    });
    help->addAction(tr("Mouse and Keys") + QStringLiteral("\t?"), this, [this] {
        showPage(Design);
        m_design->canvas()->overlays()->toggleKeys();
    });
    help->addSeparator();
    help->addAction(tr("About Torchloom"), this, &MainWindow::showAbout);
    menu->addSeparator();
    QAction* quit = menu->addAction(tr("Quit"), this, &QWidget::close);
    quit->setShortcut(QKeySequence::Quit);
    addAction(quit);
    m_top->setMainMenu(menu);
}

void MainWindow::makeEditMenu(QMenu* menu) {
    CanvasView* canvas = m_design->canvas();
    std::vector<QAction*> edits;
    const auto add = [&](const QString& text, const QKeySequence& keys, auto slot, bool edit) {
        QAction* action = menu->addAction(text);
        action->setShortcut(keys);
        // Only where one sees what it does.
        connect(action, &QAction::triggered, this, [this, canvas, slot] {
            if (currentPage() == Design) (canvas->*slot)();
        });
        addAction(action);
        if (edit) edits.push_back(action);
    };
    add(tr("Select all blocks"), {}, &CanvasView::selectAll, false);
    add(tr("Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D), &CanvasView::duplicateSelection, true);
    add(tr("Summary table"), {}, &CanvasView::summaryAsked, false);
    add(tr("Tidy up"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), &CanvasView::tidyUp, true);
    menu->addSeparator();
    add(tr("Group…"), QKeySequence(Qt::CTRL | Qt::Key_G), &CanvasView::groupSelection, true);
    add(tr("Ungroup"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G), &CanvasView::ungroup, true);
    add(tr("Collapse or expand group"), QKeySequence(Qt::ALT | Qt::Key_C),
        &CanvasView::toggleCollapsed, true);
    add(tr("Open group"), {}, &CanvasView::openSelectedGroup, false);
    add(tr("Leave group"), {}, &CanvasView::leaveGroup, false);
    add(tr("Repeat group…"), {}, &CanvasView::repeatGroup, true);
    add(tr("Save group to my library…"), {}, &CanvasView::saveToLibrary, false);
    // On every page: the status bar is on every page.
    QAction* mend = menu->addAction(tr("Take the first repair offered"), this, &MainWindow::repair);
    mend->setShortcuts(
        {QKeySequence(Qt::ALT | Qt::Key_Return), QKeySequence(Qt::ALT | Qt::Key_Enter)});
    addAction(mend);
    connect(menu, &QMenu::aboutToShow, this, [this, menu, mend, edits] {
        for (QAction* action : menu->actions()) action->setEnabled(currentPage() == Design);
        mend->setEnabled(!m_document.isReadOnly());
        for (QAction* action : edits)
            action->setEnabled(currentPage() == Design && !m_document.isReadOnly());
    });
    connect(menu, &QMenu::aboutToHide, this, [menu] {
        // A disabled action would take its key along.
        for (QAction* action : menu->actions()) action->setEnabled(true);
    });
}

void MainWindow::showAbout() {
    const TrainingSection& training = m_document.project().training;
    const int threads = training.threads > 0 ? training.threads : defaultThreads();
    const Environment environment = currentEnvironment(threads, training.device);
    auto* about = new QMessageBox(this);
    about->setAttribute(Qt::WA_DeleteOnClose);
    about->setModal(false);
    about->setWindowTitle(tr("About Torchloom"));
    about->setIconPixmap(QApplication::windowIcon().pixmap(56, 56));
    about->setText(tr("<b>Torchloom</b> %1<br>Draw a neural network, press Train, watch it learn, "
                      "take the weights with you.")
                       .arg(QApplication::applicationVersion()));
    about->setInformativeText(
        tr("LibTorch %1<br>BLAS: %2<br>Threads: %3, OpenMP waits %4<br>CUDA: %5<br>Qt "
           "%6<br><br>GPL-3.0-or-later")
            .arg(QString::fromStdString(environment.torchVersion),
                 QString::fromStdString(environment.blas))
            .arg(environment.threads)
            .arg(QString::fromStdString(
                     environment.ompWaitPolicy.empty() ? "actively" : environment.ompWaitPolicy),
                 environment.cudaBuilt ? tr("%1 device(s)").arg(environment.cudaDevices)
                                       : tr("not in this LibTorch"),
                 QString::fromLatin1(qVersion())));
    about->show();
}

void MainWindow::restoreLayout() {
    const Preferences& preferences = m_documentActions->preferences();
    restoreGeometry(preferences.layout(QStringLiteral("window")));
    const std::pair<const char*, QSplitter*> splitters[] = {
        {"design", m_design->splitter()},
        {"help", m_design->helpSplitter()},
        {"help_columns", m_design->help()->splitter()},
        {"data", m_data->splitter()},
        {"train", m_train->splitter()},
        {"runs", m_runs->splitter()}};
    for (const auto& [name, splitter] : splitters)
        if (const QByteArray state = preferences.layout(QString::fromLatin1(name));
            !state.isEmpty())
            splitter->restoreState(state);
}

void MainWindow::saveLayout() {
    Preferences& preferences = m_documentActions->preferences();
    preferences.setLayout(QStringLiteral("window"), saveGeometry());
    const std::pair<const char*, QSplitter*> splitters[] = {
        {"design", m_design->splitter()},
        {"help", m_design->helpSplitter()},
        {"help_columns", m_design->help()->splitter()},
        {"data", m_data->splitter()},
        {"train", m_train->splitter()},
        {"runs", m_runs->splitter()}};
    for (const auto& [name, splitter] : splitters)
        preferences.setLayout(QString::fromLatin1(name), splitter->saveState());
}

}  // namespace loom
