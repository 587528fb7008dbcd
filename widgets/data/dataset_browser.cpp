#include "widgets/data/dataset_browser.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/shape.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/class_list.h"
#include "widgets/data/sample_table.h"
#include "widgets/data/sample_view.h"
#include "widgets/data/scatter_view.h"
#include "widgets/data/thumbnail_grid.h"
#include "widgets/style/controls.h"
#include "widgets/style/segmented.h"

namespace loom {

namespace {

constexpr int kUsualSide = 72;

QString partId(DataPart part) {
    return QString::number(static_cast<int>(part));
}

QString countText(std::int64_t count) {
    return q(groupDigits(count));
}

}  // namespace

DatasetBrowser::DatasetBrowser(DocumentController* controller, QWidget* parent)
    : QWidget(parent), m_controller(controller) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 8);
    column->setSpacing(10);
    m_stack = new QStackedWidget;
    m_empty = new EmptyState(QStringLiteral("image"), {}, {});
    m_contents = new QWidget;
    auto* contents = new QVBoxLayout(m_contents);
    contents->setContentsMargins(0, 0, 0, 0);
    contents->setSpacing(10);
    contents->addWidget(makeTools());
    m_banner = new Card;
    m_banner->setTone(QStringLiteral("selected"));
    auto* bannerRow = new QHBoxLayout;
    m_bannerText = makeWrappedLabel({}, "strong");
    bannerRow->addWidget(m_bannerText, 1);
    QPushButton* all = makeButton(tr("Show all again"));
    all->setObjectName(QStringLiteral("showAll"));
    bannerRow->addWidget(all);
    m_banner->body()->addLayout(bannerRow);
    contents->addWidget(m_banner);
    m_banner->hide();
    contents->addWidget(makeContents(), 1);
    m_status = new ElidedLabel;
    m_status->setProperty("role", QStringLiteral("small"));
    contents->addWidget(m_status);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_contents);
    column->addWidget(m_stack);

    m_delay = new QTimer(this);
    m_delay->setSingleShot(true);
    m_delay->setInterval(120);
    connect(m_delay, &QTimer::timeout, this, &DatasetBrowser::refilter);
    connect(all, &QPushButton::clicked, this, [this] { showSamples({}, {}); });
    connect(m_controller, &DocumentController::reportChanged, this,
            &DatasetBrowser::documentChanged);
    connect(m_controller, &DocumentController::documentReset, this,
            &DatasetBrowser::documentChanged);
}

DatasetBrowser::~DatasetBrowser() = default;

QWidget* DatasetBrowser::makeTools() {
    auto* tools = new QWidget;
    auto* row = new QHBoxLayout(tools);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_parts = new SegmentedControl;
    for (const DataPart part : kDataParts) m_parts->addSegment(partId(part), partTitle(part));
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("browserSearch"));
    m_search->setPlaceholderText(tr("Class, file, caption or number"));
    m_search->setToolTip(
        tr("Shows samples of classes with this name, in files with it in their path, with it in "
           "their caption, or the sample with this number"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(120);
    m_byClass = makeButton(tr("By class"), ButtonKind::Ghost, QStringLiteral("layers"));
    m_byClass->setCheckable(true);
    m_byClass->setObjectName(QStringLiteral("byClass"));
    m_byClass->setToolTip(tr("Sorts the samples by class, each under its name"));
    m_size = new QSlider(Qt::Horizontal);
    m_size->setRange(40, 220);
    m_size->setValue(kUsualSide);
    m_size->setFixedWidth(90);
    m_size->setToolTip(tr("Size of the pictures (Ctrl and the wheel)"));
    m_size->setAccessibleName(tr("Size of the pictures"));
    row->addWidget(m_parts);
    row->addWidget(m_search, 1);
    row->addWidget(m_byClass);
    row->addWidget(m_size);
    connect(m_parts, &SegmentedControl::chosen, this,
            [this](const QString& id) { showPart(static_cast<DataPart>(id.toInt())); });
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filter.search = text;
        m_delay->start();
    });
    connect(m_byClass, &QPushButton::toggled, this, [this](bool on) {
        m_filter.grouped = on;
        refilter();
    });
    connect(m_size, &QSlider::valueChanged, this, [this](int side) { m_grid->setSide(side); });
    return tools;
}

