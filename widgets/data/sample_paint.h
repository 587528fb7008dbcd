#pragma once

#include <QImage>
#include <QPixmap>
#include <QStringList>

class QPainter;

namespace loom {

/// A sample that is a few numbers, as something that travels where pictures do: it remembers its
/// cells and is written out where it is painted, sharp at every size. `names` are those of the
/// columns, or empty.
QImage cellsImage(const QStringList& names, const QStringList& cells);
/// The cells of such an image; empty for pictures.
QStringList cellsOf(const QImage& image);

/// Paints a sample as large as it fits into the frame: pictures as they are, cells as a small table
/// of column and cell.
void paintSample(QPainter& painter, const QImage& image, const QRect& frame);
/// The same for a label: at most `side` wide and high.
QPixmap samplePixmap(const QImage& image, int side, double ratio);

}  // namespace loom
