#pragma once

#include <QWidget>

#include "widgets/data/sample_look.h"

namespace loom {

/// How often each value occurs in a sample, a curve per channel.
class ValueHistogram : public QWidget {
    Q_OBJECT
public:
    explicit ValueHistogram(QWidget* parent = nullptr);
    void setFigures(const SampleFigures& figures);
    QSize sizeHint() const override { return {240, 92}; }
    QSize minimumSizeHint() const override { return {140, 72}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    SampleFigures m_figures;
};

}  // namespace loom
