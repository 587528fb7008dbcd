#include "widgets/runs/train_page.h"

#include <QDoubleValidator>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "core/base/shape.h"
#include "core/base/value.h"
#include "core/train/run_folder.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/problems.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/inspector/param_form.h"
#include "widgets/inspector/section_forms.h"
#include "widgets/plots/metric_chart.h"
#include "widgets/plots/run_curves.h"
#include "widgets/plots/schedule_plot.h"
#include "widgets/runs/batch_panel.h"
#include "widgets/runs/readiness_card.h"
#include "widgets/runs/start_weights.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr int kLabelWidth = 104;

QWidget* makePanel(QVBoxLayout*& column) {
    auto* panel = new QWidget;
    panel->setProperty("surface", QStringLiteral("panel"));
    panel->setAttribute(Qt::WA_StyledBackground);
    auto* content = new QWidget;
    column = new QVBoxLayout(content);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(10);
    auto* layout = new QVBoxLayout(panel);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(makeScrollColumn(content));
    return panel;
}

/// "SGD, lr 0.01, momentum 0.9, batch 64".
QString recipeText(const Project& project) {
    QString text = QString::fromStdString(project.training.optimizer.kind);
    for (const auto& [key, value] : project.training.optimizer.params)
        text += QStringLiteral(", %1 %2").arg(QString::fromStdString(key),
                                              QString::fromStdString(value.toText()));
    return text + QStringLiteral(", batch %1").arg(project.training.batchSize);
}

/// "Frozen: conv1, bn1. Of its own: fc1, lr 0.1." Empty when all blocks train alike.
QString groupsText(const TrainingSection& training) {
    constexpr int kNamed = 4;
    QStringList sentences;
    for (const ParameterGroup& group : training.parameterGroups) {
        QStringList blocks;
        for (const std::string& block : group.blocks) blocks << QString::fromStdString(block);
        QString text = blocks.mid(0, kNamed).join(QStringLiteral(", "));
        if (blocks.size() > kNamed)
            text += TrainPage::tr(" and %1 more").arg(blocks.size() - kNamed);
        if (group.frozen) {
            sentences << TrainPage::tr("Frozen: %1.").arg(text);
            continue;
        }
        QStringList own;
        for (const auto& [key, value] : group.params)
            own << QString::fromStdString(key + " " + value.toText());
        if (!own.isEmpty())
            sentences << TrainPage::tr("%1: %2.").arg(text, own.join(QStringLiteral(", ")));
    }
    if (sentences.isEmpty()) return {};
    return sentences.join(QLatin1Char(' ')) + QLatin1Char(' ') +
           TrainPage::tr("Change it in the inspector of the Design page.");
}

}  // namespace

TrainPage::TrainPage(DocumentController* controller, TrainingBridge* bridge, QWidget* parent)
    : QWidget(parent), m_controller(controller), m_bridge(bridge) {
    setProperty("surface", QStringLiteral("window"));
    setAttribute(Qt::WA_StyledBackground);
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(makeRecipe());
    m_splitter->addWidget(makeCentre());
    m_splitter->addWidget(makeSide());
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({316, 880, 220});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);

    connect(m_controller, &DocumentController::reportChanged, this, &TrainPage::reload);
    connect(m_bridge, &TrainingBridge::runStarted, this, [this] {
        const TrainingPlan& plan = m_bridge->session()->plan();
        runStarted(plan.project.training.batchSize, recipeText(plan.project));
        // Names come with the data set; the kind knows them before any file is read.
        if (const DatasetKind* kind = datasets().find(plan.project.data.dataset.kind))
            setClassNames(knownClasses(*kind, plan.project.data.dataset.params));
        if (!plan.options.resumeFrom.empty()) readEarlier(plan.options.resumeFrom);
    });
    connect(m_bridge, &TrainingBridge::eventsArrived, this, &TrainPage::takeEvents);
    connect(m_bridge, &TrainingBridge::batchShown, this,
            [this](const std::shared_ptr<const BatchSnapshot>& batch) { showBatch(*batch); });
    connect(m_bridge, &TrainingBridge::stateChanged, this, &TrainPage::stateChanged);
    connect(m_progressCard, &ProgressCard::exportAsked, this, &TrainPage::exportAsked);
    connect(m_progressCard, &ProgressCard::folderAsked, this, &TrainPage::runFolderAsked);
    connect(m_progressCard, &ProgressCard::resumeAsked, this, &TrainPage::resumeAsked);
    connect(m_readiness, &ReadinessCard::problemChosen, this, &TrainPage::problemChosen);
    connect(m_readiness, &ReadinessCard::dataWarningChosen, this, &TrainPage::dataWarningChosen);
    connect(m_readiness, &ReadinessCard::fixChosen, this,
            [this](const Fix& fix) { canvas_edits::applyFix(*m_controller, fix); });
    reload();
}

