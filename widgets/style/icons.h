#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

class QAbstractButton;

namespace loom {

/// `resources/icons/<name>.svg` in one colour, sharp at every size and scale of the screen.
QPixmap iconPixmap(const QString& name, const QColor& color, int size, qreal devicePixelRatio);
/// An icon in the theme's text colour, muted while disabled. It keeps the colours of the theme it
/// was made under; use setIcon for one that follows the theme.
QIcon icon(const QString& name);
QIcon icon(const QString& name, const QColor& color);
/// Gives a button an icon that is drawn anew whenever the theme changes. Primary buttons get
/// the colour of their text.
void setIcon(QAbstractButton* button, const QString& name, int size = 16);

}  // namespace loom