QWidget* DatasetBrowser::makeContents() {
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_classes = new ClassList;
    m_classes->setMinimumWidth(140);
    m_grid = new ThumbnailGrid;
    m_tableSide = new QWidget;
    auto* tables = new QVBoxLayout(m_tableSide);
    tables->setContentsMargins(10, 0, 10, 0);
    m_scatter = new ScatterView;
    m_table = new SampleTable;
    tables->addWidget(m_scatter, 3);
    tables->addWidget(m_table, 2);
    m_middle = new QStackedWidget;
    m_middle->addWidget(m_grid);
    m_middle->addWidget(m_tableSide);
    m_middle->setMinimumWidth(220);

    m_right = new QStackedWidget;
    m_summary = new QWidget;
    auto* summary = new QVBoxLayout(m_summary);
    summary->setContentsMargins(10, 0, 0, 0);
    summary->setSpacing(10);
    auto* card = new Card(tr("Sizes"));
    m_sizes = makeWrappedLabel({});
    m_histogram = new SizeHistogram;
    card->body()->addWidget(m_sizes);
    card->body()->addWidget(m_histogram);
    summary->addWidget(card);
    summary->addWidget(makeWrappedLabel(
        tr("Click a sample to see it large, with what is known of it. The arrow keys go on, Enter "
           "makes it larger."),
        "muted"));
    summary->addStretch(1);
    m_sample = new SampleView;
    m_right->addWidget(m_summary);
    m_right->addWidget(m_sample);
    m_right->setMinimumWidth(220);
    m_splitter->addWidget(m_classes);
    m_splitter->addWidget(m_middle);
    m_splitter->addWidget(m_right);
    m_splitter->setStretchFactor(1, 1);
    setLarge(false);

    connect(m_classes, &ClassList::chosenChanged, this, [this] {
        m_filter.groups = m_classes->chosen();
        refilter();
    });
    connect(m_grid, &ThumbnailGrid::currentChanged, this,
            [this](qint64 position) { choose(m_grid->itemAt(position)); });
    connect(m_grid, &ThumbnailGrid::activated, this, [this] { setLarge(!m_large); });
    connect(m_table, &SampleTable::itemChosen, this, &DatasetBrowser::choose);
    connect(m_scatter, &ScatterView::itemChosen, this, [this](const BrowserItem& item) {
        m_table->setCurrentItem(item);
        choose(item);
    });
    connect(m_sample, &SampleView::followAsked, this,
            [this](const BrowserItem& item) { Q_EMIT followAsked(item.split, item.index); });
    return m_splitter;
}

bool DatasetBrowser::isComputing() const {
    return m_openJob.isRunning() || m_filterJob.isRunning() || m_sizeJob.isRunning() ||
           m_delay->isActive() || m_grid->thumbnails()->isReading() || m_sample->isComputing() ||
           m_scatter->isComputing();
}

QString DatasetBrowser::statusText() const {
    return m_status->fullText();
}

void DatasetBrowser::showSamples(const QString& title, std::vector<BrowserItem> items) {
    m_filter.exact = std::move(items);
    m_exactTitle = title;
    m_bannerText->setText(title);
    m_banner->setVisible(!m_filter.exact.empty());
    m_filter.groups.clear();
    m_classes->setChosen({});
    m_search->clear();
    m_delay->stop();
    if (isVisible() && m_stale) open();
    refilter();
}

void DatasetBrowser::showPart(DataPart part) {
    m_filter.part = part;
    m_parts->setCurrent(partId(part));
    m_filter.exact.clear();
    m_banner->hide();
    showClasses();
    refilter();
}

void DatasetBrowser::documentChanged() {
    const DataSection& section = m_controller->project().data;
    const bool same = m_opened && m_opened->dataset == section.dataset &&
                      m_opened->validation == section.validation &&
                      m_controller->report().location.found == (m_data != nullptr);
    if (same) return;
    m_stale = true;
    if (isVisible()) open();
}

void DatasetBrowser::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_stale) open();
}

void DatasetBrowser::open() {
    m_stale = false;
    const DataSection section = m_controller->project().data;
    const bool other = !m_opened || !(m_opened->dataset == section.dataset);
    m_opened = section;
    m_stack->setCurrentWidget(m_empty);
    if (!m_controller->report().location.found) {
        m_openJob.cancel();
        m_data.reset();
        m_empty->setTexts(tr("Not on this machine yet"),
                          tr("The panel on the left says how to get this data set."));
        return;
    }
    m_empty->setTexts(tr("Opening the data set…"), {});
    m_openJob.start(
        [section](const std::atomic<bool>& cancelled) {
            return openBrowserData(section, cancelled);
        },
        [this, other](std::shared_ptr<const BrowserData> data) {
            m_data = std::move(data);
            if (other) {
                m_filter.groups.clear();
                m_filter.part = DataPart::Train;
            }
            showData();
        });
}

void DatasetBrowser::showData() {
    if (!m_data->any()) {
        m_empty->setTexts(m_data->problem, m_data->hint);
        return;
    }
    m_stack->setCurrentWidget(m_contents);
    m_facts = {};
    const bool table = m_data->isTable();
    m_middle->setCurrentWidget(table ? m_tableSide : static_cast<QWidget*>(m_grid));
    m_scatter->setVisible(ScatterView::canShow(*m_data));
    m_size->setVisible(!table);
    m_byClass->setVisible(!m_data->groups.isEmpty() && !m_data->severalLabels && !table);
    m_classes->setVisible(!m_data->groups.isEmpty() && !m_large);
    m_grid->setData(m_data);
    m_table->setData(m_data);
    m_scatter->setData(m_data);
    m_sample->setData(m_data);
    m_right->setCurrentWidget(m_summary);
    for (const DataPart part : kDataParts) {
        const auto count = m_data->parts[static_cast<std::size_t>(part)].size();
        m_parts->setTitle(partId(part),
                          QStringLiteral("%1  %2").arg(
                              partTitle(part), countText(static_cast<std::int64_t>(count))));
        m_parts->setSegmentVisible(partId(part), count > 0);
    }
    if (m_data->parts[static_cast<std::size_t>(m_filter.part)].empty())
        for (const DataPart part : kDataParts)
            if (!m_data->parts[static_cast<std::size_t>(part)].empty()) {
                m_filter.part = part;
                break;
            }
    m_parts->setCurrent(partId(m_filter.part));
    showClasses();
    refilter();
    m_sizes->setText(tr("Looking at the sizes…"));
    m_histogram->hide();
    m_sizeJob.start(
        [data = m_data](const std::atomic<bool>& cancelled) {
            return measureSizes(*data, cancelled);
        },
        [this](SizeFacts facts) {
            m_facts = std::move(facts);
            showSizes();
        });
}

