#pragma once

#include <QWidget>

#include "core/data/pictures/picture.h"

class QComboBox;
class QTableView;

namespace loom {

class NumbersModel;

/// The very numbers of a sample: a channel of a picture as a table tinted by value, or the columns
/// of a table by their names.
class NumbersView : public QWidget {
    Q_OBJECT
public:
    explicit NumbersView(QWidget* parent = nullptr);
    void setSample(const SampleInput& sample, const std::vector<QString>& names);
    QTableView* table() const { return m_table; }

private:
    NumbersModel* m_model;
    QComboBox* m_channel;
    QTableView* m_table;
};

}  // namespace loom
