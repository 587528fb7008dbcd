#include "widgets/data/transforms_view.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "core/check/problem_place.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/sample_inspector.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transform_strip.h"
#include "widgets/style/controls.h"
#include "widgets/style/row_fit.h"

namespace loom {

namespace {

constexpr int kColumns = 10;
constexpr int kRows = 4;

QPushButton* makeTab(const QString& text, QButtonGroup* group, bool checked) {
    QPushButton* button = makeButton(text, ButtonKind::Ghost);
    button->setCheckable(true);
    button->setChecked(checked);
    group->addButton(button);
    return button;
}

}  // namespace

TransformsView::TransformsView(DocumentController* controller, DatasetPanel* dataset,
                               StepPanel* stepPanel, QWidget* parent)
    : QWidget(parent), m_controller(controller), m_dataset(dataset), m_stepPanel(stepPanel) {
    build();
    // Typing must not start a preview for every letter.
    m_delay = new QTimer(this);
    m_delay->setSingleShot(true);
    m_delay->setInterval(40);
    connect(m_delay, &QTimer::timeout, this, &TransformsView::startPreview);
    connect(m_dataset, &DatasetPanel::statisticsWanted, this, &TransformsView::useStatistics);
    connect(m_controller, &DocumentController::reportChanged, this,
            &TransformsView::documentChanged);
    connect(m_controller, &DocumentController::documentReset, this, [this] {
        m_sample = 0;
        m_roll = 0;
        m_ownSample.reset();
        documentChanged();
        selectStep(static_cast<int>(stepsOf(m_controller->project(), m_split).size()) - 1);
    });
    connect(m_strip, &TransformStrip::selectionChanged, this, [this](int card) {
        m_stepPanel->setStep(m_split, card - 1);
        showProblems();
    });
    connect(m_strip, &TransformStrip::moveAsked, this, &TransformsView::moveStep);
    connect(m_strip, &TransformStrip::removeAsked, this, &TransformsView::removeStep);
    connect(m_strip, &TransformStrip::duplicateAsked, this, &TransformsView::duplicateStep);
    connect(m_stepPanel, &StepPanel::fixChosen, this, &TransformsView::applyFix);
    connect(m_grid, &PreviewGrid::clicked, this, [this](int cell) {
        if (cell < static_cast<int>(m_preview.cells.size()))
            inspect(m_preview.cells[static_cast<std::size_t>(cell)]);
    });
    connect(m_rolls, &PreviewGrid::clicked, this, [this](int cell) {
        if (cell < static_cast<int>(m_preview.rolls.size()))
            inspect(m_preview.rolls[static_cast<std::size_t>(cell)]);
    });
    documentChanged();
}

TransformsView::~TransformsView() = default;

bool TransformsView::isComputing() const {
    return m_delay->isActive() || m_job.isRunning();
}

void TransformsView::followSample(Split split, std::int64_t sample) {
    if (split != m_split) setSplit(split);
    m_ownSample.reset();
    m_sample = sample;
    requestPreview();
}

void TransformsView::showOwn(SampleInput input, const QString& name) {
    // Colour or grey as the data set's pictures are.
    const auto& spec = m_controller->report().sampleSpec;
    if (auto* picture = std::get_if<Picture>(&input);
        picture && spec && !spec->dims.empty() && (spec->dims[0] == 1 || spec->dims[0] == 3))
        *picture = convertChannels(*picture, static_cast<int>(spec->dims[0]));
    m_ownSample = std::move(input);
    m_ownName = name;
    requestPreview();
}

void TransformsView::build() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 14);
    column->setSpacing(12);
    column->addWidget(makeStripCard());
    column->addWidget(makeGridCard(), 1);
}