QWidget* TrainPage::makeRecipe() {
    QVBoxLayout* column = nullptr;
    QWidget* panel = makePanel(column);
    panel->setMinimumWidth(276);
    column->addWidget(makeLabel(tr("Recipe"), "heading"));
    for (const auto& subject : {lossSubject(), optimizerSubject(), schedulerSubject()}) {
        auto* form = new ChoiceForm(subject, m_controller);
        form->setLabelWidth(kLabelWidth);
        column->addWidget(form);
        m_choices.push_back(form);
        if (m_choices.size() == 2) {
            m_groups = makeWrappedLabel({}, "small");
            column->addWidget(m_groups);
        }
        if (m_choices.size() == 3) {
            m_schedule = new SchedulePlot;
            column->addWidget(m_schedule);
        }
        column->addWidget(makeLine());
    }
    auto* fields =
        new TrainingFieldsForm({"batch_size", "epochs", "seed", "device", "threads"}, m_controller);
    fields->setLabelWidth(kLabelWidth);
    m_fields.push_back(fields);
    column->addWidget(fields);
    m_start = new StartWeightsRow(m_controller);
    column->addWidget(m_start);
    m_readiness = new ReadinessCard;
    column->addWidget(m_readiness);
    column->addStretch(1);
    return panel;
}

QWidget* TrainPage::makeCentre() {
    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(14, 14, 14, 14);
    column->setSpacing(12);
    m_progressCard = new ProgressCard;
    m_curves = new RunCurves;
    column->addWidget(m_progressCard);
    column->addWidget(m_curves, 1);
    return centre;
}

QWidget* TrainPage::makeSide() {
    QVBoxLayout* column = nullptr;
    QWidget* panel = makePanel(column);
    panel->setMinimumWidth(170);
    m_batch = new BatchPanel(m_bridge);
    column->addWidget(m_batch);

    m_runCard = new Card;
    m_runCard->body()->addWidget(makeLabel(tr("This run"), "small"));
    m_runText = makeWrappedLabel({}, "strong");
    m_runCard->body()->addWidget(m_runText);
    m_rateRow = new QWidget;
    auto* row = new QHBoxLayout(m_rateRow);
    row->setContentsMargins(0, 0, 0, 0);
    auto* label = makeLabel(tr("lr now"), "muted");
    m_rate = new QLineEdit;
    m_rate->setProperty("mono", true);
    m_rate->setObjectName(QStringLiteral("liveRate"));
    m_rate->setToolTip(
        tr("Learning rate of the next steps; Enter sets it, and the curves mark the place"));
    auto* validator = new QDoubleValidator(0, 1e6, 12, m_rate);
    validator->setLocale(QLocale::c());
    m_rate->setValidator(validator);
    label->setBuddy(m_rate);
    row->addWidget(label);
    row->addWidget(m_rate, 1);
    m_runCard->body()->addWidget(m_rateRow);
    m_runCard->hide();
    column->addWidget(m_runCard);
    column->addStretch(1);
    connect(m_rate, &QLineEdit::returnPressed, this, [this] {
        bool ok = false;
        const double rate = QLocale::c().toDouble(m_rate->text(), &ok);
        if (!ok || !m_bridge->isActive()) return;
        m_bridge->setLearningRate(rate);
        m_curves->loss()->addEvent(static_cast<double>(m_progress.step()));
        m_curves->accuracy()->addEvent(static_cast<double>(m_progress.step()));
        m_rate->clearFocus();
    });
    return panel;
}

