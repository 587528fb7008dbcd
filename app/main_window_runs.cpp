// What the window does with runs: those of the list, and the one that goes on while it is closed.

#include <signal.h>

#include <QApplication>
#include <QCloseEvent>
#include <QPushButton>
#include <cstdint>

#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/recovery.h"
#include "app/run_actions.h"
#include "app/status_strip.h"
#include "widgets/runs/runs_page.h"
#include "widgets/runs/train_page.h"
#include "widgets/runs/try_page.h"
#include "widgets/style/question.h"

namespace loom {

void MainWindow::connectRuns() {
    connect(m_runs, &RunsPage::openAsked, this, [this](const QString& file) {
        if (m_documentActions->openFile(file)) showPage(Design);
    });
    connect(m_runs, &RunsPage::tryAsked, this, [this](const QString& folder) {
        // The pictures to try are those of the run's data set.
        if (!m_documentActions->openProjectOf(folder, false)) return;
        m_try->setRun(folder);
        showPage(TryIt);
    });
    connect(m_runs, &RunsPage::exportAsked, m_documentActions, &DocumentActions::exportRun);
    connect(m_runs, &RunsPage::resumeAsked, this,
            [this](const QString& folder, std::int64_t epochs) {
                if (m_documentActions->openProjectOf(folder, true))
                    m_runActions->resumeRun(folder, epochs);
            });
    connect(m_train, &TrainPage::resumeAsked, this, [this] {
        if (m_bridge.hasRun() && !m_bridge.isActive())
            m_runActions->resumeRun(QString::fromStdString(m_bridge.session()->runFolder()));
    });
    connect(&m_bridge, &TrainingBridge::stateChanged, this, [this](TrainingSession::State state) {
        if (!m_closing || state != TrainingSession::State::Ended) return;
        const bool unseen = !isVisible();
        close();
        if (unseen) QCoreApplication::quit();
    });
}

void MainWindow::setRunsFolder(const QString& folder) {
    m_runActions->setRunsFolder(folder);
    m_documentActions->setRunsFolder(folder);
    m_runs->setFolder(folder);
    m_try->setRunsFolder(folder);
}

MainWindow::CloseAnswer MainWindow::askAboutRun() {
    const bool paused = m_bridge.state() == TrainingSession::State::Paused ||
                        m_bridge.state() == TrainingSession::State::Pausing;
    Question question(
        this, QStringLiteral("trainingQuestion"),
        paused ? tr("A run is paused.") : tr("A run is training."),
        tr("Stop and close: it ends after the batch in hand, and what was learned is saved; "
           "Resume on the Runs page goes on from there.\n\n"
           "Keep training: this window goes, the run trains on unseen to its last epoch, and the "
           "program then ends by itself. Until then the Runs page of any Torchloom window lists "
           "it as running and can stop it."));
    question.setAnswers({tr("Stop and close"), tr("Keep training"), tr("Cancel")}, 2);
    // A run that ends meanwhile leaves nothing to ask.
    connect(&m_bridge, &TrainingBridge::runEnded, &question, &QDialog::accept);
    const int answer = question.ask();
    if (!m_bridge.isActive() || answer == 0) return CloseAnswer::Stop;
    return answer == 1 ? CloseAnswer::KeepTraining : CloseAnswer::Cancel;
}

void MainWindow::goOnUnseen() {
    // The program ends with the run, not with its last window.
    QApplication::setQuitOnLastWindowClosed(false);
    // Neither does it end with the terminal it was started from.
    ::signal(SIGHUP, SIG_IGN);
    m_closing = true;
    m_bridge.resume();
    saveLayout();
    for (QWidget* window : findChildren<QWidget*>())
        if (window->isWindow()) window->hide();
    hide();
}

void MainWindow::endForSystem() {
    m_recovery->keep();
    m_closing = true;
    if (m_bridge.isActive()) {
        m_bridge.stop();
        return;
    }
    close();
    QCoreApplication::quit();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_closing && !m_documentActions->mayReplace()) {
        event->ignore();
        return;
    }
    if (!m_closing && m_bridge.isActive()) {
        switch (askAboutRun()) {
            case CloseAnswer::Cancel:
                event->ignore();
                return;
            case CloseAnswer::KeepTraining:
                goOnUnseen();
                event->ignore();
                return;
            case CloseAnswer::Stop:
                break;
        }
    }
    if (m_bridge.isActive()) {
        // The batch in hand is finished and what was learned is saved; the window closes when that
        // is done.
        m_closing = true;
        m_bridge.stop();
        m_notice->show(tr("Ending the run after the batch in hand…"), {}, "accent");
        event->ignore();
        return;
    }
    saveLayout();
    event->accept();
}

}  // namespace loom
