#include "widgets/data/sample_paint.h"

#include <QPainter>
#include <algorithm>
#include <cstdint>

#include "core/base/sentence.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kSide = 96;  ///< what layouts take as its size
constexpr int kLargestFont = 15;
constexpr int kSmallestFont = 10;
const QString kCells = QStringLiteral("cells");
const QString kNames = QStringLiteral("names");
const QChar kBetween(0x1f);

QStringList partsOf(const QImage& image, const QString& key) {
    const QString text = image.text(key);
    return text.isEmpty() ? QStringList() : text.split(kBetween);
}

void paintCells(QPainter& painter, const QStringList& names, const QStringList& cells,
                const QRect& frame) {
    const Tokens& t = tokens();
    const QRect room = frame.adjusted(6, 4, -6, -4);
    const int count = static_cast<int>(cells.size());
    // As large as all rows allow; below the smallest size rows are left out instead.
    const int size =
        std::clamp(room.height() / std::max(count, 1) - 4, kSmallestFont, kLargestFont);
    const QFont font = monoFont(size);
    const QFontMetrics metrics(font);
    painter.setFont(font);
    const int line = metrics.height() + 1;
    const int rows = std::clamp(room.height() / line, 1, count);
    const bool all = rows == count;
    const int top = room.top() + (room.height() - rows * line) / 2;
    int widest = 0;
    for (const QString& cell : cells) widest = std::max(widest, metrics.horizontalAdvance(cell));
    const bool named = !names.isEmpty() && room.width() - widest > 3 * metrics.averageCharWidth();
    for (int row = 0; row < rows; ++row) {
        const QRect place(room.left(), top + row * line, room.width(), line);
        if (!all && row + 1 == rows && rows > 1) {
            painter.setPen(t.muted);
            painter.drawText(
                place, Qt::AlignVCenter | (named ? Qt::AlignLeft : Qt::AlignHCenter),
                q(sentence("{numbers} more", {{"numbers", std::to_string(count - row)}})));
            return;
        }
        painter.setPen(t.text);
        painter.drawText(place, Qt::AlignVCenter | (named ? Qt::AlignRight : Qt::AlignHCenter),
                         metrics.elidedText(cells[row], Qt::ElideRight, place.width()));
        if (!named) continue;
        painter.setPen(t.muted);
        const int left = place.width() - metrics.horizontalAdvance(cells[row]) - 6;
        painter.drawText(place, Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(names.value(row), Qt::ElideRight, left));
    }
}

}  // namespace

QImage cellsImage(const QStringList& names, const QStringList& cells) {
    QImage image(kSide, kSide, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    image.setText(kCells, cells.join(kBetween));
    image.setText(kNames, names.join(kBetween));
    return image;
}

QStringList cellsOf(const QImage& image) {
    return partsOf(image, kCells);
}

void paintSample(QPainter& painter, const QImage& image, const QRect& frame) {
    if (image.isNull()) return;
    if (const QStringList cells = cellsOf(image); !cells.isEmpty()) {
        painter.save();
        paintCells(painter, partsOf(image, kNames), cells, frame);
        painter.restore();
        return;
    }
    QSize size = image.size();
    size.scale(frame.size(), Qt::KeepAspectRatio);
    QRect target(QPoint(), size);
    target.moveCenter(frame.center());
    // Small pictures keep their pixels visible; large ones are smoothed.
    painter.setRenderHint(QPainter::SmoothPixmapTransform, image.width() > frame.width());
    painter.drawImage(target, image);
}

QPixmap samplePixmap(const QImage& image, int side, double ratio) {
    QSize size = image.size();
    size.scale(side, side, Qt::KeepAspectRatio);
    QPixmap pixmap(size * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintSample(painter, image, QRect(QPoint(), size));
    return pixmap;
}

}  // namespace loom
