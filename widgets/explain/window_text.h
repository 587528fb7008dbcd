#pragma once

#include <QColor>
#include <QString>

#include "widgets/explain/window_sums.h"

namespace loom {

/// "0.31", "−12.4": few characters, for a cell.
QString cellNumber(double value);
/// "0.31214": as exact as a float32 is worth reading.
QString exactNumber(double value);
/// How the number that comes out came about: "Σ of 25 products 0.31214 + bias 0.03120 = 0.34334".
QString sumSentence(const WindowSums& sums, const WindowSums::Sum& sum);
/// "row 12, column 7"; "place 12" in one dimension.
QString placeText(const WindowGeometry& geometry, const Cell& cell);

/// 0 for the lowest number, 255 for the highest.
int greyOf(double value, double low, double high);
/// Blue below zero, orange above, nothing at zero; told apart by colour-blind people.
QColor signedColor(double value, double scale);

}  // namespace loom
