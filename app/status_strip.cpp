#include "app/status_strip.h"

#include <QHBoxLayout>
#include <QMouseEvent>
#include <QPainter>
#include <QUndoStack>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/sentence.h"
#include "core/base/shape.h"
#include "core/train/plan.h"
#include "widgets/bridge/activity.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/problems.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/runs/readiness_card.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {
constexpr int kMessageMilliseconds = 8000;
/// For every letter beyond a short line.
constexpr int kMillisecondsPerLetter = 50;
constexpr int kShortLine = 80;
constexpr int kWidestCard = 620;
constexpr int kWidestProblem = 260;
}  // namespace

StatusStrip::StatusStrip(DocumentController* controller, TrainingBridge* bridge, QWidget* parent)
    : QWidget(parent), m_controller(controller), m_bridge(bridge) {
    setFixedHeight(30);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 0, 14, 0);
    row->setSpacing(18);
    m_state = makeLabel({}, "good");
    m_problems = new ClickLabel({}, "danger");
    m_problems->setObjectName(QStringLiteral("problems"));
    m_remarks = new ClickLabel({}, "warning");
    m_remarks->setObjectName(QStringLiteral("remarks"));
    m_figures = new ElidedLabel;
    m_message = new ElidedLabel;
    m_environment = new ElidedLabel;
    m_work = new ElidedLabel;
    m_work->setObjectName(QStringLiteral("backgroundWork"));
    m_work->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_stopWork = makeIconButton(QStringLiteral("stop"), tr("Stop"));
    m_stopWork->setObjectName(QStringLiteral("stopBackgroundWork"));
    m_stopWork->setFixedSize(24, 24);
    m_stopWork->setFocusPolicy(Qt::TabFocus);
    for (ElidedLabel* label : {m_figures, m_message, m_environment, m_work})
        label->setProperty("role", QStringLiteral("small"));
    m_environment->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_zoom = new ClickLabel({}, "small");
    m_zoom->setToolTip(tr("Show the drawing at 100 %"));
    for (QLabel* label : {static_cast<QLabel*>(m_problems), static_cast<QLabel*>(m_remarks),
                          static_cast<QLabel*>(m_zoom)})
        label->setWordWrap(false);
    row->addWidget(m_state);
    row->addWidget(m_problems);
    row->addWidget(m_remarks);
    row->addWidget(m_figures, 1);
    row->addWidget(m_message, 1);
    row->addWidget(m_work);
    row->addWidget(m_stopWork);
    row->addWidget(m_environment, 1);
    row->addWidget(m_zoom);
    for (QLabel* label :
         {m_state, static_cast<QLabel*>(m_problems), static_cast<QLabel*>(m_remarks)})
        label->setFont(uiFont(12));
    m_message->hide();
    setZoomShown(false);

    m_messageTimer.setSingleShot(true);
    connect(&m_messageTimer, &QTimer::timeout, this, &StatusStrip::dropMessage);
    connect(m_problems, &ClickLabel::clicked, this, [this] {
        if (const Diagnostic* problem = foremostProblem(m_controller->report()))
            Q_EMIT problemChosen(*problem);
    });
    connect(&Activities::instance(), &Activities::changed, this, &StatusStrip::showWork);
    connect(m_stopWork, &QToolButton::clicked, this, [] {
        if (!Activities::instance().running().empty())
            Activities::instance().running().back()->stop();
    });
    connect(m_remarks, &ClickLabel::clicked, this, &StatusStrip::remarksChosen);
    connect(m_zoom, &ClickLabel::clicked, this, &StatusStrip::zoomClicked);
    const auto past = [this] {
        if (!m_fresh && !m_cause) dropMessage();
    };
    connect(m_controller->undoStack(), &QUndoStack::indexChanged, this, past);
    connect(m_bridge, &TrainingBridge::stateChanged, this, past);
    connect(m_bridge, &TrainingBridge::stateChanged, this, &StatusStrip::showState);
    connect(m_bridge, &TrainingBridge::runStarted, this, &StatusStrip::showState);
    connect(m_controller, &DocumentController::documentReset, this, [this] {
        dropMessage();
        showRemarks();
    });
    connect(m_controller, &DocumentController::reportChanged, this, &StatusStrip::documentChanged);
    showReport();
    showRemarks();
    showWork();
    showState();
    // The first look at LibTorch takes a while; the window comes first.
    QTimer::singleShot(0, this, &StatusStrip::showEnvironment);
}

