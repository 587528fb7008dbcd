#pragma once

#include <QStyleOptionViewItem>

class QPainter;

namespace loom {

/// Rows of a list of kinds, as the palette, the search and the help's index draw them.

/// A family's name above its kinds, in small capitals.
void paintListHeading(QPainter& painter, const QRect& row, const QString& text);
/// What lies under a kind's name: the tint of the row that is current or under the mouse, and a
/// square in the family's colour.
void paintListGround(QPainter& painter, const QStyleOptionViewItem& option, const QString& family);

}  // namespace loom
