#pragma once

#include <QWidget>

#include "core/train/schedule.h"

class QLabel;

namespace loom {

class PlotView;

/// The learning rate over a run that has not begun: a small curve with a sentence below.
class SchedulePlot : public QWidget {
    Q_OBJECT
public:
    explicit SchedulePlot(QWidget* parent = nullptr);
    /// Hides itself for a curve without points. `note` is added below.
    void setCurve(const ScheduleCurve& curve, std::int64_t epochs, const QString& note = {});
    QString text() const;

private:
    void draw();

    PlotView* m_plot;
    QLabel* m_text;
    ScheduleCurve m_curve;
    std::int64_t m_epochs = 0;
};

}  // namespace loom
