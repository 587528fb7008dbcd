#include "widgets/plots/plot_caption.h"

#include <QFontMetrics>
#include <QPainter>
#include <QPoint>

#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kPicturePad = 14;
constexpr int kTitleHeight = 26;
constexpr int kLegendRow = 18;
constexpr int kSwatch = 22;
constexpr int kEntryGap = 18;

/// Where each entry of a legend stands, row below row.
std::vector<QPoint> legendPlaces(const std::vector<PlotCaption::Entry>& legend, int width) {
    const QFontMetrics metrics(uiFont(12));
    std::vector<QPoint> places;
    int x = 0, y = 0;
    for (const PlotCaption::Entry& entry : legend) {
        const int needed = kSwatch + 6 + metrics.horizontalAdvance(entry.name);
        if (x > 0 && x + needed > width) {
            x = 0;
            y += kLegendRow;
        }
        places.emplace_back(x, y);
        x += needed + kEntryGap;
    }
    return places;
}

}  // namespace

int captionHeight(const PlotCaption& caption, int width) {
    const auto places = legendPlaces(caption.legend, width - 2 * kPicturePad);
    return kPicturePad + kTitleHeight + (places.empty() ? 0 : places.back().y() + kLegendRow) + 4;
}

void paintCaption(QPainter& painter, const PlotCaption& caption, int width) {
    const auto places = legendPlaces(caption.legend, width - 2 * kPicturePad);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(uiFont(15, QFont::DemiBold));
    painter.setPen(tokens().text);
    painter.drawText(QRect(kPicturePad, kPicturePad, width - 2 * kPicturePad, kTitleHeight),
                     Qt::AlignVCenter | Qt::AlignLeft, caption.title);
    painter.setFont(uiFont(12));
    for (std::size_t i = 0; i < places.size(); ++i) {
        const PlotCaption::Entry& entry = caption.legend[i];
        const QPoint at = places[i] + QPoint(kPicturePad, kPicturePad + kTitleHeight);
        const int middle = at.y() + kLegendRow / 2;
        painter.setPen(QPen(entry.color, 2.5, entry.dashed ? Qt::DashLine : Qt::SolidLine));
        painter.drawLine(at.x(), middle, at.x() + kSwatch, middle);
        if (entry.markers) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(entry.color);
            painter.drawEllipse(QPointF(at.x() + kSwatch / 2.0, middle), 3.5, 3.5);
        }
        painter.setPen(tokens().text);
        painter.drawText(QRect(at.x() + kSwatch + 6, at.y(), width, kLegendRow),
                         Qt::AlignVCenter | Qt::AlignLeft, entry.name);
    }
}

}  // namespace loom
