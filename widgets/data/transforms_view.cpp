#include "widgets/data/transforms_view.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>

#include "widgets/bridge/document_controller.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/preview_grid.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transform_strip.h"
#include "widgets/style/controls.h"

namespace loom {

namespace {

constexpr int kColumns = 10;
constexpr int kRows = 4;

/// Cuts its content where it ends instead of showing a bar for it: the strip scrolls sideways.
QScrollArea* makeSidewaysScroll(QWidget* content, int height) {
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setWidget(content);
    area->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFixedHeight(height);
    area->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    return area;
}

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
        documentChanged();
        selectStep(static_cast<int>(stepsOf(m_controller->project(), m_split).size()) - 1);
    });
    connect(m_strip, &TransformStrip::selectionChanged, this, [this](int card) {
        m_stepPanel->setStep(m_split, card - 1);
        showProblems();
    });
    connect(m_strip, &TransformStrip::moveAsked, this, &TransformsView::moveStep);
    connect(m_strip, &TransformStrip::removeAsked, this, &TransformsView::removeStep);
    connect(m_grid, &PreviewGrid::clicked, this, [this](int cell) {
        if (cell >= static_cast<int>(m_preview.cells.size())) return;
        followSample(m_split, m_preview.cells[static_cast<std::size_t>(cell)].index);
    });
    documentChanged();
}

TransformsView::~TransformsView() = default;

bool TransformsView::isComputing() const {
    return m_delay->isActive() || m_job.isRunning();
}

void TransformsView::followSample(Split split, std::int64_t sample) {
    if (split != m_split) setSplit(split);
    m_sample = sample;
    requestPreview();
}

void TransformsView::build() {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 14);
    column->setSpacing(12);

    auto* stripCard = new Card;
    auto* heading = new QHBoxLayout;
    heading->setSpacing(6);
    m_title = makeLabel(tr("Transforms"), "strong");
    heading->addWidget(m_title);
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
    stripCard->body()->addLayout(heading);
    m_strip = new TransformStrip;
    QScrollArea* area = makeSidewaysScroll(m_strip, m_strip->sizeHint().height() + 12);
    stripCard->body()->addWidget(area);
    m_problem = makeWrappedLabel({}, "danger");
    m_problem->hide();
    stripCard->body()->addWidget(m_problem);
    column->addWidget(stripCard);
    connect(m_strip, &TransformStrip::selectionChanged, area, [this, area](int card) {
        if (card >= 0 && card < static_cast<int>(m_strip->cards().size()))
            area->ensureVisible(m_strip->cardRect(card).center().x(), 0, 120, 0);
    });

    auto* gridCard = new Card;
    auto* gridHeading = new QHBoxLayout;
    gridHeading->setSpacing(6);
    gridHeading->addWidget(makeLabel(tr("What the network will see"), "strong"));
    m_note = new ElidedLabel;
    m_note->setProperty("role", QStringLiteral("small"));
    m_note->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    gridHeading->addWidget(m_note, 1);
    m_note->setToolTip(
        tr("With random steps, the first row shows one picture as ten epochs would see it"));
    gridHeading->addSpacing(6);
    auto* views = new QButtonGroup(this);
    const std::pair<const char*, View> names[] = {
        {"Before", View::Before}, {"After", View::Shown}, {"Raw", View::Raw}};
    const char* hints[] = {
        "The pictures before any step", "After all steps, with Normalize undone for the eye",
        "The very numbers the network gets: its smallest black, its largest white"};
    int hint = 0;
    for (const auto& [name, view] : names) {
        QPushButton* tab = makeTab(tr(name), views, view == View::Shown);
        tab->setToolTip(tr(hints[hint++]));
        gridHeading->addWidget(tab);
        connect(tab, &QPushButton::clicked, this, [this, view = view] {
            m_view = view;
            showStrip();
            showGrid();
        });
    }
    QPushButton* roll = makeButton(tr("Roll again"), ButtonKind::Secondary, QStringLiteral("dice"));
    roll->setObjectName(QStringLiteral("rollAgain"));
    roll->setToolTip(tr("Draws the random steps anew, and other pictures (R)"));
    gridHeading->addWidget(roll);
    gridHeading->addWidget(new KeyCap(QStringLiteral("R")));
    gridCard->body()->addLayout(gridHeading);
    m_grid = new PreviewGrid(kColumns);
    m_grid->setEmptyText(tr("Pictures of the data set will appear here"));
    gridCard->body()->addWidget(makeScrollColumn(m_grid), 1);
    column->addWidget(gridCard, 1);

    connect(m_train, &QPushButton::clicked, this, [this] { setSplit(Split::Train); });
    connect(m_test, &QPushButton::clicked, this, [this] { setSplit(Split::Test); });
    connect(m_copy, &QPushButton::clicked, this, &TransformsView::copyTrainToTest);
    connect(m_add, &QPushButton::clicked, this, &TransformsView::openPicker);
    connect(roll, &QPushButton::clicked, this, &TransformsView::rollAgain);
}

