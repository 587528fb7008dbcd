#pragma once

#include <QColor>
#include <QString>
#include <vector>

class QPainter;

namespace loom {

/// What a picture of a plot says besides the plot itself.
struct PlotCaption {
    struct Entry {
        QString name;
        QColor color;
        bool dashed = false;
        bool markers = false;
    };
    QString title;
    QString valueLabel;  ///< of the upright axis
    std::vector<Entry> legend;
};

/// The room that title and legend take above a plot of this width.
int captionHeight(const PlotCaption& caption, int width);
/// Paints them there, the legend in as many rows as it needs.
void paintCaption(QPainter& painter, const PlotCaption& caption, int width);

}  // namespace loom
