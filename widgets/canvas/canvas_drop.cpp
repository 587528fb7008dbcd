#include <QDropEvent>
#include <QGraphicsPathItem>
#include <QMimeData>
#include <QPen>
#include <cmath>

#include "core/graph/edit.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/gestures.h"
#include "widgets/canvas/group_library.h"
#include "widgets/canvas/shown_geometry.h"
#include "widgets/style/theme.h"

namespace loom {

QSizeF CanvasView::ghostSize(const QString& kind) const {
    Node node;
    node.id = edit::freeId(m_document.graph(), kind.toStdString());
    node.kind = kind.toStdString();
    if (const LayerKind* known = layers().find(node.kind))
        node.params = startingParams(known->params);
    return blockGeometry(m_document.graph(), node, {}).size;
}

void CanvasView::dragEnterEvent(QDragEnterEvent* event) {
    if (m_document.isReadOnly() || !(event->mimeData()->hasFormat(QLatin1String(kLayerMime)) ||
                                     event->mimeData()->hasFormat(QLatin1String(kLibraryMime))))
        return event->ignore();
    event->setDropAction(Qt::CopyAction);
    event->accept();
}

void CanvasView::dragMoveEvent(QDragMoveEvent* event) {
    if (event->mimeData()->hasFormat(QLatin1String(kLibraryMime)))
        return event->setDropAction(Qt::CopyAction), event->accept();
    if (!event->mimeData()->hasFormat(QLatin1String(kLayerMime))) return event->ignore();
    const QString kind = QString::fromUtf8(event->mimeData()->data(QLatin1String(kLayerMime)));
    const QPointF point = mapToScene(event->position().toPoint());
    const QSizeF size = ghostSize(kind);
    const QPointF corner = point - QPointF(size.width() / 2, size.height() / 2);
    const QRectF place(
        QPointF(std::round(corner.x() / kSnap) * kSnap, std::round(corner.y() / kSnap) * kSnap),
        size);
    QPainterPath outline;
    outline.addRoundedRect(place, 8, 8);
    QPen pen(tokens().accent, 1.5, Qt::DashLine);
    QColor fill = tokens().accent;
    fill.setAlpha(24);
    m_ghost->setPen(pen);
    m_ghost->setBrush(fill);
    m_ghost->setPath(outline);
    m_ghost->show();
    WireItem* wire = m_scene->wireUnder(place, {});
    lightWire(wire ? std::optional(wire->edge()) : std::nullopt);
    if (wire)
        say(tr("Let go to put %1 between %2 and %3.")
                .arg(kind, shownName(wire->edge().from.node), shownName(wire->edge().to.node)));
    event->setDropAction(Qt::CopyAction);
    event->accept();
}

void CanvasView::dragLeaveEvent(QDragLeaveEvent*) {
    m_ghost->hide();
    lightWire(std::nullopt);
}

void CanvasView::dropEvent(QDropEvent* event) {
    const WireItem* wire =
        m_litWire && !(event->modifiers() & Qt::AltModifier) ? m_scene->wire(*m_litWire) : nullptr;
    const std::vector<Edge> onto = wire ? wire->wires() : std::vector<Edge>();
    m_ghost->hide();
    lightWire(std::nullopt);
    if (event->mimeData()->hasFormat(QLatin1String(kLibraryMime))) {
        event->setDropAction(Qt::CopyAction);
        event->accept();
        insertFromLibrary(QString::fromUtf8(event->mimeData()->data(QLatin1String(kLibraryMime))),
                          mapToScene(event->position().toPoint()));
        return setFocus();
    }
    if (!event->mimeData()->hasFormat(QLatin1String(kLayerMime))) return event->ignore();
    const QString kind = QString::fromUtf8(event->mimeData()->data(QLatin1String(kLayerMime)));
    const NodeId added = canvas_edits::addBlock(
        m_document, kind, mapToScene(event->position().toPoint()), onto, m_scene->scope());
    event->setDropAction(Qt::CopyAction);
    event->accept();
    if (added.empty()) return;
    m_scene->select({added});
    setFocus();
}

}  // namespace loom