Card* TransformsView::makeStripCard() {
    auto* card = new Card;
    auto* heading = new QHBoxLayout;
    heading->setSpacing(6);
    heading->addWidget(makeLabel(tr("Transforms"), "strong"));
    m_own = makeButton(tr("Back to the data set"), ButtonKind::Ghost, QStringLiteral("undo"));
    m_own->setObjectName(QStringLiteral("leaveOwn"));
    m_own->setToolTip(tr("The picture shown is your own and not part of the data set"));
    m_own->hide();
    heading->addWidget(m_own);
    heading->addStretch(1);
    auto* splits = new QButtonGroup(this);
    m_train = makeTab(tr("For training"), splits, true);
    m_test = makeTab(tr("For test"), splits, false);
    m_copy = makeButton(tr("Copy training to test"), ButtonKind::Ghost, QStringLiteral("copy"));
    m_copy->setToolTip(
        tr("Replaces the test list by the steps of training that draw no random numbers"));
    m_add = makeButton(tr("Add"), ButtonKind::Secondary, QStringLiteral("plus"));
    m_add->setObjectName(QStringLiteral("addTransform"));
    for (QPushButton* button : {m_train, m_test, m_copy, m_add}) heading->addWidget(button);
    card->body()->addLayout(heading);
    new RowFit(card, heading, {m_add, m_own, m_copy});
    m_strip = new TransformStrip;
    card->body()->addWidget(makeStripScroll(m_strip));
    m_problem = makeWrappedLabel({}, "danger");
    m_problem->hide();
    card->body()->addWidget(m_problem);
    m_fixRow = new QWidget;
    auto* fixes = new QHBoxLayout(m_fixRow);
    fixes->setContentsMargins(0, 0, 0, 0);
    fixes->setSpacing(6);
    fixes->addStretch(1);
    m_fixRow->hide();
    card->body()->addWidget(m_fixRow);
    connect(m_train, &QPushButton::clicked, this, [this] { setSplit(Split::Train); });
    connect(m_test, &QPushButton::clicked, this, [this] { setSplit(Split::Test); });
    connect(m_copy, &QPushButton::clicked, this, &TransformsView::copyTrainToTest);
    connect(m_add, &QPushButton::clicked, this, &TransformsView::openPicker);
    connect(m_own, &QPushButton::clicked, this, [this] { followSample(m_split, m_sample); });
    return card;
}

QWidget* TransformsView::makeViewTabs() {
    struct Tab {
        QString name;
        QString toolTip;
        View view;
    };
    const Tab tabs[] = {
        {tr("Before"), tr("The pictures before any step"), View::Before},
        {tr("After"), tr("After all steps, with Normalize undone for the eye"), View::Shown},
        {tr("Raw"), tr("The very numbers the network gets: its smallest black, its largest white"),
         View::Raw}};
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    auto* views = new QButtonGroup(this);
    for (const Tab& tab : tabs) {
        QPushButton* button = makeTab(tab.name, views, tab.view == View::Shown);
        button->setToolTip(tab.toolTip);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, view = tab.view] {
            m_view = view;
            showStrip();
            showGrid();
        });
    }
    return row;
}

Card* TransformsView::makeGridCard() {
    auto* card = new Card;
    auto* heading = new QHBoxLayout;
    heading->setSpacing(6);
    auto* title = new ElidedLabel(tr("What the network will see"));
    title->setProperty("role", QStringLiteral("strong"));
    card->body()->addWidget(title);
    heading->addWidget(makeViewTabs());
    heading->addStretch(1);
    QPushButton* roll = makeButton(tr("Roll again"), ButtonKind::Secondary, QStringLiteral("dice"));
    roll->setObjectName(QStringLiteral("rollAgain"));
    roll->setToolTip(tr("Draws the random steps anew, and other pictures (R)"));
    heading->addWidget(roll);
    heading->addWidget(new KeyCap(QStringLiteral("R")));
    card->body()->addLayout(heading);
    new RowFit(card, heading, {roll});
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    m_rollsTitle = makeWrappedLabel({}, "small");
    m_rolls = new PreviewGrid(kColumns);
    m_gridTitle = makeWrappedLabel({}, "small");
    m_grid = new PreviewGrid(kColumns);
    m_grid->setEmptyText(tr("Pictures of the data set will appear here"));
    for (QWidget* part : {static_cast<QWidget*>(m_rollsTitle), static_cast<QWidget*>(m_rolls),
                          static_cast<QWidget*>(m_gridTitle), static_cast<QWidget*>(m_grid)})
        column->addWidget(part);
    column->addStretch(1);
    m_rollsTitle->hide();
    m_rolls->hide();
    card->body()->addWidget(makeScrollColumn(content), 1);
    connect(roll, &QPushButton::clicked, this, &TransformsView::rollAgain);
    return card;
}

void TransformsView::setSplit(Split split) {
    m_split = split;
    (split == Split::Train ? m_train : m_test)->setChecked(true);
    m_sample = 0;
    m_strip->setSelected(0);
    documentChanged();
}

void TransformsView::inspect(const PreviewCell& cell) {
    if (!m_inspector) {
        m_inspector = new SampleInspector(this);
        connect(m_inspector, &SampleInspector::followAsked, this, &TransformsView::followSample);
    }
    const Project& project = m_controller->project();
    LookRequest request;
    request.splits.dataset = project.data.dataset;
    request.split = m_split;
    request.steps = stepsOf(project, m_split);
    request.seed = static_cast<std::uint64_t>(project.training.seed);
    request.epoch = cell.epoch;
    request.index = cell.index;
    if (cell.index < 0) {
        request.own = m_ownSample;
        request.ownName = m_ownName;
    }
    m_inspector->look(request);
}

