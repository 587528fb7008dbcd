#include "widgets/canvas/block_item.h"

#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <algorithm>

#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr double kRadius = 8;
constexpr double kPort = 4;
constexpr double kPortGrown = 7;
constexpr double kMargin = 14;  ///< shadow, ports and badge around the card
constexpr double kStack = 4;    ///< by which the cards behind a group's show

QColor groupTint(const QString& family) {
    const Tokens& t = tokens();
    const QColor hue = familyColor(family);
    const double part = Theme::instance().isDark() ? 0.16 : 0.08;
    const auto mix = [&](int a, int b) { return static_cast<int>(a * (1 - part) + b * part); };
    return QColor(mix(t.surface.red(), hue.red()), mix(t.surface.green(), hue.green()),
                  mix(t.surface.blue(), hue.blue()));
}

}  // namespace

BlockItem::BlockItem(std::string key, ShownKind shown) : m_id(std::move(key)), m_shown(shown) {
    setFlag(ItemIsSelectable, !isOutside());
    setFlag(ItemSendsGeometryChanges, false);
    setZValue(2);
}

void BlockItem::setGeometry(BlockGeometry geometry) {
    if (geometry == m_geometry) return;
    if (geometry.size != m_geometry.size) prepareGeometryChange();
    m_geometry = std::move(geometry);
    m_inputMarks.resize(m_geometry.inputs.size(), PortMark::None);
    m_outputMarks.resize(m_geometry.outputs.size(), PortMark::None);
    update();
}

void BlockItem::setSeverity(std::optional<Severity> severity) {
    if (severity == m_severity) return;
    m_severity = severity;
    update();
}

void BlockItem::setMark(const PortHandle& port, PortMark mark) {
    auto& marks = port.output ? m_outputMarks : m_inputMarks;
    if (port.ref.port < 0 || static_cast<std::size_t>(port.ref.port) >= marks.size()) return;
    marks[static_cast<std::size_t>(port.ref.port)] = mark;
    update();
}

void BlockItem::clearMarks() {
    std::fill(m_inputMarks.begin(), m_inputMarks.end(), PortMark::None);
    std::fill(m_outputMarks.begin(), m_outputMarks.end(), PortMark::None);
    update();
}

void BlockItem::setHoveredPort(const std::optional<PortHandle>& port) {
    if (port == m_hoveredPort) return;
    m_hoveredPort = port;
    update();
}

void BlockItem::setFrozen(bool frozen) {
    if (frozen == m_frozen) return;
    m_frozen = frozen;
    update();
}

void BlockItem::setHovered(bool hovered) {
    if (hovered == m_hovered) return;
    m_hovered = hovered;
    update();
}

void BlockItem::setTarget(bool target) {
    if (target == m_target) return;
    m_target = target;
    update();
}

QPointF BlockItem::portPoint(const PortHandle& port) const {
    const auto& points = port.output ? m_geometry.outputs : m_geometry.inputs;
    if (port.ref.port >= 0 && static_cast<std::size_t>(port.ref.port) < points.size())
        return pos() + points[static_cast<std::size_t>(port.ref.port)];
    return pos() + QPointF(port.output ? m_geometry.size.width() : 0, m_geometry.size.height() / 2);
}

std::vector<PortHandle> BlockItem::ports() const {
    std::vector<PortHandle> all;
    for (std::size_t i = 0; i < m_geometry.inputs.size(); ++i)
        all.push_back({{m_id, static_cast<int>(i)}, false});
    for (std::size_t i = 0; i < m_geometry.outputs.size(); ++i)
        all.push_back({{m_id, static_cast<int>(i)}, true});
    return all;
}

QRectF BlockItem::boundingRect() const {
    return rect().adjusted(-kMargin, -kMargin, kMargin, kMargin);
}

QPainterPath BlockItem::shape() const {
    QPainterPath path;
    path.addRoundedRect(rect(), kRadius, kRadius);
    return path;
}

