#include "widgets/data/sample_table.h"

#include <QHeaderView>
#include <algorithm>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {
/// A window of a long time series has more numbers than anybody reads.
constexpr std::size_t kMostColumns = 64;
/// So many share the width of the table.
constexpr int kFewColumns = 5;
}  // namespace

void SampleTableModel::setData(std::shared_ptr<const BrowserData> opened) {
    beginResetModel();
    m_data = std::move(opened);
    m_items.clear();
    m_columns.clear();
    m_inputs = 0;
    m_readRow = -1;
    if (m_data && m_data->any()) {
        const Dataset& set = *m_data->any();
        std::int64_t numbers = 1;
        for (const std::int64_t side : set.spec().dims) numbers *= std::max<std::int64_t>(side, 1);
        m_inputs = std::min(kMostColumns, static_cast<std::size_t>(numbers));
        const bool ownNumbers = !m_data->severalLabels && m_data->groups.isEmpty();
        const std::vector<std::string> answers =
            ownNumbers ? set.answerNames() : std::vector<std::string>{};
        m_answers = 1;
        if (ownNumbers && set.size() > 0)
            m_answers = std::clamp(static_cast<int>(set.answer(0).size()), 1, 16);
        for (int a = 0; a < m_answers; ++a)
            m_columns << (static_cast<std::size_t>(a) < answers.size()
                              ? q(answers[static_cast<std::size_t>(a)])
                          : m_answers == 1 ? tr("answer")
                                           : tr("answer %1").arg(a + 1));
        const std::vector<std::string> inputs = set.inputNames();
        for (std::size_t i = 0; i < m_inputs; ++i)
            m_columns << (i < inputs.size() ? q(inputs[i]) : QStringLiteral("x%1").arg(i + 1));
    }
    endResetModel();
}

void SampleTableModel::setItems(std::vector<BrowserItem> items) {
    beginResetModel();
    m_items = std::move(items);
    m_readRow = -1;
    endResetModel();
}

int SampleTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

int SampleTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

const SampleTableModel::Row& SampleTableModel::row(int row) const {
    if (row == m_readRow) return m_read;
    m_readRow = row;
    m_read = {};
    const BrowserItem& item = m_items[static_cast<std::size_t>(row)];
    const Dataset& set = m_data->dataset(item.split);
    const std::vector<float> answer = set.answer(item.index);
    if (m_data->groups.isEmpty() && !answer.empty())
        for (int a = 0; a < m_answers; ++a)
            m_read.cells << (static_cast<std::size_t>(a) < answer.size()
                                 ? QString::number(double(answer[static_cast<std::size_t>(a)]), 'g',
                                                   6)
                                 : QString());
    else
        m_read.cells << m_data->answerOf(item);
    const auto sample = set.sample(item.index);
    if (!sample) {
        m_read.cells << q(sample.error().message);
        m_read.broken = true;
        return m_read;
    }
    if (const auto* tensor = std::get_if<TensorSample>(&sample->input))
        for (std::size_t i = 0; i < std::min(m_inputs, tensor->values.size()); ++i)
            m_read.cells << QString::number(double(tensor->values[i]), 'g', 6);
    return m_read;
}

QVariant SampleTableModel::data(const QModelIndex& index, int role) const {
    if (role == Qt::TextAlignmentRole)
        return int(
            Qt::AlignVCenter |
            (index.column() == 0 && !m_data->groups.isEmpty() ? Qt::AlignLeft : Qt::AlignRight));
    if (role == Qt::FontRole && (index.column() > 0 || m_data->groups.isEmpty())) return monoFont();
    if (role == Qt::ForegroundRole && row(index.row()).broken) return tokens().danger;
    if (role != Qt::DisplayRole) return {};
    return row(index.row()).cells.value(index.column());
}

QVariant SampleTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role == Qt::TextAlignmentRole && orientation == Qt::Horizontal && section == 0 && m_data &&
        !m_data->groups.isEmpty())
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    if (orientation == Qt::Horizontal) return m_columns.value(section);
    return q(groupDigits(m_items[static_cast<std::size_t>(section)].index));
}

SampleTable::SampleTable(QWidget* parent)
    : QTableView(parent), m_model(new SampleTableModel(this)) {
    setModel(m_model);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setShowGrid(false);
    setAlternatingRowColors(true);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->setDefaultSectionSize(26);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
    horizontalHeader()->setDefaultSectionSize(104);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setAccessibleName(tr("Samples"));
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) {
                if (now.isValid()) Q_EMIT itemChosen(m_model->item(now.row()));
            });
}

void SampleTable::setData(std::shared_ptr<const BrowserData> opened) {
    m_model->setData(std::move(opened));
    horizontalHeader()->setSectionResizeMode(
        m_model->columnCount() <= kFewColumns ? QHeaderView::Stretch : QHeaderView::Interactive);
}

void SampleTable::setItems(std::vector<BrowserItem> items) {
    m_model->setItems(std::move(items));
}

void SampleTable::setCurrentItem(const BrowserItem& item) {
    for (int row = 0; row < m_model->rowCount(); ++row)
        if (m_model->item(row) == item) {
            selectRow(row);
            scrollTo(m_model->index(row, 0));
            return;
        }
}

}  // namespace loom