void TransformsView::selectStep(int step) {
    m_strip->setSelected(step + 1);
    m_stepPanel->setStep(m_split, step);
    showProblems();
}

void TransformsView::rollAgain() {
    m_roll += kColumns;
    requestPreview();
}

void TransformsView::documentChanged() {
    m_copy->setVisible(m_split == Split::Train);
    showStrip();
    m_stepPanel->setStep(m_split, m_strip->selected() - 1);
    showProblems();
    requestPreview();
}

void TransformsView::requestPreview() {
    m_stale = true;
    if (isVisible()) m_delay->start();
}

void TransformsView::startPreview() {
    m_stale = false;
    const Project& project = m_controller->project();
    m_own->setVisible(m_ownSample.has_value());
    if (!m_controller->report().location.found && !m_ownSample) {
        m_job.cancel();
        m_preview = {};
        showPreview();
        return;
    }
    PreviewRequest request;
    request.dataset = project.data.dataset;
    request.steps = stepsOf(project, m_split);
    request.split = m_split;
    request.seed = static_cast<std::uint64_t>(project.training.seed);
    request.roll = m_roll;
    request.sample = m_sample;
    request.columns = kColumns;
    request.rows = kRows;
    if (m_ownSample) {
        request.own = m_ownSample;
        request.ownName = m_ownName;
        request.sample = 0;
    }
    if (m_preview.stages.empty()) m_grid->setEmptyText(tr("Reading pictures…"));
    m_job.start(
        [request](const std::atomic<bool>& cancelled) {
            return computePreview(request, cancelled);
        },
        [this](PreviewResult result) {
            m_preview = std::move(result);
            showPreview();
        });
}

void TransformsView::showPreview() {
    m_grid->setEmptyText(!m_controller->report().location.found
                             ? tr("The pictures of this data set are not on this machine yet.\nThe "
                                  "panel on the left says how to get them.")
                             : tr("No picture comes out of these steps yet."));
    showStrip();
    showGrid();
    showProblems();
}

const QImage& TransformsView::chosenView(const PreviewPicture& picture) const {
    return m_view == View::Raw      ? picture.raw
           : m_view == View::Before ? picture.before
                                    : picture.shown;
}

StripCard TransformsView::sourceCard() const {
    StripCard card;
    const auto& spec = m_controller->report().sampleSpec;
    card.title = m_ownSample              ? tr("your picture")
                 : spec && spec->isTensor ? tr("sample")
                                          : tr("picture");
    card.toolTip =
        tr("The picture as it lies in the data set. Drop a picture of your own here to "
           "see what the steps make of it.");
    return card;
}

StripCard TransformsView::stepCard(const Choice& step) const {
    StripCard card;
    card.title = q(step.kind);
    const TransformKind* kind = transforms().find(step.kind);
    if (kind && kind->badge) card.badge = q(kind->badge(Settings(kind->params, step.params)));
    for (const Choice& inner : innerSteps(step)) card.inner << q(inner.kind);
    card.failed = !kind;
    card.toolTip = kind ? card.title + QLatin1Char(' ') + q(kind->info.summary) +
                              QStringLiteral("\n") + tr("Compared with torchvision: ") +
                              q(kind->fidelity)
                        : tr("Not known to this version");
    return card;
}

void TransformsView::showStrip() {
    const std::vector<Choice>& steps = stepsOf(m_controller->project(), m_split);
    const ProjectReport& report = m_controller->report();
    const int failed =
        (m_split == Split::Train ? report.trainPipeline : report.testPipeline).failedStep;
    const auto chosen = [&](const PreviewPicture& picture) {
        return m_view == View::Raw ? picture.raw : picture.shown;
    };
    std::vector<StripCard> cards{sourceCard()};
    for (const Choice& step : steps) cards.push_back(stepCard(step));
    for (std::size_t i = 0; i < cards.size(); ++i) {
        StripCard& card = cards[i];
        const int step = static_cast<int>(i) - 1;
        card.failed =
            card.failed || (step >= 0 && (failed == step || m_preview.failedStep == step));
        if (card.failed || i >= m_preview.stages.size() || (failed >= 0 && step >= failed))
            continue;
        const PreviewStage& stage = m_preview.stages[i];
        card.caption = step < 0 ? m_preview.className : stage.size;
        if (step < 0) card.badge = stage.size;
        card.draws = stage.draws;
        card.picture = chosen(stage.picture);
        for (const PreviewPicture& view : stage.others) card.others.push_back(chosen(view));
        if (!stage.draws.isEmpty()) card.toolTip += QStringLiteral("\n") + stage.draws;
    }
    m_strip->setCards(std::move(cards));
}

