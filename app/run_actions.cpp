#include "app/run_actions.h"

#include <QGuiApplication>

#include <cstdint>
#include <optional>
#include <utility>

#include "core/check/problem_place.h"
#include "core/project/project_file.h"
#include "core/train/plan.h"
#include "core/train/schedule_length.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/style/question.h"

namespace loom {

using State = TrainingSession::State;

RunActions::RunActions(DocumentController* controller, TrainingBridge* bridge, QObject* parent)
    : QObject(parent), m_controller(controller), m_bridge(bridge) {
    m_train = new QAction(tr("Train"), this);
    m_train->setShortcuts(
        {QKeySequence(Qt::CTRL | Qt::Key_Return), QKeySequence(Qt::CTRL | Qt::Key_Enter)});
    m_pause = new QAction(tr("Pause"), this);
    m_step = new QAction(tr("Step"), this);
    m_epoch = new QAction(tr("Train one epoch"), this);
    m_stop = new QAction(tr("Stop"), this);
    m_stop->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Period));
    connect(m_train, &QAction::triggered, this, &RunActions::trainOrResume);
    connect(m_pause, &QAction::triggered, this, &RunActions::pauseOrResume);
    connect(m_step, &QAction::triggered, this, [this] {
        if (QGuiApplication::keyboardModifiers() & Qt::ShiftModifier)
            stepEpoch();
        else
            stepOnce();
    });
    connect(m_epoch, &QAction::triggered, this, &RunActions::stepEpoch);
    connect(m_stop, &QAction::triggered, m_bridge, &TrainingBridge::stop);
    connect(m_bridge, &TrainingBridge::stateChanged, this, &RunActions::update);
    connect(m_bridge, &TrainingBridge::runStarted, this, &RunActions::update);
    update();
}

QString RunActions::runsFolder() const {
    return m_runsFolder.isEmpty() ? QString::fromStdString(defaultRunsFolder()) : m_runsFolder;
}

void RunActions::update() {
    const bool active = m_bridge->isActive();
    const State state = m_bridge->state();
    const bool paused = active && (state == State::Paused || state == State::Pausing);
    const bool stopping = active && state == State::Stopping;
    m_train->setEnabled(!active || paused);
    m_train->setText(paused ? tr("Resume") : tr("Train"));
    m_train->setToolTip(paused ? tr("Goes on training (Ctrl+Enter or Space)")
                               : tr("Trains the network from the start (Ctrl+Enter)"));
    m_pause->setEnabled(active && !stopping);
    m_pause->setText(paused ? tr("Resume") : tr("Pause"));
    m_pause->setToolTip(paused ? tr("Goes on training (Space)")
                               : tr("Waits after the batch in hand (Space)"));
    m_step->setEnabled(!stopping);
    m_step->setToolTip(
        tr("Trains one batch and waits (.); with Shift one epoch, its test included"));
    m_epoch->setEnabled(!stopping);
    m_epoch->setToolTip(tr("Trains to the end of the epoch and waits (Shift+.)"));
    m_stop->setEnabled(active && !stopping);
    m_stop->setToolTip(
        tr("Ends the run after the batch in hand and keeps what was learned (Ctrl+.)"));
}

bool RunActions::begin(bool paused) {
    for (const Diagnostic& problem : m_controller->report().diagnostics)
        if (problem.severity == Severity::Error) {
            Q_EMIT problemFound(problem);
            return false;
        }
    if (!m_controller->report().location.found)
        for (const Diagnostic& problem : m_controller->report().diagnostics)
            if (pageOf(problem) == "data") {
                Q_EMIT problemFound(problem);
                return false;
            }
    PlanOptions options;
    options.runsFolder = runsFolder().toStdString();
    options.yieldToWindow = true;
    return start(m_controller->project(), options, paused);
}

bool RunActions::start(const Project& project, const PlanOptions& options, bool paused) {
    const PlanResult plan = makePlan(project, options);
    if (!plan) {
        Q_EMIT failed(QString::fromStdString(plan.problem.error.message),
                      QString::fromStdString(plan.problem.error.hint));
        return false;
    }
    m_bridge->start(plan.plan, paused);
    Q_EMIT started();
    return true;
}

void RunActions::resumeRun(const QString& folder, std::int64_t epochs) {
    if (m_bridge->isActive()) {
        Q_EMIT failed(tr("A run is training in this window."),
                      tr("Stop it first, or let the other run go on in a window of its own."));
        return;
    }
    auto loaded = loadProject((folder + QStringLiteral("/project.loom")).toStdString());
    if (!loaded) {
        Q_EMIT failed(QString::fromStdString(loaded.error().message),
                      QString::fromStdString(loaded.error().hint));
        return;
    }
    Project project = std::move(loaded->project);
    if (epochs > 0) project.training.epochs = epochs;
    PlanOptions options;
    options.runFolder = folder.toStdString();
    options.resumeFrom = options.runFolder;
    options.yieldToWindow = true;
    const QString question =
        QString::fromStdString(scheduleLengthQuestion(project, options.resumeFrom));
    if (!question.isEmpty()) {
        const std::optional<ScheduleLength> choice = askScheduleLength(question);
        if (!choice) return;
        options.scheduleLength = *choice;
    }
    start(project, options, false);
}

std::optional<ScheduleLength> RunActions::askScheduleLength(const QString& change) {
    Question question(
        qobject_cast<QWidget*>(parent()), QStringLiteral("scheduleQuestion"), change,
        tr("Keep its length: the learning rate goes on as it was planned, and behind the "
           "schedule's end it stays where it is then.\n\n"
           "Stretch it: the schedule is drawn anew over the whole run, so that the learning rate "
           "jumps to where the new curve has it at this step."));
    question.setAnswers({tr("Keep its length"), tr("Stretch it"), tr("Cancel")});
    const int answer = question.ask();
    if (answer == 0) return ScheduleLength::Keep;
    if (answer == 1) return ScheduleLength::Stretch;
    return std::nullopt;
}

void RunActions::trainOrResume() {
    if (m_bridge->isActive())
        m_bridge->resume();
    else
        begin(false);
}

void RunActions::pauseOrResume() {
    if (!m_bridge->isActive()) return;
    const State state = m_bridge->state();
    if (state == State::Paused || state == State::Pausing)
        m_bridge->resume();
    else
        m_bridge->pause();
}

void RunActions::stepOnce() {
    if (!m_bridge->isActive()) {
        if (begin(true)) m_bridge->stepBatches(1);
        return;
    }
    const State state = m_bridge->state();
    // While it runs, the first press only makes it wait.
    if (state == State::Running || state == State::Starting)
        m_bridge->pause();
    else
        m_bridge->stepBatches(1);
}

void RunActions::stepEpoch() {
    if (m_bridge->isActive() || begin(true)) m_bridge->stepEpoch();
}

}  // namespace loom