void TrainPage::reload() {
    for (ChoiceForm* form : m_choices) form->reload();
    for (TrainingFieldsForm* form : m_fields) form->reload();
    m_start->reload();
    // Where the answers are numbers there is nothing to name rightly.
    m_curves->accuracy()->setVisible(m_controller->report().target.type ==
                                     TargetSpec::Type::ClassIndex);
    const QString groups = groupsText(m_controller->project().training);
    m_groups->setText(groups);
    m_groups->setVisible(!groups.isEmpty());
    showSchedule();
    m_readiness->show(m_controller->project(), m_controller->report(), m_dataWarning,
                      m_controller->isReadOnly());
    if (!m_bridge->hasRun())
        m_progressCard->showIdle(
            !m_controller->report().ok() &&
                    toneOf(*foremostProblem(m_controller->report())) == Tone::Advice
                ? tr("The network is not finished yet")
            : !m_controller->report().ok()           ? tr("Something has to be mended first")
            : !m_controller->report().location.found ? tr("The data set is not on this machine yet")
                                                     : tr("Press Train and watch the curves"),
            m_controller->report().ok() && m_controller->report().location.found);
}

bool TrainPage::showProblem(const Diagnostic& problem) {
    const std::vector<Diagnostic>& all = m_controller->report().diagnostics;
    if (!m_readiness->lists(problem, all)) return false;
    for (QWidget* at = m_readiness->parentWidget(); at; at = at->parentWidget())
        if (auto* area = qobject_cast<QScrollArea*>(at)) {
            area->widget()->layout()->activate();
            area->ensureWidgetVisible(m_readiness, 0, 14);
            return true;
        }
    return false;
}

void TrainPage::showField(const QString& field) {
    const QString key = field.section(QLatin1Char('.'), 1, 1);
    if (key.isEmpty()) return;
    for (const ChoiceForm* form : m_choices)
        if (QWidget* editor = form->kindForm()->editor(key))
            return editor->setFocus(Qt::OtherFocusReason);
    for (const TrainingFieldsForm* form : m_fields)
        if (QWidget* editor = form->form()->editor(key))
            return editor->setFocus(Qt::OtherFocusReason);
}

void TrainPage::setDataWarning(const QString& line) {
    m_dataWarning = line;
    m_readiness->show(m_controller->project(), m_controller->report(), m_dataWarning,
                      m_controller->isReadOnly());
}

void TrainPage::showSchedule() {
    const Project& project = m_controller->project();
    const TrainingSection& training = project.training;
    if (!training.scheduler) {
        m_schedule->setCurve({}, 0);
        return;
    }
    std::int64_t batches = 0;
    QString note;
    if (stepsPerBatch(*training.scheduler)) {
        countSamples();
        if (m_countedSet == project.data.dataset && m_samples > 0)
            batches = training.dropLast ? m_samples / training.batchSize
                                        : (m_samples + training.batchSize - 1) / training.batchSize;
        note =
            batches > 0
                ? tr("An epoch has %1 batches.").arg(QString::fromStdString(groupDigits(batches)))
                : tr("Drawn for 100 batches an epoch, until the data has been counted.");
        if (batches == 0) batches = 100;
    }
    m_schedule->setCurve(drawSchedule(training, batches), training.epochs, note);
}

void TrainPage::countSamples() {
    const Choice dataset = m_controller->project().data.dataset;
    if (m_countedSet == dataset || !m_controller->report().location.found) return;
    m_countedSet = dataset;
    m_samples = 0;
    m_counting.start(
        [dataset](const std::atomic<bool>&) -> std::int64_t {
            const auto opened = openDataset(dataset.kind, dataset.params, Split::Train);
            return opened ? (*opened)->size() : 0;
        },
        [this](std::int64_t samples) {
            m_samples = samples;
            showSchedule();
        });
}