void TransformsView::setSplit(Split split) {
    m_split = split;
    (split == Split::Train ? m_train : m_test)->setChecked(true);
    m_sample = 0;
    m_strip->setSelected(0);
    documentChanged();
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
    if (!m_controller->report().location.found) {
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

void TransformsView::showStrip() {
    const std::vector<Choice>& steps = stepsOf(m_controller->project(), m_split);
    const ProjectReport& report = m_controller->report();
    const int failed =
        (m_split == Split::Train ? report.trainPipeline : report.testPipeline).failedStep;
    std::vector<StripCard> cards;
    const auto picture = [&](std::size_t stage) -> const PreviewStage* {
        return stage < m_preview.stages.size() ? &m_preview.stages[stage] : nullptr;
    };
    StripCard source;
    const auto& spec = m_controller->report().sampleSpec;
    source.title = spec && spec->isTensor ? tr("sample") : tr("picture");
    source.toolTip = tr(
        "The picture as it lies in the data set; click one below to follow it through the steps");
    if (const PreviewStage* stage = picture(0)) {
        source.badge = stage->size;
        source.caption = m_preview.className;
        source.picture = m_view == View::Raw ? stage->picture.raw : stage->picture.shown;
    }
    cards.push_back(std::move(source));
    for (std::size_t i = 0; i < steps.size(); ++i) {
        StripCard card;
        card.title = QString::fromStdString(steps[i].kind);
        const TransformKind* kind = transforms().find(steps[i].kind);
        if (kind && kind->badge)
            card.badge =
                QString::fromStdString(kind->badge(Settings(kind->params, steps[i].params)));
        card.failed =
            failed == static_cast<int>(i) || m_preview.failedStep == static_cast<int>(i) || !kind;
        card.toolTip =
            kind ? card.title + QLatin1Char(' ') + QString::fromStdString(kind->info.summary)
                 : tr("Not known to this version");
        const PreviewStage* stage = picture(i + 1);
        if (stage && !card.failed && (failed < 0 || static_cast<int>(i) < failed)) {
            card.caption = stage->caption;
            card.picture = m_view == View::Raw ? stage->picture.raw : stage->picture.shown;
        }
        cards.push_back(std::move(card));
    }
    m_strip->setCards(std::move(cards));
}

void TransformsView::showGrid() {
    std::vector<PreviewGrid::Cell> cells;
    for (const PreviewCell& cell : m_preview.cells)
        cells.push_back({chosenView(cell.picture), cell.className,
                         tr("%1, picture %2 of the data set").arg(cell.className).arg(cell.index)});
    m_grid->setCells(std::move(cells));
    bool random = false;
    for (const Choice& step : stepsOf(m_controller->project(), m_split))
        if (const TransformKind* kind = transforms().find(step.kind))
            random = random || kind->random;
    m_note->setFullText(m_preview.cells.empty() ? QString()
                        : random                ? tr("first row: one picture")
                                                : tr("no random step"));
}

void TransformsView::showProblems() {
    const ProjectReport& report = m_controller->report();
    m_train->setText(report.trainPipeline.failedStep < 0 ? tr("For training")
                                                         : tr("For training !"));
    m_test->setText(report.testPipeline.failedStep < 0 ? tr("For test") : tr("For test !"));
    const PipelineInference& inference =
        m_split == Split::Train ? report.trainPipeline : report.testPipeline;
    QString message;
    QString hint;
    int step = inference.failedStep;
    if (step >= 0) {
        message = QString::fromStdString(inference.problem.message);
        hint = QString::fromStdString(inference.problem.hint);
    } else if (!m_preview.problem.isEmpty()) {
        step = m_preview.failedStep;
        message = m_preview.problem;
        hint = m_preview.hint;
    }
    const bool here = step >= 0 && step == m_strip->selected() - 1;
    m_stepPanel->setProblem(here ? message : QString(), here ? hint : QString());
    m_problem->setText(hint.isEmpty() ? message : message + QLatin1Char(' ') + hint);
    m_problem->setVisible(!message.isEmpty());
}

void TransformsView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) m_delay->start();
}

}  // namespace loom
