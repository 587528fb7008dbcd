#include "widgets/data/annotated_picture.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>

#include "widgets/style/theme.h"

namespace loom {

namespace {
/// Smaller pictures show their pixels, larger ones are smoothed.
constexpr int kPixelSide = 96;
}  // namespace

AnnotatedPicture::AnnotatedPicture(QWidget* parent) : QWidget(parent) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setMinimumHeight(160);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void AnnotatedPicture::setPicture(const QImage& image, std::vector<Box> boxes,
                                  const QStringList& names) {
    m_image = image;
    m_boxes = std::move(boxes);
    m_names = names;
    setAccessibleName(m_boxes.empty()
                          ? tr("The chosen picture")
                          : tr("The chosen picture, boxes drawn in it: %1").arg(m_boxes.size()));
    updateGeometry();
    update();
}

int AnnotatedPicture::heightForWidth(int width) const {
    const int most = std::max(minimumHeight(), window()->height() * 6 / 10);
    if (m_image.isNull()) return std::min(width, most);
    return std::min(most, width * m_image.height() / std::max(1, m_image.width()));
}

QRectF AnnotatedPicture::pictureRect() const {
    QSizeF size = m_image.size();
    size.scale(QSizeF(this->size()), Qt::KeepAspectRatio);
    return {QPointF((width() - size.width()) / 2, (height() - size.height()) / 2), size};
}

void AnnotatedPicture::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    QPainterPath rounded;
    rounded.addRoundedRect(QRectF(rect()), 8, 8);
    painter.setClipPath(rounded);
    painter.fillRect(rect(), t.canvas);
    if (m_image.isNull()) return;
    const QRectF target = pictureRect();
    painter.setRenderHint(QPainter::SmoothPixmapTransform,
                          std::max(m_image.width(), m_image.height()) > kPixelSide);
    painter.drawImage(target, m_image);
    const double scale = target.width() / m_image.width();
    QFont font = uiFont(11, QFont::DemiBold);
    painter.setFont(font);
    for (const Box& box : m_boxes) {
        const QColor colour = seriesColor(static_cast<int>(box.label % kSeriesColors));
        const QRectF place(target.left() + box.x * scale, target.top() + box.y * scale,
                           box.width * scale, box.height * scale);
        // A dark line under the coloured one is seen on any picture.
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(0, 0, 0, 150), 4));
        painter.drawRect(place);
        painter.setPen(QPen(colour, 2));
        painter.drawRect(place);
    }
    // Names last, so that no box crosses them.
    for (const Box& box : m_boxes) {
        if (box.label < 0 || box.label >= m_names.size()) continue;
        const QString name = m_names[static_cast<qsizetype>(box.label)];
        const int wide = painter.fontMetrics().horizontalAdvance(name) + 8;
        QRectF tag(target.left() + box.x * scale, target.top() + box.y * scale - 16, wide, 16);
        tag.moveLeft(std::clamp(tag.left(), 0.0, std::max(0.0, double(width() - wide))));
        tag.moveTop(std::max(tag.top(), 0.0));
        const QColor colour = seriesColor(static_cast<int>(box.label % kSeriesColors));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawRoundedRect(tag, 3, 3);
        painter.setPen(qGray(colour.rgb()) > 120 ? QColor(16, 20, 28) : QColor(255, 255, 255));
        painter.drawText(tag, Qt::AlignCenter, name);
    }
}

}  // namespace loom