void TransformsView::showGrid() {
    const auto fill = [this](PreviewGrid* grid, const std::vector<PreviewCell>& from, bool epochs) {
        std::vector<PreviewGrid::Cell> cells;
        for (const PreviewCell& cell : from) {
            QStringList lines;
            lines << (cell.index < 0 ? cell.className
                                     : tr("%1, sample %2").arg(cell.className).arg(cell.index));
            if (epochs) lines << tr("draws of epoch %1").arg(cell.epoch + 1);
            for (const QString& more : {cell.columns, cell.draws})
                if (!more.isEmpty()) lines << more;
            lines << tr("Click to look closely");
            cells.push_back({chosenView(cell.picture),
                             epochs ? tr("epoch %1").arg(cell.epoch + 1) : cell.className,
                             lines.join(QLatin1Char('\n'))});
        }
        grid->setCells(std::move(cells));
    };
    fill(m_rolls, m_preview.rolls, true);
    fill(m_grid, m_preview.cells, false);
    const bool rolls = !m_preview.rolls.empty();
    m_rolls->setVisible(rolls);
    m_rollsTitle->setVisible(rolls);
    m_rollsTitle->setText(tr("The same sample, as %1 epochs draw it").arg(kColumns));
    m_gridTitle->setVisible(!m_preview.cells.empty());
    m_gridTitle->setText(rolls
                             ? tr("Different samples")
                             : tr("Different samples; no step draws, so every epoch sees them so"));
}

bool TransformsView::hasProblem(Split split) const {
    const std::string field =
        split == Split::Train ? "data.train_transforms" : "data.test_transforms";
    const auto& all = m_controller->report().diagnostics;
    return std::any_of(all.begin(), all.end(), [&](const Diagnostic& one) {
        return one.severity == Severity::Error && liesIn(one, field);
    });
}

/// What is wrong with the list that is shown as a whole.
void TransformsView::showListProblem(QString& message, QString& hint) const {
    const std::string field =
        m_split == Split::Train ? "data.train_transforms" : "data.test_transforms";
    for (const Diagnostic& one : m_controller->report().diagnostics)
        if (one.section == field && one.severity == Severity::Error) {
            message = q(one.message);
            hint = q(one.hint);
            return;
        }
}

void TransformsView::showProblems() {
    const ProjectReport& report = m_controller->report();
    m_train->setText(hasProblem(Split::Train) ? tr("For training !") : tr("For training"));
    m_test->setText(hasProblem(Split::Test) ? tr("For test !") : tr("For test"));
    const PipelineInference& inference =
        m_split == Split::Train ? report.trainPipeline : report.testPipeline;
    m_fixes.clear();
    if (report.sampleSpec && !m_controller->isReadOnly())
        m_fixes = pipelineFixes(stepsOf(m_controller->project(), m_split), *report.sampleSpec);
    QString message;
    QString hint;
    int step = inference.failedStep;
    if (step >= 0) {
        message = q(inference.problem.message);
        hint = q(inference.problem.hint);
    } else if (!m_preview.problem.isEmpty()) {
        step = m_preview.failedStep;
        message = m_preview.problem;
        hint = m_preview.hint;
    } else {
        // Every step fits, but a network cannot take what comes out.
        showListProblem(message, hint);
    }
    const bool here = step >= 0 && step == m_strip->selected() - 1;
    QStringList labels;
    for (const PipelineFix& fix : m_fixes) labels << q(fix.label);
    m_stepPanel->setProblem(here ? message : QString(), here ? hint : QString(),
                            here ? labels : QStringList());
    m_problem->setText(hint.isEmpty() ? message : message + QLatin1Char(' ') + hint);
    m_problem->setVisible(!message.isEmpty());
    showFixes(message);
}

void TransformsView::showFixes(const QString& message) {
    auto* row = qobject_cast<QHBoxLayout*>(m_fixRow->layout());
    const int wanted = message.isEmpty() ? 0 : static_cast<int>(m_fixes.size());
    // The last of the row is its stretch.
    while (row->count() - 1 > wanted) {
        QLayoutItem* item = row->takeAt(0);
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    while (row->count() - 1 < wanted) {
        const int fix = row->count() - 1;
        QPushButton* button = makeButton({});
        button->setObjectName(QStringLiteral("stripFix%1").arg(fix));
        connect(button, &QPushButton::clicked, this, [this, fix] { applyFix(fix); });
        row->insertWidget(fix, button);
    }
    for (int i = 0; i < wanted; ++i)
        qobject_cast<QPushButton*>(row->itemAt(i)->widget())
            ->setText(q(m_fixes[static_cast<std::size_t>(i)].label));
    m_fixRow->setVisible(wanted > 0);
}

void TransformsView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) m_delay->start();
}

}  // namespace loom