void StatusStrip::documentChanged() {
    const std::vector<Diagnostic>& now = m_controller->report().diagnostics;
    const bool gone =
        m_cause && std::none_of(now.begin(), now.end(), [this](const Diagnostic& one) {
            return one.node == m_cause->node && one.message == m_cause->message;
        });
    if (m_refused || gone) dropMessage();
    showReport();
    showState();
    showEnvironment();
}

void StatusStrip::say(const QString& message, bool refused) {
    dropMessage();
    if (message.isEmpty()) return;
    m_text = message;
    m_refused = refused;
    showMessage();
    // What is said of an edit is said right behind it; the next one is another matter.
    m_fresh = true;
    QTimer::singleShot(0, this, [this] { m_fresh = false; });
    const auto letters = static_cast<int>(message.size());
    m_messageTimer.start(kMessageMilliseconds +
                         std::max(0, letters - kShortLine) * kMillisecondsPerLetter);
}

void StatusStrip::sayProblem(const Diagnostic& problem) {
    say(problemText(problem));
    m_cause = problem;
    showMessage();
}

void StatusStrip::showMessage() {
    if (m_text.isEmpty()) return;
    const QString role = m_cause     ? textRole(toneOf(*m_cause))
                         : m_refused ? QStringLiteral("warning")
                                     : QStringLiteral("small");
    m_message->setFullText(m_text);
    setStyleProperty(m_message, "role", role);
    m_figures->hide();
    m_message->show();
    layout()->activate();
    const bool fits = m_message->width() >= m_message->sizeHint().width();
    m_message->setVisible(fits);
    m_figures->setVisible(!fits);
    if (fits) {
        if (m_card) m_card->hide();
        return;
    }
    if (!m_card) {
        m_card = new QFrame(window());
        m_card->setObjectName(QStringLiteral("statusCard"));
        m_card->setToolTip(tr("Click to close"));
        m_card->installEventFilter(this);
        m_cardText = makeWrappedLabel({}, "", m_card);
        auto* column = new QVBoxLayout(m_card);
        column->setContentsMargins(14, 9, 14, 10);
        column->addWidget(m_cardText);
    }
    m_card->setProperty("card", m_cause && toneOf(*m_cause) == Tone::Danger
                                    ? QStringLiteral("danger")
                                    : QStringLiteral("true"));
    setStyleProperty(m_cardText, "role", role == QLatin1String("small") ? QString() : role);
    m_cardText->setText(m_text);
    placeCard();
    m_card->show();
    m_card->raise();
}

void StatusStrip::placeCard() {
    if (!m_card) return;
    m_cardText->ensurePolished();
    const int widest = std::min(kWidestCard, width() - 28) - 30;
    const int inner = std::min(widest, m_cardText->fontMetrics().horizontalAdvance(m_text) + 8);
    m_cardText->setFixedWidth(inner);
    m_cardText->setFixedHeight(m_cardText->heightForWidth(inner));
    const QSize size(inner + 30, m_cardText->height() + 21);
    const QPoint corner = mapTo(window(), QPoint(14, -6 - size.height()));
    m_card->setGeometry(QRect(corner, size));
}

void StatusStrip::dropMessage() {
    m_messageTimer.stop();
    m_text.clear();
    m_refused = false;
    m_cause.reset();
    m_message->hide();
    m_figures->show();
    if (m_card) m_card->hide();
}

QWidget* StatusStrip::messageCard() const {
    return m_card;
}

bool StatusStrip::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_card && event->type() == QEvent::MouseButtonRelease) {
        dropMessage();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void StatusStrip::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    showMessage();
}

