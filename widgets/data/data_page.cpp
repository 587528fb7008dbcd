#include "widgets/data/data_page.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "core/data/transform.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/data/check_panel.h"
#include "widgets/data/dataset_browser.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/load_panel.h"
#include "widgets/data/step_kinds.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transforms_view.h"
#include "widgets/style/segmented.h"

namespace loom {

DataPage::DataPage(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    setProperty("surface", QStringLiteral("window"));
    setAttribute(Qt::WA_StyledBackground);
    setFocusPolicy(Qt::ClickFocus);
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_dataset = new DatasetPanel(controller);
    m_stepPanel = new StepPanel(controller);
    m_transforms = new TransformsView(controller, m_dataset, m_stepPanel);
    m_browser = new DatasetBrowser(controller);
    m_check = new CheckPanel(controller);
    m_load = new LoadPanel(controller);
    m_dataset->setMinimumWidth(310);
    m_stepPanel->setMinimumWidth(236);

    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_tabs = new SegmentedControl;
    m_stack = new QStackedWidget;
    auto* row = new QHBoxLayout;
    row->setContentsMargins(14, 12, 14, 0);
    row->addWidget(m_tabs);
    row->addStretch(1);
    column->addLayout(row);
    column->addWidget(m_stack, 1);
    addView(QStringLiteral("transforms"), tr("Transforms"),
            tr("What happens to the pictures before the network receives them"), m_transforms,
            [this] { return m_transforms->isComputing(); });
    addView(QStringLiteral("browse"), tr("Browse"), tr("Look through the data set as it lies"),
            m_browser, [this] { return m_browser->isComputing(); });
    addView(QStringLiteral("check"), tr("Check"),
            tr("Look for unreadable files, duplicates, wrong labels and numbers that do not fit"),
            m_check, [this] { return m_check->isComputing(); });
    addView(QStringLiteral("load"), tr("Split && load"),
            tr("What to learn from, what to judge by, and how the samples are fed"), m_load,
            [this] { return m_load->isComputing(); });

    m_splitter->addWidget(m_dataset);
    m_splitter->addWidget(centre);
    m_splitter->addWidget(m_stepPanel);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({310, 860, 304});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);

    connect(m_tabs, &SegmentedControl::chosen, this, &DataPage::showView);
    connect(m_controller, &DocumentController::reportChanged, m_dataset, &DatasetPanel::reload);
    connect(m_controller, &DocumentController::documentReset, m_dataset, &DatasetPanel::reload);
    connect(m_browser, &DatasetBrowser::followAsked, this, [this](Split split, qint64 sample) {
        m_transforms->followSample(split, sample);
        showView(QStringLiteral("transforms"));
    });
    connect(m_check, &CheckPanel::samplesAsked, this,
            [this](const QString& title, const std::vector<BrowserItem>& items) {
                showView(QStringLiteral("browse"));
                m_browser->showSamples(title, items);
            });
    showView(QStringLiteral("transforms"));
}

DataPage::~DataPage() = default;

void DataPage::addView(const QString& id, const QString& title, const QString& toolTip,
                       QWidget* view, std::function<bool()> isComputing) {
    m_views.push_back({id, std::move(isComputing)});
    m_tabs->addSegment(id, title, toolTip);
    m_stack->addWidget(view);
}

void DataPage::showView(const QString& id) {
    const auto found = std::find_if(m_views.begin(), m_views.end(),
                                    [&](const View& view) { return view.id == id; });
    if (found == m_views.end()) return;
    m_tabs->setCurrent(id);
    m_stack->setCurrentIndex(static_cast<int>(found - m_views.begin()));
    m_stepPanel->setVisible(m_stack->currentWidget() == m_transforms);
}

QString DataPage::shownView() const {
    return m_tabs->current();
}

bool DataPage::isComputing() const {
    return m_dataset->isMeasuring() ||
           std::any_of(m_views.begin(), m_views.end(),
                       [](const View& view) { return view.isComputing(); });
}

Split DataPage::split() const {
    return m_transforms->split();
}

void DataPage::setSplit(Split split) {
    m_transforms->setSplit(split);
}

void DataPage::selectStep(int step) {
    showView(QStringLiteral("transforms"));
    m_transforms->selectStep(step);
}

int DataPage::lastStep() const {
    return static_cast<int>(
               stepsOf(m_controller->project(), m_transforms->split()).size()) -
           1;
}

QString DataPage::takeFirstFix() {
    return m_transforms->takeFirstFix();
}

void DataPage::rollAgain() {
    m_transforms->rollAgain();
}

void DataPage::addStep(const QString& kind) {
    m_transforms->addStep(kind);
}

TransformStrip* DataPage::strip() const {
    return m_transforms->strip();
}

PreviewGrid* DataPage::grid() const {
    return m_transforms->grid();
}

void DataPage::keyPressEvent(QKeyEvent* event) {
    const bool roll = event->key() == Qt::Key_R && event->modifiers() == Qt::NoModifier;
    if (roll && m_stack->currentWidget() == m_transforms)
        rollAgain();
    else
        QWidget::keyPressEvent(event);
}

void DataPage::previewOwn(SampleInput input, const QString& name) {
    showView(QStringLiteral("transforms"));
    m_transforms->showOwn(std::move(input), name);
}

namespace {

/// Rows of a table are tensors already: lists made for pictures are emptied, so that what was
/// chosen can be trained with at once.
void dropUnfitSteps(Project& project) {
    const DatasetKind* kind = datasets().find(project.data.dataset.kind);
    if (!kind) return;
    const auto spec = kind->spec(Settings(kind->params, project.data.dataset.params));
    if (!spec || !spec->isTensor) return;
    for (auto* steps : {&project.data.trainTransforms, &project.data.testTransforms})
        if (inferPipeline(*steps, *spec).failedStep >= 0) steps->clear();
}

}  // namespace

bool DataPage::useDataset(const RecognisedDataset& found) {
    const bool done = m_controller->edit(
        tr("Use %1").arg(QString::fromStdString(found.dataset.kind)),
        [&](const Project& project) -> Result<Project> {
            Project next = project;
            next.data.dataset = found.dataset;
            dropUnfitSteps(next);
            // Without test pictures of its own a run would be judged by what it learned from.
            if (found.testIsTrain && !next.data.validation)
                next.data.validation = Part{.fraction = 0.2, .count = {}, .stratified = true};
            return next;
        });
    if (done) showView(QStringLiteral("transforms"));
    return done;
}

}  // namespace loom