void DatasetBrowser::showClasses() {
    if (!m_data) return;
    const auto& counts = m_data->counts[static_cast<std::size_t>(m_filter.part)];
    std::vector<ClassList::Row> rows;
    for (int g = 0; g < m_data->groups.size(); ++g) {
        QStringList tip{m_data->groups[g]};
        for (const DataPart part : kDataParts) {
            const auto& other = m_data->counts[static_cast<std::size_t>(part)];
            if (!m_data->parts[static_cast<std::size_t>(part)].empty())
                tip << QStringLiteral("%1: %2").arg(partTitle(part),
                                                    countText(other[static_cast<std::size_t>(g)]));
        }
        rows.push_back(
            {m_data->groups[g], counts[static_cast<std::size_t>(g)], tip.join(QLatin1Char('\n'))});
    }
    m_classes->setRows(
        m_data->severalLabels ? tr("All categories") : tr("All classes"),
        static_cast<qint64>(m_data->parts[static_cast<std::size_t>(m_filter.part)].size()), rows);
}

void DatasetBrowser::refilter() {
    m_delay->stop();
    if (!m_data || !m_data->any()) return;
    m_filterJob.start(
        [data = m_data, filter = m_filter](const std::atomic<bool>& cancelled) {
            return filterItems(*data, filter, cancelled);
        },
        [this](std::vector<BrowserSection> sections) { showItems(std::move(sections)); });
}

void DatasetBrowser::showItems(std::vector<BrowserSection> sections) {
    std::int64_t count = 0;
    for (const BrowserSection& section : sections)
        count += static_cast<std::int64_t>(section.items.size());
    const auto whole = static_cast<std::int64_t>(
        m_filter.exact.empty() ? m_data->parts[static_cast<std::size_t>(m_filter.part)].size()
                               : m_filter.exact.size());
    QStringList status{count == whole
                           ? tr("%1 samples").arg(countText(count))
                           : tr("%1 of %2 samples").arg(countText(count), countText(whole))};
    if (!m_facts.text.isEmpty()) status << m_facts.text;
    m_status->setFullText(status.join(QStringLiteral("  ·  ")));
    m_grid->setEmptyText(tr("No sample fits what is chosen and searched for."));
    if (m_data->isTable()) {
        std::vector<BrowserItem> items;
        for (BrowserSection& section : sections)
            items.insert(items.end(), section.items.begin(), section.items.end());
        m_scatter->setItems(items);
        m_table->setItems(std::move(items));
    } else {
        m_grid->setSections(std::move(sections));
    }
}

void DatasetBrowser::choose(const BrowserItem& item) {
    m_scatter->setCurrentItem(item);
    m_sample->setItem(item);
    m_right->setCurrentWidget(m_sample);
}

void DatasetBrowser::setLarge(bool large) {
    m_large = large;
    m_classes->setVisible(!large && m_data && !m_data->groups.isEmpty());
    const int width = std::max(600, m_splitter->width());
    m_splitter->setSizes(large ? QList<int>{0, width * 3 / 10, width * 7 / 10}
                               : QList<int>{184, width - 184 - 280, 280});
}

void DatasetBrowser::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && m_large) return setLarge(false);
    if (event->matches(QKeySequence::Find)) {
        m_search->setFocus();
        m_search->selectAll();
        return;
    }
    QWidget::keyPressEvent(event);
}

void DatasetBrowser::showSizes() {
    QString text = m_facts.text;
    if (m_facts.isPicture && m_facts.looked > 0 && m_facts.looked < m_facts.of)
        text += QLatin1Char('\n') + tr("of %1 pictures looked at").arg(countText(m_facts.looked));
    m_sizes->setText(text);
    const bool vary = m_facts.widths.size() > 1 &&
                      (std::adjacent_find(m_facts.widths.begin(), m_facts.widths.end(),
                                          std::not_equal_to<>()) != m_facts.widths.end() ||
                       std::adjacent_find(m_facts.heights.begin(), m_facts.heights.end(),
                                          std::not_equal_to<>()) != m_facts.heights.end());
    m_histogram->setVisible(vary);
    m_histogram->setFacts(m_facts);
    if (!m_facts.text.isEmpty() && !m_status->fullText().contains(m_facts.text))
        m_status->setFullText(m_status->fullText() + QStringLiteral("  ·  ") + m_facts.text);
}

}  // namespace loom
