#pragma once

#include <QAbstractTableModel>
#include <QTableView>

#include "widgets/data/browser_data.h"

namespace loom {

/// The numbers of samples that are no pictures: a row each, first the answer, then the input's
/// columns. Rows are read when they come into sight.
class SampleTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;
    void setData(std::shared_ptr<const BrowserData> opened);
    void setItems(std::vector<BrowserItem> items);
    const BrowserItem& item(int row) const { return m_items[static_cast<std::size_t>(row)]; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QStringList cells;
        bool broken = false;
    };
    const Row& row(int row) const;

    std::shared_ptr<const BrowserData> m_data;
    std::vector<BrowserItem> m_items;
    QStringList m_columns;
    int m_answers = 1;
    std::size_t m_inputs = 0;
    mutable int m_readRow = -1;
    mutable Row m_read;
};

/// A table of samples; the chosen row is the chosen sample.
class SampleTable : public QTableView {
    Q_OBJECT
public:
    explicit SampleTable(QWidget* parent = nullptr);
    void setData(std::shared_ptr<const BrowserData> opened);
    void setItems(std::vector<BrowserItem> items);
    void setCurrentItem(const BrowserItem& item);
    SampleTableModel* samples() const { return m_model; }

Q_SIGNALS:
    void itemChosen(const loom::BrowserItem& item);

private:
    SampleTableModel* m_model;
};

}  // namespace loom