QVariant BlockItem::itemChange(GraphicsItemChange change, const QVariant& value) {
    if (change == ItemSelectedHasChanged) setZValue(value.toBool() ? 3 : 2);
    return QGraphicsItem::itemChange(change, value);
}

void BlockItem::paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) {
    const double detail =
        QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform());
    const bool selected = option->state & QStyle::State_Selected;
    if (isOutside()) {
        paintOutside(painter, detail);
        if (detail >= 0.6) paintPorts(painter);
        return;
    }
    if (detail < 0.3) {
        painter->setPen(m_severity == Severity::Error ? QPen(tokens().danger, 2.5 / detail)
                        : selected                    ? QPen(tokens().accent, 2.5 / detail)
                                                      : QPen(Qt::NoPen));
        painter->setBrush(familyColor(m_geometry.family));
        painter->drawRoundedRect(rect(), kRadius, kRadius);
        return;
    }
    if (isGroup()) paintStack(painter);
    paintCard(painter, detail, selected);
    if (isGroup() && detail >= 0.6)
        paintGroupText(painter);
    else
        paintText(painter, detail);
    if (detail >= 0.6) paintPorts(painter);
    if (m_frozen && detail >= 0.6) paintSnowflake(painter);
    if (m_severity) paintBadge(painter);
}

void BlockItem::paintCard(QPainter* painter, double detail, bool selected) const {
    const Tokens& t = tokens();
    if (detail >= 0.6) {
        painter->setPen(Qt::NoPen);
        QColor shade = t.shadow;
        for (const double spread : {2.5, 1.0}) {
            shade.setAlpha(t.shadow.alpha() / (spread > 2 ? 3 : 2));
            painter->setBrush(shade);
            painter->drawRoundedRect(rect().adjusted(-spread / 2, 1, spread / 2, 1 + spread),
                                     kRadius + 1, kRadius + 1);
        }
    }
    QColor border = t.field;
    double width = 1;
    if (m_hovered) border = t.muted;
    if (m_severity == Severity::Warning) border = t.warning;
    if (m_severity == Severity::Error) border = t.danger, width = 1.5;
    if (selected || m_target)
        border = m_severity == Severity::Error ? t.danger : t.accent, width = 2;
    if (selected || m_target) {
        // A soft ring, so that the selection of a faulty block shows too.
        QColor ring = t.accent;
        ring.setAlpha(46);
        painter->setPen(QPen(ring, 4));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(rect().adjusted(-3, -3, 3, 3), kRadius + 3, kRadius + 3);
    }
    painter->setPen(Qt::NoPen);
    painter->setBrush(isGroup() ? groupTint(m_geometry.family) : t.surface);
    painter->drawRoundedRect(rect(), kRadius, kRadius);

    QPainterPath card;
    card.addRoundedRect(rect(), kRadius, kRadius);
    QPainterPath edge;
    edge.addRect(QRectF(0, 0, 5, rect().height()));
    painter->setBrush(familyColor(m_geometry.family));
    painter->drawPath(card.intersected(edge));

    QPen pen(border, std::max(width, 1.0 / std::max(detail, 0.3) * (width > 1.2 ? 1.5 : 0.8)));
    if (!m_geometry.known) pen.setStyle(Qt::DashLine);
    painter->setPen(pen);
    painter->setBrush(Qt::NoBrush);
    painter->drawRoundedRect(rect(), kRadius, kRadius);
}

