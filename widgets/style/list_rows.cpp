#include "widgets/style/list_rows.h"

#include <QPainter>

#include "widgets/style/theme.h"

namespace loom {

void paintListHeading(QPainter& painter, const QRect& row, const QString& text) {
    QFont font = uiFont(11, QFont::DemiBold);
    font.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
    painter.setFont(font);
    painter.setPen(tokens().muted);
    painter.drawText(row.adjusted(8, 0, -8, -5), Qt::AlignLeft | Qt::AlignBottom, text);
}

void paintListGround(QPainter& painter, const QStyleOptionViewItem& option, const QString& family) {
    const QRect& row = option.rect;
    const bool current = option.state & QStyle::State_Selected;
    painter.setPen(Qt::NoPen);
    if (current || option.state & QStyle::State_MouseOver) {
        painter.setBrush(current ? tokens().accentSoft : tokens().hover);
        painter.drawRoundedRect(row.adjusted(2, 1, -2, -1), 6, 6);
    }
    painter.setBrush(familyColor(family));
    painter.drawRoundedRect(QRectF(row.left() + 12, row.center().y() - 4.5, 10, 10), 3, 3);
}

}  // namespace loom
