#pragma once

#include <QStringList>
#include <QTimer>
#include <vector>

#include "core/exchange/weights.h"
#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/style/controls.h"

class QComboBox;
class QTableView;

namespace loom {

class TensorModel;
class WeightsHistory;

/// A block's weights and biases as numbers: of the run in hand, after each of its epochs anew, of a
/// weight file, or those a fresh run begins with.
class WeightsCard : public Card {
    Q_OBJECT
public:
    explicit WeightsCard(DocumentController& document, QWidget* parent = nullptr);
    /// Whose run's weights are shown; without one, or before its first run, fresh ones.
    void setBridge(TrainingBridge* bridge);
    /// Empty: no block, and the card hides.
    void setBlock(const NodeId& block);
    /// Nothing is computed while it is off.
    void setActive(bool active);
    bool isComputing() const { return m_delay.isActive() || m_job.isRunning(); }
    /// Which weights these are: "latest run, epoch 3".
    QString source() const;
    /// A line for each tensor: its numbers where they are few, else what they are like.
    QString lines() const;
    QTableView* table() const { return m_table; }
    QComboBox* sources() const { return m_sources; }
    QPushButton* showButton() const { return m_show; }
    WeightsHistory* history() const { return m_history; }
    /// Weights of a file from now on.
    void setWeightFile(const QString& path);

Q_SIGNALS:
    void statusMessage(const QString& text);

private:
    struct Found {
        Weights state;
        QStringList lines;
        QString source;
        QString problem;
        std::vector<EpochWeights> history;
        bool offered = false;  ///< not computed: it is said what it would cost
    };
    enum Source { Run, Fresh, File, ChooseFile };
    void later();
    void recompute();
    void offer(const BlockReport& report);
    void present(Found found);
    void fillSources();
    void chooseSource(int index);
    void showTensor(int index);
    void copy();

    DocumentController& m_document;
    TrainingBridge* m_bridge = nullptr;
    NodeId m_block;
    bool m_active = false;
    bool m_allowed = false;  ///< a large network's may be computed
    Source m_chosen = Run;
    QString m_file;
    bool m_fileByHand = false;  ///< else the one that the project's runs begin with
    QTimer m_delay;
    Found m_found;
    QComboBox* m_sources;
    QLabel* m_source;
    QLabel* m_lines;
    QComboBox* m_tensors;
    QToolButton* m_copy;
    TensorModel* m_model;
    QTableView* m_table;
    QPushButton* m_show;
    WeightsHistory* m_history;
    LatestJob<Found> m_job;
};

}  // namespace loom
