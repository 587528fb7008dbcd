#pragma once

#include <QWidget>
#include <vector>

#include "core/train/session.h"

class QTableWidget;

namespace loom {

/// What a block of few numbers held after each epoch of a run, an epoch a row.
class WeightsHistory : public QWidget {
    Q_OBJECT
public:
    explicit WeightsHistory(QWidget* parent = nullptr);
    /// Hides where there is nothing to follow.
    void setHistory(const std::vector<EpochWeights>& history);
    QTableWidget* table() const { return m_table; }

private:
    QTableWidget* m_table;
};

}  // namespace loom
