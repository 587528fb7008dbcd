#include "widgets/canvas/summary_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/project/memory_forecast.h"
#include "core/project/summary.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/controls.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kPath = Qt::UserRole;
constexpr int kNumber = Qt::UserRole + 1;
constexpr int kGroup = Qt::UserRole + 2;

/// Sorts numbers as numbers.
class Row : public QTreeWidgetItem {
public:
    using QTreeWidgetItem::QTreeWidgetItem;
    bool operator<(const QTreeWidgetItem& other) const override {
        const int column = treeWidget() ? treeWidget()->sortColumn() : 0;
        const QVariant mine = data(column, kNumber), theirs = other.data(column, kNumber);
        if (mine.isValid() && theirs.isValid()) return mine.toLongLong() < theirs.toLongLong();
        return QString::localeAwareCompare(text(column), other.text(column)) < 0;
    }
};

void setNumber(QTreeWidgetItem* row, int column, std::int64_t number, const QString& text) {
    row->setText(column, number == 0 ? QStringLiteral("–") : text);
    row->setData(column, kNumber, QVariant::fromValue<qlonglong>(number));
    row->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
}

void fill(QTreeWidgetItem* row, const SummaryRow& from) {
    setNumber(row, SummaryPanel::Parameters, from.parameters, q(groupDigits(from.parameters)));
    setNumber(row, SummaryPanel::Trainable, from.trained, q(groupDigits(from.trained)));
    setNumber(row, SummaryPanel::Macs, from.macs, q(shortNumber(static_cast<double>(from.macs))));
    setNumber(row, SummaryPanel::Memory, from.bytes, q(byteText(static_cast<double>(from.bytes))));
    row->setToolTip(SummaryPanel::Macs, q(groupDigits(from.macs)));
}

QString sizeText(std::int64_t bytes) {
    return q(byteText(static_cast<double>(bytes)));
}

}  // namespace

