#pragma once

#include <QTimer>
#include <QWidget>

#include "widgets/bridge/document_controller.h"
#include "widgets/bridge/latest_job.h"
#include "widgets/bridge/training_bridge.h"
#include "widgets/explain/explanation.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace loom {

class BarsView;
class CurveView;
class ElidedLabel;
class HistogramView;
class UnitsView;
class WindowPlayer;

/// The picture of a help page, on a real sample: the sliding window where a kind has one, else what
/// suits its family. Computes beside the window; asks for room only where there is a picture.
class BlockPicture : public QWidget {
    Q_OBJECT
public:
    explicit BlockPicture(DocumentController& document, QWidget* parent = nullptr);
    /// Whose weights are used; without one, or before its first run, fresh ones.
    void setBridge(TrainingBridge* bridge);
    /// What is explained: a block, or a layer that is on no canvas; two empty names: nothing.
    void setSubject(const NodeId& block, const QString& kind);
    /// Nothing is computed and nothing moves while it is off.
    void setActive(bool active);
    bool isComputing() const { return m_delay.isActive() || m_job.isRunning(); }
    const Explanation& explanation() const { return m_explanation; }
    WindowPlayer* player() const { return m_player; }
    void setPlaying(bool playing);

Q_SIGNALS:
    /// Whether there is something to show.
    void pictureChanged(bool any);
    void partsChanged(const QString& text);

private:
    void recompute();
    void present(Explanation explanation);

    DocumentController& m_document;
    TrainingBridge* m_bridge = nullptr;
    NodeId m_block;
    QString m_kind;
    bool m_active = false;
    bool m_useRun = true;
    std::int64_t m_sample = 0;
    QTimer m_delay;
    std::shared_ptr<const Project> m_shown;  ///< what the picture was computed from
    Explanation m_explanation;
    ElidedLabel* m_source;
    QToolButton* m_previous;
    QToolButton* m_next;
    QPushButton* m_weights;
    QStackedWidget* m_stack;
    QWidget* m_nothing;
    WindowPlayer* m_player;
    CurveView* m_curve;
    BarsView* m_bars;
    UnitsView* m_units;
    HistogramView* m_histogram;
    LatestJob<Explanation> m_job;
};

}  // namespace loom
