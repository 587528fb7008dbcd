#include "app/status_strip.h"

#include <QHBoxLayout>
#include <QPainter>

#include "core/base/shape.h"
#include "core/train/plan.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/runs/readiness_card.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {
constexpr int kMessageMilliseconds = 8000;
}

StatusStrip::StatusStrip(DocumentController* controller, TrainingBridge* bridge, QWidget* parent)
    : QWidget(parent), m_controller(controller), m_bridge(bridge) {
    setFixedHeight(30);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 0, 14, 0);
    row->setSpacing(18);
    m_state = makeLabel({}, "good");
    m_problems = new ClickLabel({}, "danger");
    m_problems->setWordWrap(false);
    m_problems->setObjectName(QStringLiteral("problems"));
    m_figures = makeLabel({}, "small");
    m_message = new ElidedLabel;
    m_message->setProperty("role", QStringLiteral("small"));
    m_environment = makeLabel({}, "small");
    m_zoom = new ClickLabel({}, "small");
    m_zoom->setToolTip(tr("Show the drawing at 100 %"));
    row->addWidget(m_state);
    row->addWidget(m_problems);
    row->addWidget(m_figures);
    row->addWidget(m_message, 1);
    row->addStretch();
    row->addWidget(m_environment);
    row->addWidget(m_zoom);
    for (QLabel* label : {m_state, static_cast<QLabel*>(m_problems), m_environment})
        label->setFont(uiFont(12));
    m_message->hide();
    setZoomShown(false);

    m_messageTimer.setSingleShot(true);
    connect(&m_messageTimer, &QTimer::timeout, this, [this] {
        m_message->hide();
        m_figures->show();
    });
    connect(m_problems, &ClickLabel::clicked, this, [this] {
        for (const Diagnostic& problem : m_controller->report().diagnostics)
            if (problem.severity != Severity::Info) {
                Q_EMIT problemChosen(problem);
                return;
            }
    });
    connect(m_zoom, &ClickLabel::clicked, this, &StatusStrip::zoomClicked);
    connect(m_bridge, &TrainingBridge::stateChanged, this, &StatusStrip::showState);
    connect(m_bridge, &TrainingBridge::runStarted, this, &StatusStrip::showState);
    connect(m_controller, &DocumentController::reportChanged, this, [this] {
        showReport();
        showState();
        showEnvironment();
    });
    showReport();
    showState();
    // The first look at LibTorch takes a while; the window comes first.
    QTimer::singleShot(0, this, &StatusStrip::showEnvironment);
}

void StatusStrip::say(const QString& message, bool refused) {
    static_cast<ElidedLabel*>(m_message)->setFullText(message);
    m_message->setToolTip(message);
    setStyleProperty(m_message, "role",
                     refused ? QStringLiteral("warning") : QStringLiteral("small"));
    m_message->show();
    m_figures->hide();
    m_messageTimer.start(kMessageMilliseconds);
}

QString StatusStrip::message() const {
    return m_message->isHidden() ? QString() : static_cast<ElidedLabel*>(m_message)->fullText();
}

void StatusStrip::setZoom(int percent) {
    m_zoom->setText(tr("%1 %").arg(percent));
}
void StatusStrip::setZoomShown(bool shown) {
    m_zoom->setVisible(shown);
}

void StatusStrip::showState() {
    using State = TrainingSession::State;
    const State state = m_bridge->state();
    QString text = tr("ready");
    QString role = QStringLiteral("good");
    if (m_bridge->isActive()) {
        text = QString::fromStdString(toText(state));
        if (state == State::Paused || state == State::Pausing || state == State::Stopping)
            role = QStringLiteral("warning");
    } else if (m_bridge->hasRun()) {
        text = QString::fromStdString(m_bridge->session()->status());
        if (text == QLatin1String("failed") || text == QLatin1String("diverged"))
            role = QStringLiteral("danger");
    }
    const bool blocked = !m_bridge->isActive() && !m_controller->report().ok();
    m_state->setVisible(!blocked);
    m_state->setText(QStringLiteral("● ") + text);
    setStyleProperty(m_state, "role", role);
}

void StatusStrip::showReport() {
    const ProjectReport& report = m_controller->report();
    int errors = 0;
    int warnings = 0;
    const Diagnostic* first = nullptr;
    for (const Diagnostic& problem : report.diagnostics) {
        if (problem.severity == Severity::Info) continue;
        (problem.severity == Severity::Error ? errors : warnings)++;
        if (!first) first = &problem;
    }
    m_problems->setVisible(first);
    if (first) {
        const int count = errors > 0 ? errors : warnings;
        QString text = errors > 0
                           ? (count == 1 ? tr("● 1 problem") : tr("● %1 problems").arg(count))
                           : (count == 1 ? tr("▲ 1 remark") : tr("▲ %1 remarks").arg(count));
        if (!first->node.empty())
            text += tr(" in %1").arg(QString::fromStdString(first->node));
        else
            text += tr(" in %1").arg(QString::fromStdString(first->section));
        m_problems->setText(text);
        m_problems->setToolTip(QString::fromStdString(first->message) + QLatin1Char('\n') +
                               tr("Click to go there"));
        setStyleProperty(m_problems, "role",
                         errors > 0 ? QStringLiteral("danger") : QStringLiteral("warning"));
    }
    const auto blocks = static_cast<std::int64_t>(m_controller->graph().nodes.size());
    m_figures->setText(
        (blocks == 1 ? tr("1 block") : tr("%1 blocks").arg(blocks)) +
        tr("   %1 parameters").arg(QString::fromStdString(groupDigits(report.shapes.parameters))) +
        (errors > 0 ? tr(" so far") : QString()));
}

void StatusStrip::showEnvironment() {
    const TrainingSection& training = m_controller->project().training;
    const int threads = training.threads > 0 ? training.threads : defaultThreads();
    const Environment environment = currentEnvironment(threads, training.device);
    m_environment->setText(tr("seed %1 · ").arg(training.seed) +
                           QString::fromStdString(environment.toText()));
}

void StatusStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), tokens().surface);
    painter.setPen(tokens().hairline);
    painter.drawLine(0, 0, width(), 0);
}

}  // namespace loom