SummaryPanel::SummaryPanel(DocumentController& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_table(new QTreeWidget(this)),
      m_totals(new ElidedLabel({}, this)),
      m_forecast(new ElidedLabel({}, this)) {
    setProperty("surface", QStringLiteral("panel"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Summary"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(6);
    auto* top = new QHBoxLayout;
    top->setSpacing(8);
    top->addWidget(makeLabel(tr("Summary"), "strong", this));
    m_totals->setProperty("role", QStringLiteral("muted"));
    top->addWidget(m_totals, 1);
    QPushButton* markdown =
        makeButton(tr("Copy as Markdown"), ButtonKind::Secondary, QStringLiteral("copy"), this);
    QPushButton* csv =
        makeButton(tr("Copy as CSV"), ButtonKind::Secondary, QStringLiteral("copy"), this);
    markdown->setObjectName(QStringLiteral("summary.markdown"));
    csv->setObjectName(QStringLiteral("summary.csv"));
    QToolButton* close = makeIconButton(QStringLiteral("close"), tr("Close the summary"), this);
    top->addWidget(markdown);
    top->addWidget(csv);
    top->addWidget(close);
    column->addLayout(top);
    column->addWidget(m_table, 1);
    m_forecast->setProperty("role", QStringLiteral("muted"));
    column->addWidget(m_forecast);

    m_table->setColumnCount(kColumns);
    m_table->setHeaderLabels({tr("Block"), tr("#"), tr("Kind"), tr("Output"), tr("Parameters"),
                              tr("Trainable"), tr("MACs"), tr("Memory")});
    for (const int number : {Parameters, Trainable, Macs, Memory})
        m_table->headerItem()->setTextAlignment(number, Qt::AlignRight | Qt::AlignVCenter);
    m_table->headerItem()->setToolTip(Order, tr("The order of execution"));
    m_table->headerItem()->setToolTip(Macs, tr("Multiplications with an addition for one sample"));
    m_table->headerItem()->setToolTip(Memory, tr("What comes out for one sample, as float32"));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setUniformRowHeights(true);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAllColumnsShowFocus(true);
    m_table->setAccessibleName(tr("Blocks of the network"));
    m_table->header()->setStretchLastSection(false);
    m_table->header()->setSectionResizeMode(Kind, QHeaderView::Stretch);
    m_table->header()->setSortIndicator(Order, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    connect(m_table, &QTreeWidget::itemSelectionChanged, this, [this] {
        const QList<QTreeWidgetItem*> rows = m_table->selectedItems();
        if (m_quiet || rows.size() != 1) return;
        Q_EMIT chosen(rows.front()->data(Name, kPath).toString(),
                      rows.front()->data(Name, kGroup).toBool());
    });
    connect(markdown, &QPushButton::clicked, this, [this] { copy(true); });
    connect(csv, &QPushButton::clicked, this, [this] { copy(false); });
    connect(close, &QToolButton::clicked, this, &SummaryPanel::closeAsked);
    connect(&document, &DocumentController::reportChanged, this, [this] {
        m_stale = true;
        if (isVisible()) refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        m_stale = true;
        if (isVisible()) refresh();
    });
}

QString SummaryPanel::totals() const {
    return m_totals->fullText();
}

QString SummaryPanel::forecast() const {
    return m_forecast->fullText();
}

void SummaryPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

void SummaryPanel::refresh() {
    if (!m_stale) return;
    m_stale = false;
    const Project& project = m_document.project();
    const Summary summary = summarize(project, m_document.report().shapes);
    // Groups that were folded stay so.
    std::set<QString> open;
    const bool first = m_table->topLevelItemCount() == 0;
    for (QTreeWidgetItemIterator it(m_table); *it; ++it)
        if ((*it)->isExpanded()) open.insert((*it)->data(Name, kPath).toString());
    m_quiet = true;
    m_table->setSortingEnabled(false);
    m_table->clear();
    std::unordered_map<std::string, QTreeWidgetItem*> groups;
    int order = 0;
    for (const SummaryRow& from : summary.rows) {
        const auto around = groups.find(parentPath(from.path));
        auto* row = new Row;
        if (around == groups.end())
            m_table->addTopLevelItem(row);
        else
            around->second->addChild(row);
        row->setText(Name, q(lastPart(from.path)));
        row->setToolTip(Name, q(from.path));
        row->setData(Name, kPath, q(from.path));
        row->setData(Name, kGroup, from.group);
        row->setData(Order, kNumber, ++order);
        row->setText(Order, QString::number(order));
        row->setForeground(Order, tokens().muted);
        row->setTextAlignment(Order, Qt::AlignRight | Qt::AlignVCenter);
        QStringList shapes;
        for (const Shape& shape : from.outputs) shapes << q(shape.toText());
        row->setText(Output, from.known || from.group ? shapes.join(QStringLiteral(", "))
                                                      : QStringLiteral("?"));
        row->setFont(Output, monoFont(12));
        for (const int number : {Parameters, Trainable, Macs, Memory})
            row->setFont(number, monoFont(12));
        fill(row, from);
        if (from.group) {
            row->setText(Kind, from.blocks == 1 ? tr("1 block") : tr("%1 blocks").arg(from.blocks));
            row->setForeground(Kind, tokens().muted);
            row->setFont(Name, uiFont(13, QFont::DemiBold));
            groups.emplace(from.path, row);
            const bool wide =
                first ? !isCollapsed(project.network, from.path) : open.contains(q(from.path));
            row->setExpanded(wide);
        } else {
            row->setText(Kind, from.sharesWith.empty()
                                   ? q(from.kind)
                                   : tr("%1, uses %2").arg(q(from.kind), q(from.sharesWith)));
        }
    }
    m_table->setSortingEnabled(true);
    for (int i = 0; i < kColumns; ++i)
        if (i != Kind) m_table->resizeColumnToContents(i);
    m_table->setColumnWidth(Name, std::clamp(m_table->columnWidth(Name), 100, 320));
    m_quiet = false;

    const SummaryRow& total = summary.total;
    m_totals->setFullText(
        tr("%1 blocks  ·  %2 parameters, %3 trainable  ·  %4 MACs  ·  %5 for one sample")
            .arg(total.blocks)
            .arg(q(groupDigits(total.parameters)), q(groupDigits(total.trained)),
                 q(shortNumber(static_cast<double>(total.macs))), sizeText(total.bytes)));
    const MemoryForecast memory = forecastMemory(project, m_document.report().shapes);
    m_forecast->setFullText(
        tr("%1 to train on %2 with batches of %3:  weights %4 + gradients %5 + %6’s numbers %7 + "
           "activations %8 + samples %9")
            .arg(sizeText(memory.total()),
                 project.training.device == "auto" ? tr("the device") : q(project.training.device))
            .arg(project.training.batchSize)
            .arg(sizeText(memory.weights), sizeText(memory.gradients),
                 q(project.training.optimizer.kind), sizeText(memory.optimizerState),
                 sizeText(memory.activations), sizeText(memory.batch)));
}

void SummaryPanel::showSelection(const std::vector<NodeId>& ids, const std::string& group) {
    if (!isVisible()) return;
    const std::set<std::string> chosen(ids.begin(), ids.end());
    m_quiet = true;
    m_table->clearSelection();
    QTreeWidgetItem* shown = nullptr;
    for (QTreeWidgetItemIterator it(m_table); *it; ++it) {
        const std::string path = (*it)->data(Name, kPath).toString().toStdString();
        const bool isGroup = (*it)->data(Name, kGroup).toBool();
        if (group.empty() ? isGroup || !chosen.contains(path) : !isGroup || path != group) continue;
        (*it)->setSelected(true);
        if (!shown) shown = *it;
    }
    if (shown && chosen.size() <= 1) m_table->scrollToItem(shown);
    if (shown && !group.empty()) m_table->scrollToItem(shown);
    m_quiet = false;
}

void SummaryPanel::copy(bool markdown) {
    const Summary summary = summarize(m_document.project(), m_document.report().shapes);
    QApplication::clipboard()->setText(
        q(markdown ? summaryAsMarkdown(summary) : summaryAsCsv(summary)));
    Q_EMIT said(markdown ? tr("Copied the summary as a Markdown table.")
                         : tr("Copied the summary as CSV."));
}

}  // namespace loom