void BlockItem::paintText(QPainter* painter, double detail) const {
    const Tokens& t = tokens();
    const double left = 16;
    if (detail < 0.6) {
        // From afar only the name, in letters that stay readable.
        painter->setFont(uiFont(19, QFont::DemiBold));
        painter->setPen(t.text);
        const QString name =
            painter->fontMetrics().elidedText(m_geometry.prefix + m_geometry.name, Qt::ElideRight,
                                              static_cast<int>(rect().width() - 24));
        painter->drawText(rect().adjusted(left, 0, -8, 0), Qt::AlignVCenter | Qt::AlignLeft, name);
        return;
    }
    static const QFont bold = uiFont(13, QFont::DemiBold), plain = uiFont(13), mono = monoFont(12);
    const bool two = !m_geometry.badge.isEmpty();
    const double middle = rect().height() / 2;
    const QRectF first = two ? QRectF(left, middle - 20, rect().width() - left, 20)
                             : QRectF(left, middle - 11, rect().width() - left, 22);
    painter->setFont(bold);
    painter->setPen(t.text);
    painter->drawText(first, Qt::AlignVCenter | Qt::AlignLeft, m_geometry.name);
    const double used = painter->fontMetrics().horizontalAdvance(m_geometry.name) + 6;
    painter->setFont(plain);
    painter->setPen(t.muted);
    painter->drawText(first.adjusted(used, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                      m_geometry.kind);
    if (!two) return;
    painter->setFont(mono);
    painter->drawText(QRectF(left, middle + 1, rect().width() - left, 19),
                      Qt::AlignVCenter | Qt::AlignLeft, m_geometry.badge);
}

/// Two cards peep out from behind: there is more inside.
void BlockItem::paintStack(QPainter* painter) const {
    const Tokens& t = tokens();
    painter->setBrush(groupTint(m_geometry.family));
    painter->setPen(QPen(t.field, 1));
    for (const double shift : {2 * kStack, kStack})
        painter->drawRoundedRect(rect().adjusted(shift, shift, shift, shift), kRadius, kRadius);
}

void BlockItem::paintGroupText(QPainter* painter) const {
    const Tokens& t = tokens();
    static const QFont bold = uiFont(14, QFont::DemiBold), light = uiFont(14), plain = uiFont(12),
                       mono = monoFont(12);
    const double top = rect().height() / 2 - (m_geometry.badge.isEmpty() ? 20 : 30);
    double x = m_geometry.textLeft;
    const auto write = [&](const QFont& font, const QColor& color, double y, const QString& text) {
        painter->setFont(font);
        painter->setPen(color);
        painter->drawText(QRectF(x, top + y, rect().width() - x, 20),
                          Qt::AlignVCenter | Qt::AlignLeft, text);
        x += painter->fontMetrics().horizontalAdvance(text);
    };
    if (!m_geometry.prefix.isEmpty()) write(light, t.muted, 0, m_geometry.prefix);
    write(bold, t.text, 0, m_geometry.name);
    x += 8;
    write(plain, t.muted, 0, m_geometry.kind);
    x = m_geometry.textLeft;
    write(plain, t.muted, 20, m_geometry.detail);
    x = m_geometry.textLeft;
    if (!m_geometry.badge.isEmpty()) write(mono, t.muted, 40, m_geometry.badge);
    paintPortLabels(painter);
}

void BlockItem::paintPortLabels(QPainter* painter) const {
    static const QFont small = monoFont(10);
    painter->setFont(small);
    painter->setPen(tokens().muted);
    for (int i = 0; i < m_geometry.inputLabels.size(); ++i) {
        const QPointF port = m_geometry.inputs[static_cast<std::size_t>(i)];
        painter->drawText(QRectF(11, port.y() - 10, rect().width(), 20),
                          Qt::AlignVCenter | Qt::AlignLeft, m_geometry.inputLabels[i]);
    }
    for (int i = 0; i < m_geometry.outputLabels.size(); ++i) {
        const QPointF port = m_geometry.outputs[static_cast<std::size_t>(i)];
        painter->drawText(QRectF(0, port.y() - 10, rect().width() - 9, 20),
                          Qt::AlignVCenter | Qt::AlignRight, m_geometry.outputLabels[i]);
    }
}

void BlockItem::paintOutside(QPainter* painter, double detail) const {
    const Tokens& t = tokens();
    QPen pen(m_hovered ? t.accent : t.field, std::max(1.2, 1 / detail));
    pen.setDashPattern({3, 3});
    painter->setPen(pen);
    painter->setBrush(t.canvas);
    painter->drawRoundedRect(rect(), rect().height() / 2, rect().height() / 2);
    if (detail < 0.4) return;
    static const QFont bold = uiFont(12, QFont::DemiBold), plain = uiFont(12);
    painter->setFont(plain);
    painter->setPen(t.canvasLabel);
    const QRectF line = rect().adjusted(14, 0, 0, 0);
    painter->drawText(line, Qt::AlignVCenter | Qt::AlignLeft, m_geometry.kind);
    const double used = painter->fontMetrics().horizontalAdvance(m_geometry.kind) + 5;
    painter->setFont(bold);
    painter->drawText(line.adjusted(used, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                      m_geometry.name);
}

void BlockItem::paintPorts(QPainter* painter) const {
    const Tokens& t = tokens();
    const auto draw = [&](const std::vector<QPointF>& points, const std::vector<PortMark>& marks,
                          bool output) {
        for (std::size_t i = 0; i < points.size(); ++i) {
            const bool grown = m_hoveredPort && m_hoveredPort->output == output &&
                               m_hoveredPort->ref.port == static_cast<int>(i);
            QColor ring = m_hovered || grown ? t.accent : t.wire;
            QColor fill = t.surface;
            double radius = grown ? kPortGrown : kPort;
            switch (marks[i]) {
                case PortMark::None:
                    break;
                case PortMark::Fits:
                    ring = fill = t.good;
                    radius = grown ? kPortGrown : 6;
                    break;
                case PortMark::Bridge:
                    ring = t.warning;
                    fill = grown ? t.warning : t.warningSoft;
                    radius = grown ? kPortGrown : 6;
                    break;
                case PortMark::Impossible:
                    ring = fill = t.field;
                    radius = 3;
                    break;
            }
            if (grown && marks[i] == PortMark::None) fill = t.accent;
            painter->setPen(QPen(ring, 1.5));
            painter->setBrush(fill);
            if (marks[i] == PortMark::Bridge) {
                // Another form as well as another colour.
                const double r = radius + 1.5;
                const QPointF c = points[i];
                painter->drawPolygon(QPolygonF{c + QPointF(0, -r), c + QPointF(r, 0),
                                               c + QPointF(0, r), c + QPointF(-r, 0)});
            } else {
                painter->drawEllipse(points[i], radius, radius);
            }
        }
    };
    draw(m_geometry.inputs, m_inputMarks, false);
    draw(m_geometry.outputs, m_outputMarks, true);
}

void BlockItem::paintSnowflake(QPainter* painter) const {
    const QPointF centre(rect().width() - 11, 11);
    painter->setPen(QPen(tokens().accent, 1.3, Qt::SolidLine, Qt::RoundCap));
    painter->save();
    painter->translate(centre);
    for (int arm = 0; arm < 6; ++arm) {
        painter->drawLine(QPointF(0, 0), QPointF(0, -6));
        painter->drawLine(QPointF(0, -3.6), QPointF(-1.9, -5.2));
        painter->drawLine(QPointF(0, -3.6), QPointF(1.9, -5.2));
        painter->rotate(60);
    }
    painter->restore();
}

void BlockItem::paintBadge(QPainter* painter) const {
    const Tokens& t = tokens();
    const bool error = m_severity == Severity::Error;
    const QPointF centre(rect().width() - 6, 0);
    if (m_severity == Severity::Info) {
        // A ring that is still open.
        painter->setPen(QPen(t.muted, 2));
        painter->setBrush(t.canvas);
        painter->drawEllipse(centre, 6, 6);
        return;
    }
    painter->setPen(QPen(t.canvas, 2));
    painter->setBrush(error ? t.danger : t.warning);
    if (error) {
        painter->drawEllipse(centre, 9, 9);
    } else {
        painter->drawPolygon(
            QPolygonF{centre + QPointF(0, -10), centre + QPointF(10, 8), centre + QPointF(-10, 8)});
    }
    painter->setPen(QPen(t.surface, 2, Qt::SolidLine, Qt::RoundCap));
    const double shift = error ? 0 : 2;
    painter->drawLine(centre + QPointF(0, -4 + shift), centre + QPointF(0, 0.5 + shift));
    painter->drawPoint(centre + QPointF(0, 4 + shift * 0.5));
}

}  // namespace loom
