#include "widgets/data/numbers_view.h"

#include <QAbstractTableModel>
#include <QComboBox>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "widgets/style/theme.h"

namespace loom {

/// A sample as rows and columns: height and width of a channel; or one row per number.
class NumbersModel : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;

    void setSample(const SampleInput& sample, const std::vector<QString>& names) {
        beginResetModel();
        m_sample = sample;
        m_names = names;
        m_channel = 0;
        if (const auto* picture = std::get_if<Picture>(&m_sample)) {
            m_dims = {picture->channels, picture->height, picture->width};
        } else {
            m_dims = std::get<TensorSample>(m_sample).dims;
            // Rows for the first side, columns for all others.
            while (m_dims.size() < 2) m_dims.push_back(1);
            if (m_dims.size() == 2) m_dims.insert(m_dims.begin(), 1);
        }
        measure();
        endResetModel();
    }
    int channels() const { return m_dims.empty() ? 0 : static_cast<int>(m_dims[0]); }
    void setChannel(int channel) {
        beginResetModel();
        m_channel = std::clamp(channel, 0, std::max(0, channels() - 1));
        endResetModel();
    }
    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() || m_dims.size() < 3 ? 0 : static_cast<int>(m_dims[1]);
    }
    int columnCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() || m_dims.size() < 3 ? 0 : static_cast<int>(m_dims[2]);
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
        if (role != Qt::DisplayRole) return {};
        const bool named = orientation == Qt::Vertical && columnCount() == 1;
        if (named && section < static_cast<int>(m_names.size()))
            return m_names[static_cast<std::size_t>(section)];
        if (columnCount() == 1 && orientation == Qt::Horizontal) return tr("value");
        return section;
    }
    QVariant data(const QModelIndex& index, int role) const override {
        const double number = at(index.row(), index.column());
        if (role == Qt::DisplayRole) return text(number);
        if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
        if (columnCount() == 1) return {};
        const double place = m_most > m_least ? (number - m_least) / (m_most - m_least) : 0.5;
        const int grey = static_cast<int>(
            std::clamp(std::isfinite(place) ? std::lround(place * 255) : 0L, 0L, 255L));
        if (role == Qt::BackgroundRole) return QColor(grey, grey, grey);
        if (role == Qt::ForegroundRole) return grey > 127 ? QColor(Qt::black) : QColor(Qt::white);
        return {};
    }

private:
    double at(int row, int column) const {
        const auto width = static_cast<std::size_t>(m_dims[2]);
        const std::size_t place =
            static_cast<std::size_t>(row) * width + static_cast<std::size_t>(column);
        const auto channel = static_cast<std::size_t>(m_channel);
        if (const auto* picture = std::get_if<Picture>(&m_sample)) {
            const std::size_t byte = place * static_cast<std::size_t>(picture->channels) + channel;
            return byte < picture->pixels.size() ? picture->pixels[byte] : 0;
        }
        const auto& values = std::get<TensorSample>(m_sample).values;
        const std::size_t each = width * static_cast<std::size_t>(m_dims[1]);
        return channel * each + place < values.size() ? double(values[channel * each + place]) : 0;
    }
    QString text(double number) const {
        return std::holds_alternative<Picture>(m_sample) ? QString::number(int(number))
               : columnCount() == 1                      ? QString::number(number, 'g', 7)
                                                         : QString::number(number, 'f', 2);
    }
    void measure() {
        m_least = 0;
        m_most = 255;
        const auto* tensor = std::get_if<TensorSample>(&m_sample);
        if (!tensor || tensor->values.empty()) return;
        const auto [least, most] =
            std::minmax_element(tensor->values.begin(), tensor->values.end());
        m_least = double(*least);
        m_most = double(*most);
    }

    SampleInput m_sample;
    std::vector<QString> m_names;
    std::vector<std::int64_t> m_dims;
    int m_channel = 0;
    double m_least = 0, m_most = 1;
};

namespace {

/// The style sheet paints cells itself, so the tint is painted here.
class TintedCells : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const QVariant ground = index.data(Qt::BackgroundRole);
        const QVariant ink = index.data(Qt::ForegroundRole);
        painter->save();
        if (ground.isValid()) painter->fillRect(option.rect, ground.value<QColor>());
        painter->setFont(monoFont(11));
        painter->setPen(ink.isValid() ? ink.value<QColor>() : tokens().text);
        painter->drawText(option.rect.adjusted(2, 0, -6, 0), Qt::AlignRight | Qt::AlignVCenter,
                          index.data().toString());
        painter->restore();
    }
};

}  // namespace

NumbersView::NumbersView(QWidget* parent) : QWidget(parent), m_model(new NumbersModel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    m_channel = new QComboBox;
    m_channel->setAccessibleName(tr("Channel"));
    m_table = new QTableView;
    m_table->setModel(m_model);
    m_table->setItemDelegate(new TintedCells(m_table));
    m_table->setFont(monoFont(11));
    m_table->setShowGrid(false);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->horizontalHeader()->setDefaultSectionSize(48);
    m_table->horizontalHeader()->setMinimumSectionSize(24);
    m_table->verticalHeader()->setDefaultSectionSize(22);
    m_table->horizontalHeader()->setFont(monoFont(10));
    m_table->verticalHeader()->setFont(monoFont(10));
    column->addWidget(m_channel, 0, Qt::AlignLeft);
    column->addWidget(m_table, 1);
    connect(m_channel, &QComboBox::activated, this,
            [this](int channel) { m_model->setChannel(channel); });
}

void NumbersView::setSample(const SampleInput& sample, const std::vector<QString>& names) {
    const int chosen = m_channel->currentIndex();
    m_model->setSample(sample, names);
    m_channel->clear();
    for (int c = 0; c < m_model->channels(); ++c) m_channel->addItem(tr("channel %1").arg(c));
    m_channel->setVisible(m_model->channels() > 1);
    if (chosen > 0 && chosen < m_model->channels()) {
        m_channel->setCurrentIndex(chosen);
        m_model->setChannel(chosen);
    }
    m_table->horizontalHeader()->setDefaultSectionSize(m_model->columnCount() == 1 ? 140 : 48);
}

}  // namespace loom