void TrainPage::runStarted(std::int64_t batchSize, const QString& recipe) {
    m_earlierJob.cancel();
    m_joining = false;
    m_held.clear();
    m_earlier.reset();
    m_progress.begin(batchSize);
    m_message.clear();
    m_hint.clear();
    m_curves->clear();
    m_run = m_curves->addRun();
    m_curves->setPictureTitle(QString::fromStdString(m_controller->project().name));
    m_batch->clear();
    m_runText->setText(recipe);
    m_runCard->show();
    m_rateRow->show();
    m_rate->clear();
    m_progressCard->showProgress(m_progress, {});
}

void TrainPage::takeEvents(const std::vector<RunEvent>& events) {
    if (m_run < 0) return;
    if (m_joining) {
        m_held.insert(m_held.end(), events.begin(), events.end());
        joinEarlier();
        return;
    }
    for (const RunEvent& event : events) {
        m_progress.add(event);
        if (event.type == RunEvent::Type::Failed || event.type == RunEvent::Type::Diverged) {
            m_message = QString::fromStdString(event.message);
            m_hint = QString::fromStdString(event.hint);
        }
    }
    m_curves->append(m_run, events);
    // Faster than anyone reads costs the training time.
    if (m_sinceShown.isValid() && m_sinceShown.elapsed() < 100) return;
    m_sinceShown.start();
    if (!m_rate->hasFocus() && !std::isnan(m_progress.learningRate()))
        m_rate->setText(QString::fromStdString(formatFloat(m_progress.learningRate(), false)));
    showState();
}

void TrainPage::readEarlier(const std::string& runFolder) {
    m_joining = true;
    m_earlierJob.start(
        [runFolder](const std::atomic<bool>&) {
            auto events = readRunEvents(runFolder);
            return events ? *std::move(events) : std::vector<RunEvent>();
        },
        [this](std::vector<RunEvent> events) {
            m_earlier = std::move(events);
            joinEarlier();
        });
}

void TrainPage::joinEarlier() {
    if (!m_earlier || m_held.empty()) return;
    m_joining = false;
    // The first one, Start, says where the run goes on; what was written behind that is trained
    // again.
    const RunEvent start = m_held.front();
    std::erase_if(*m_earlier, [&](const RunEvent& event) {
        return event.type == RunEvent::Type::Step ? event.step > start.step
                                                  : event.epoch >= start.epoch;
    });
    m_held.insert(m_held.begin() + 1, m_earlier->begin(), m_earlier->end());
    m_earlier.reset();
    takeEvents(std::exchange(m_held, {}));
    if (m_bridge->hasRun()) stateChanged(m_bridge->state());
}

void TrainPage::showFinished(const QString& status) {
    m_rateRow->hide();
    m_progressCard->showEnd(m_progress, status, m_message, m_hint, false);
}

void TrainPage::stateChanged(TrainingSession::State state) {
    m_rateRow->setVisible(state != TrainingSession::State::Ended);
    showState();
    if (state != TrainingSession::State::Ended) return;
    m_progressCard->showEnd(m_progress, QString::fromStdString(m_bridge->session()->status()),
                            m_message, m_hint, !m_bridge->session()->runFolder().empty());
}

void TrainPage::showState() {
    const TrainingSession::State state = m_bridge->state();
    if (state == TrainingSession::State::Ended) return;
    const bool quiet = state == TrainingSession::State::Running ||
                       state == TrainingSession::State::Starting ||
                       state == TrainingSession::State::Ready;
    m_progressCard->showProgress(m_progress,
                                 quiet ? QString() : QString::fromStdString(toText(state)));
}

void TrainPage::showBatch(const BatchSnapshot& batch) {
    m_batch->showLatest(batch);
}

void TrainPage::setClassNames(std::vector<std::string> names) {
    m_batch->setClassNames(std::move(names));
}

PreviewGrid* TrainPage::lastBatch() const {
    return m_batch->grid();
}

}  // namespace loom