void StatusStrip::moveEvent(QMoveEvent* event) {
    QWidget::moveEvent(event);
    placeCard();
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
    const ProjectReport& report = m_controller->report();
    // Ready is what a run could begin with now.
    const bool blocked = !m_bridge->isActive() && !(report.ok() && report.location.found);
    m_state->setVisible(!blocked);
    m_state->setText(QStringLiteral("● ") + text);
    setStyleProperty(m_state, "role", role);
}

void StatusStrip::showReport() {
    const ProjectReport& report = m_controller->report();
    int counts[4] = {};
    for (const Diagnostic& problem : report.diagnostics)
        ++counts[static_cast<int>(toneOf(problem))];
    const Diagnostic* first = foremostProblem(report);
    m_problems->setVisible(first);
    if (first) {
        const Tone tone = toneOf(*first);
        const int count = counts[static_cast<int>(tone)];
        const QString place =
            QString::fromStdString(first->node.empty() ? pageOf(*first) : first->node);
        QString text;
        if (tone == Tone::Danger)
            text = count == 1 ? tr("1 problem in %1").arg(place)
                              : tr("%1 problems in %2").arg(count).arg(place);
        else if (tone == Tone::Advice)
            text = count == 1 ? tr("not finished yet: %1").arg(place)
                              : tr("not finished yet: %1 and %2 more").arg(place).arg(count - 1);
        else if (!report.location.found && pageOf(*first) == "data")
            // What keeps a run from beginning is no remark.
            text = tr("the data is not on this machine yet");
        else
            text = count == 1 ? tr("1 remark in %1").arg(place)
                              : tr("%1 remarks in %2").arg(count).arg(place);
        m_problems->setText(toneSign(tone) + m_problems->fontMetrics().elidedText(
                                                 text, Qt::ElideMiddle, kWidestProblem));
        QStringList lines{problemText(*first)};
        lines << (first->fixes.empty()
                      ? tr("Click to go there")
                      : tr("Click to go there, or Alt+Enter: %1")
                            .arg(QString::fromStdString(first->fixes.front().label)));
        m_problems->setToolTip(lines.join(QLatin1Char('\n')));
        m_problems->setAccessibleName(text);
        setStyleProperty(m_problems, "role", textRole(tone));
    }
    const auto blocks = static_cast<std::int64_t>(m_controller->graph().nodes.size());
    m_figures->setFullText(
        (blocks == 1 ? tr("1 block") : tr("%1 blocks").arg(blocks)) + QStringLiteral("   ") +
        QString::fromStdString(counted(report.shapes.parameters, "parameter", "parameters")) +
        (report.ok() ? QString() : tr(" so far")));
}

void StatusStrip::showRemarks() {
    const auto count = m_controller->remarks().size();
    m_remarks->setVisible(count > 0);
    m_remarks->setText(count == 1 ? tr("▲ 1 note on the file")
                                  : tr("▲ %1 notes on the file").arg(count));
    m_remarks->setToolTip(tr("What reading the file had to say. Click to read it again."));
}

void StatusStrip::showWork() {
    const std::vector<Activity*>& running = Activities::instance().running();
    m_work->setVisible(!running.empty());
    m_stopWork->setVisible(!running.empty());
    if (running.empty()) return;
    m_work->setFullText(running.back()->text());
    m_stopWork->setToolTip(tr("Stop: %1").arg(running.back()->text()));
}

void StatusStrip::showEnvironment() {
    const TrainingSection& training = m_controller->project().training;
    const int threads = training.threads > 0 ? training.threads : defaultThreads();
    const Environment environment = currentEnvironment(threads, training.device);
    m_environment->setFullText(tr("seed %1 · ").arg(training.seed) +
                               QString::fromStdString(environment.toText()));
}

void StatusStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), tokens().surface);
    painter.setPen(tokens().hairline);
    painter.drawLine(0, 0, width(), 0);
}

}  // namespace loom
