#include "widgets/data/data_page.h"

#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <QSplitter>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>

#include "widgets/bridge/document_controller.h"
#include "widgets/data/check_panel.h"
#include "widgets/data/dataset_browser.h"
#include "widgets/data/dataset_panel.h"
#include "widgets/data/step_panel.h"
#include "widgets/data/transforms_view.h"
#include "widgets/style/segmented.h"

namespace loom {

DataPage::DataPage(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    setProperty("surface", QStringLiteral("window"));
    setAttribute(Qt::WA_StyledBackground);
    setAcceptDrops(true);
    setFocusPolicy(Qt::ClickFocus);
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_dataset = new DatasetPanel(controller);
    m_stepPanel = new StepPanel(controller);
    m_transforms = new TransformsView(controller, m_dataset, m_stepPanel);
    m_browser = new DatasetBrowser(controller);
    m_check = new CheckPanel(controller);
    m_dataset->setMinimumWidth(288);
    m_stepPanel->setMinimumWidth(300);

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

    m_splitter->addWidget(m_dataset);
    m_splitter->addWidget(centre);
    m_splitter->addWidget(m_stepPanel);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({300, 860, 304});
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

void DataPage::dragEnterEvent(QDragEnterEvent* event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && QFileInfo(urls.front().toLocalFile()).isDir())
        event->acceptProposedAction();
}

void DataPage::dropEvent(QDropEvent* event) {
    const QString folder = event->mimeData()->urls().value(0).toLocalFile();
    event->acceptProposedAction();
    m_controller->edit(
        tr("Use the pictures in %1").arg(QFileInfo(folder).fileName()),
        [&](const Project& project) -> Result<Project> {
            Project next = project;
            next.data.dataset = Choice{"ImageFolder", {{"root", Value(folder.toStdString())}}};
            return next;
        });
}

}  // namespace loom
