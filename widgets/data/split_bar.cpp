#include "widgets/data/split_bar.h"

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <utility>

#include "core/base/shape.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr int kBar = 26;
constexpr int kLine = 22;
constexpr int kLeastWidth = 3;

QColor colorOf(SplitBar::Part::Look look) {
    const Tokens& t = tokens();
    switch (look) {
        case SplitBar::Part::Look::First:
            return t.accent;
        case SplitBar::Part::Look::Second:
            return t.good;
        case SplitBar::Part::Look::Third:
            return t.warning;
        case SplitBar::Part::Look::Unused:
            break;
    }
    return t.field;
}

QString percentText(double share) {
    return QString::number(share * 100, 'f', share < 0.1 ? 1 : 0) + QStringLiteral(" %");
}

}  // namespace

SplitBar::SplitBar(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Parts of the data"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void SplitBar::setParts(std::vector<Part> parts) {
    std::erase_if(parts, [](const Part& part) { return part.count <= 0; });
    m_parts = std::move(parts);
    QStringList spoken;
    for (const Part& part : m_parts)
        spoken << part.name + QLatin1Char(' ') + q(groupDigits(part.count));
    setAccessibleDescription(spoken.join(QStringLiteral(", ")));
    update();
}

void SplitBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& t = tokens();
    std::int64_t whole = 0;
    for (const Part& part : m_parts) whole += part.count;
    QPainterPath rounded;
    rounded.addRoundedRect(QRectF(0, 0, width(), kBar), 6, 6);
    painter.setClipPath(rounded);
    painter.fillRect(QRect(0, 0, width(), kBar), t.canvas);
    double x = 0;
    for (const Part& part : m_parts) {
        const double wide =
            std::max<double>(kLeastWidth, double(part.count) / double(whole) * double(width()));
        const QRectF piece(x, 0, wide - 1.5, kBar);
        painter.fillRect(piece, colorOf(part.look));
        // Not by colour alone.
        if (part.look == Part::Look::Unused)
            painter.fillRect(piece, QBrush(t.surface, Qt::BDiagPattern));
        x += wide;
    }
    painter.setClipping(false);
    int left = 0;
    int top = kBar + 6;
    const QFontMetrics names(uiFont(12));
    const QFontMetrics numbers(monoFont(12));
    for (const Part& part : m_parts) {
        const QString number = q(groupDigits(part.count)) + QStringLiteral("  ") +
                               percentText(double(part.count) / double(whole));
        const int name = names.horizontalAdvance(part.name) + 8;
        const int wide = 16 + name + numbers.horizontalAdvance(number);
        if (left > 0 && left + wide > width()) {
            left = 0;
            top += kLine;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(colorOf(part.look));
        painter.drawRoundedRect(QRect(left, top + 8, 10, 10), 3, 3);
        painter.setFont(uiFont(12));
        painter.setPen(t.text);
        painter.drawText(QRect(left + 16, top, width(), kLine + 4), Qt::AlignVCenter, part.name);
        painter.setFont(monoFont(12));
        painter.setPen(t.muted);
        painter.drawText(QRect(left + 16 + name, top, width(), kLine + 4), Qt::AlignVCenter,
                         number);
        left += wide + 20;
    }
}

}  // namespace loom
