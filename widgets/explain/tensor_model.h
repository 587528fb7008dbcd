#pragma once

#include <QAbstractTableModel>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/exchange/weights.h"

namespace loom {

/// The numbers of a tensor, whatever its type.
std::vector<double> numbersOf(const PlainTensor& tensor);
/// Enough digits to tell float32 numbers apart by eye: "0.0312746".
QString weightText(double number);

/// A tensor as rows and columns: the first side down, the others, flattened, across; a vector down.
/// In a table, where there is room for four digits.
QString shortWeightText(double number);
/// Hands over the numbers one after the other, without a second copy of a large tensor.
void eachNumber(const PlainTensor& tensor, const std::function<void(double)>& take);

class TensorModel : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;
    void setTensor(const PlainTensor& tensor);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// All numbers, cells parted by tabs, as spreadsheets take them.
    QString toText() const;

private:
    std::vector<std::int64_t> m_dims;
    std::vector<double> m_values;
    int m_rows = 0, m_columns = 0;
};

}  // namespace loom
