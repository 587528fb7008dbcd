#include "widgets/canvas/canvas_view.h"

#include <QApplication>
#include <QClipboard>
#include <QGraphicsPathItem>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/graph/edit.h"
#include "widgets/bridge/strings.h"
#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/ask_card.h"
#include "widgets/canvas/canvas_accessible.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/gestures.h"
#include "widgets/canvas/group_edits.h"
#include "widgets/canvas/shown_geometry.h"
#include "widgets/style/theme.h"

namespace loom {

CanvasView::CanvasView(DocumentController& document, QWidget* parent)
    : QGraphicsView(parent),
      m_document(document),
      m_scene(new CanvasScene(document, this)),
      m_popup(new AddPopup(this)),
      m_ask(new AskCard(this)),
      m_overlays(nullptr),
      m_draft(new QGraphicsPathItem),
      m_ghost(new QGraphicsPathItem) {
    setScene(m_scene);
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTransformationAnchor(NoAnchor);
    setResizeAnchor(NoAnchor);
    setViewportUpdateMode(SmartViewportUpdate);
    setOptimizationFlag(DontAdjustForAntialiasing);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    viewport()->setMouseTracking(true);
    setAcceptDrops(true);
    setMinimumSize(240, 200);
    setAccessibleName(tr("Network"));
    installCanvasAccessibility();
    for (QGraphicsPathItem* item : {m_draft, m_ghost}) {
        item->setZValue(9);
        item->hide();
        m_scene->addItem(item);
    }
    m_overlays = new CanvasOverlays(*this);

    connect(m_popup, &AddPopup::chosen, this, &CanvasView::popupChosen);
    connect(m_popup, &AddPopup::helpAsked, this, &CanvasView::helpOnKindAsked);
    connect(m_popup, &AddPopup::dismissed, this, [this] { showDraft({}, PortMark::None); });
    connect(&document, &DocumentController::documentReset, this, [this] {
        endGesture();
        m_popup->close();
        m_ask->close();
        m_places.clear();
        fitAll();
    });
    connect(m_scene, &CanvasScene::scopeChanged, this, [this] {
        endGesture();
        endRename();
        m_popup->close();
        m_ask->close();
        m_hoveredBlock.clear();
        m_hoveredWire.reset();
        m_litWire.reset();
    });
    connect(&document, &DocumentController::graphChanged, this, [this] { m_hoveredWire.reset(); });
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        resetCachedContent();
        viewport()->update();
    });
    connect(m_scene, &QGraphicsScene::selectionChanged, this, [this] {
        const std::vector<NodeId> ids = m_scene->selectedBlocks();
        const Node* node = ids.size() == 1 ? m_document.graph().find(ids.front()) : nullptr;
        const std::string group = m_scene->selectedGroup();
        setAccessibleDescription(
            !group.empty() ? tr("Group %1, %2 blocks").arg(q(group)).arg(ids.size())
            : node         ? blockDescription(m_document.graph(), *node, m_document.report().shapes)
                           : tr("%n block(s) selected", nullptr, static_cast<int>(ids.size())));
    });
    fitAll();
}

CanvasView::~CanvasView() {
    m_gesture.reset();
    m_scene->disconnect(this);
    disconnect(m_popup, nullptr, this, nullptr);
}

void CanvasView::setZoom(double zoom, const QPoint& anchor) {
    if (!std::isfinite(zoom)) return;
    zoom = std::clamp(zoom, kLeastZoom, kMostZoom);
    const QPointF before = mapToScene(anchor);
    m_zoom = zoom;
    m_fitted = false;
    setTransform(QTransform::fromScale(zoom, zoom));
    const QPointF after = mapToScene(anchor);
    const QPointF shift = (before - after) * zoom;
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() + qRound(shift.x()));
    verticalScrollBar()->setValue(verticalScrollBar()->value() + qRound(shift.y()));
    Q_EMIT zoomChanged(qRound(m_zoom * 100));
    Q_EMIT viewChanged();
}

void CanvasView::setZoom(double zoom) {
    setZoom(zoom, viewport()->rect().center());
}

void CanvasView::fitRect(const QRectF& rect) {
    const QRectF wanted =
        rect.isEmpty() ? QRectF(-300, -200, 600, 400) : rect.adjusted(-50, -50, 50, 50);
    const QSizeF room = viewport()->size();
    // A small network on a large screen may grow a little, not to a poster.
    const double zoom =
        std::min({room.width() / wanted.width(), room.height() / wanted.height(), 1.2});
    setZoom(std::max(zoom, kLeastZoom));
    centerOn(wanted.center());
    Q_EMIT viewChanged();
}

void CanvasView::fitAll() {
    fitRect(m_scene->blocksRect());
    m_fitted = true;
}

void CanvasView::fitSelection() {
    const std::vector<std::string> ids = m_scene->selectedKeys();
    if (ids.empty())
        fitAll();
    else
        fitRect(m_scene->blocksRect(ids));
}

void CanvasView::panBy(const QPoint& pixels) {
    horizontalScrollBar()->setValue(horizontalScrollBar()->value() - pixels.x());
    verticalScrollBar()->setValue(verticalScrollBar()->value() - pixels.y());
}

void CanvasView::reveal(const NodeId& id) {
    if (!m_scene->block(id) && m_document.graph().find(id))
        openGroup(
            collapsedAround(m_document.graph(), id,
                            isInside(id, m_scene->scope()) ? m_scene->scope() : std::string()));
    // Groups may be collapsed inside of each other.
    while (!m_scene->block(id) && isGroupKey(m_scene->level().keyOf(id)))
        openGroup(pathOfKey(m_scene->level().keyOf(id)));
    const BlockItem* block = m_scene->block(id);
    if (block) ensureVisible(block->sceneRect(), 80, 80);
}

void CanvasView::scrollContentsBy(int dx, int dy) {
    QGraphicsView::scrollContentsBy(dx, dy);
    m_fitted = false;
    Q_EMIT viewChanged();
}

void CanvasView::resizeEvent(QResizeEvent* event) {
    const bool fitted = m_fitted;
    QGraphicsView::resizeEvent(event);
    // What fitted goes on fitting; else what was in the middle stays there.
    if (event->oldSize().isValid() && !fitted) {
        const QSize grown = event->size() - event->oldSize();
        panBy(QPoint(grown.width() / 2, grown.height() / 2));
    } else {
        fitAll();
    }
    m_overlays->place();
    Q_EMIT viewChanged();
}

void CanvasView::drawBackground(QPainter* painter, const QRectF& rect) {
    painter->fillRect(rect, tokens().canvas);
    double step = kGrid;
    while (step * m_zoom < 14) step *= 2;
    painter->setRenderHint(QPainter::Antialiasing, false);
    QPen pen(tokens().gridDot, m_zoom > 1.5 ? 3 : 2);
    pen.setCosmetic(true);
    painter->setPen(pen);
    QList<QPointF> dots;
    const double left = std::floor(rect.left() / step) * step,
                 top = std::floor(rect.top() / step) * step;
    for (double y = top; y <= rect.bottom(); y += step)
        for (double x = left; x <= rect.right(); x += step) dots.append(QPointF(x, y));
    painter->drawPoints(dots.constData(), static_cast<int>(dots.size()));
    painter->setRenderHint(QPainter::Antialiasing, true);
}

void CanvasView::showDraft(const QPainterPath& path, PortMark mark) {
    m_draft->setVisible(!path.isEmpty());
    if (path.isEmpty()) return;
    const Tokens& t = tokens();
    QPen pen(mark == PortMark::Fits         ? t.good
             : mark == PortMark::Bridge     ? t.warning
             : mark == PortMark::Impossible ? t.muted
                                            : t.accent,
             2.2);
    if (mark != PortMark::Fits) pen.setDashPattern({4, 3});
    m_draft->setPen(pen);
    m_draft->setPath(path);
}

void CanvasView::lightWire(const std::optional<Edge>& edge) {
    if (m_litWire == edge) return;
    if (m_litWire)
        if (WireItem* wire = m_scene->wire(*m_litWire)) wire->setHighlighted(false);
    m_litWire = edge;
    if (!edge) return;
    if (WireItem* wire = m_scene->wire(*edge)) wire->setHighlighted(true);
}

void CanvasView::endGesture() {
    if (!m_gesture) return;
    m_gesture->cancel();
    m_gesture.reset();
    m_overlays->setQuiet(false);
}

void CanvasView::deleteSelection(bool heal) {
    canvas_edits::remove(m_document, m_scene->selectedKeys(), m_scene->selectedWires(), heal);
}

void CanvasView::copySelection() {
    const std::vector<NodeId> ids = m_scene->selectedBlocks();
    if (ids.empty()) return;
    QApplication::clipboard()->setText(
        canvas_edits::copyText(m_document.graph(), ids, m_scene->scope()));
    say(ids.size() == 1 ? tr("Copied %1.").arg(q(ids.front()))
                        : tr("Copied %1 blocks.").arg(ids.size()));
}

void CanvasView::cutSelection() {
    copySelection();
    deleteSelection(false);
}

QPointF CanvasView::pasteCorner() const {
    const QPoint mouse = viewport()->mapFromGlobal(QCursor::pos());
    if (viewport()->rect().contains(mouse) && viewport()->underMouse()) return mapToScene(mouse);
    return mapToScene(viewport()->rect().center()) - QPointF(70, 26);
}

void CanvasView::pasteClipboard() {
    const std::vector<NodeId> ids = canvas_edits::paste(
        m_document, QApplication::clipboard()->text(), pasteCorner(), m_scene->scope());
    if (!ids.empty()) m_scene->select(ids);
}

void CanvasView::duplicateSelection() {
    const std::vector<std::string> keys =
        canvas_edits::duplicate(m_document, m_scene->selectedKeys());
    if (!keys.empty()) m_scene->select(keys);
}

void CanvasView::selectAll() {
    std::vector<std::string> keys;
    for (const ShownItem& item : m_scene->level().items()) keys.push_back(item.key);
    m_scene->select(keys);
}

void CanvasView::tidyUp() {
    // Rows as long as the canvas shows at a readable size.
    if (canvas_edits::tidy(m_document, std::max(700.0, viewport()->width() / 0.85 - 90),
                           m_scene->scope()))
        fitReadable();
}

void CanvasView::openSearch(bool append) {
    if (m_document.isReadOnly())
        return say(tr("The project is open for reading only, so nothing can be added."));
    if (!append) {
        QPoint at = viewport()->mapFromGlobal(QCursor::pos());
        if (!viewport()->rect().contains(at)) at = viewport()->rect().center();
        m_popupUse = PopupUse::AtPoint;
        m_popupPoint = mapToScene(at);
        m_popup->open(at, tr("Enter puts it here"));
        return;
    }
    m_popupUse = PopupUse::Behind;
    m_popupBehind =
        canvas_edits::placeToAppend(m_document.graph(), m_scene->selectedKeys(), m_scene->scope());
    const BlockItem* block = m_popupBehind.empty() ? nullptr : m_scene->block(m_popupBehind);
    if (!block) {
        m_popup->open(viewport()->rect().center() - QPoint(m_popup->width(), m_popup->height()) / 2,
                      tr("Enter puts it on the canvas"));
        return;
    }
    const PortHandle origin{{m_popupBehind, 0}, true};
    const QPoint at = mapFromScene(block->sceneRect().topRight() + QPointF(30, -10));
    m_popup->open(at, tr("Enter puts it behind %1").arg(shownName(m_popupBehind)),
                  [this, origin = realPort(origin)](const LayerKind& kind) {
                      KindFit fit = classifyKind(m_document.graph(), m_document.report().shapes,
                                                 origin, kind);
                      // What needs no wire can be added apart.
                      if (fit.mark == PortMark::Impossible) fit.reason.clear();
                      return fit;
                  });
}

void CanvasView::openSearchForWire(const PortHandle& origin, const QPointF& point,
                                   const QPoint& at) {
    m_popupUse = PopupUse::WireEnd;
    m_popupOrigin = origin;
    m_popupPoint = point;
    m_popup->open(at + QPoint(12, -20),
                  tr("Enter puts it here and connects it to %1").arg(shownName(origin.ref.node)),
                  [this, origin = realPort(origin)](const LayerKind& kind) {
                      return classifyKind(m_document.graph(), m_document.report().shapes, origin,
                                          kind);
                  });
}

void CanvasView::popupChosen(const QString& kind) {
    showDraft({}, PortMark::None);
    NodeId added;
    switch (m_popupUse) {
        case PopupUse::AtPoint:
            added = canvas_edits::addBlock(m_document, kind, m_popupPoint, {}, m_scene->scope());
            break;
        case PopupUse::OnWire:
            added = canvas_edits::addBlock(m_document, kind, m_popupPoint, m_popupEdges,
                                           m_scene->scope());
            break;
        case PopupUse::Behind:
            added = canvas_edits::appendBlock(m_document, kind, m_popupBehind, m_scene->scope());
            break;
        case PopupUse::WireEnd:
            if (m_popupOrigin)
                added = canvas_edits::addConnected(m_document, kind, *m_popupOrigin, m_popupPoint,
                                                   m_scene->scope());
            break;
    }
    if (added.empty()) return;
    m_scene->select({added});
    reveal(added);
}

void CanvasView::addFromPalette(const QString& kind) {
    const NodeId added = canvas_edits::appendBlock(
        m_document, kind,
        canvas_edits::placeToAppend(m_document.graph(), m_scene->selectedKeys(), m_scene->scope()),
        m_scene->scope());
    if (added.empty()) return;
    m_scene->select({added});
    reveal(added);
}

void CanvasView::startRename(const std::string& key) {
    const BlockItem* block = m_scene->block(key);
    if (!block || block->isOutside() || m_document.isReadOnly()) return;
    endRename();
    const QString id = shownName(key);
    auto* field = new QLineEdit(id, viewport());
    m_rename = field;
    const QRect place = mapFromScene(block->sceneRect()).boundingRect();
    field->setGeometry(place.left() + 6, place.center().y() - 14, std::max(160, place.width() - 12),
                       28);
    field->setAccessibleName(tr("New name of %1").arg(id));
    field->setObjectName(QStringLiteral("canvas.rename"));
    field->selectAll();
    field->show();
    field->setFocus();
    field->installEventFilter(this);
    connect(field, &QLineEdit::editingFinished, this, [this, field, key] {
        // Losing the focus while it goes away ends the editing a second time.
        if (m_rename != field) return;
        const QString name = field->text().trimmed();
        endRename();
        if (isGroupKey(key) ? canvas_edits::renameGroup(m_document, pathOfKey(key), name)
                            : canvas_edits::rename(m_document, key, name))
            m_scene->select({isGroupKey(key) ? groupKey(name.toStdString()) : name.toStdString()});
    });
}

void CanvasView::endRename() {
    QLineEdit* field = std::exchange(m_rename, nullptr);
    if (!field) return;
    field->deleteLater();
    setFocus();
    field->hide();
}

bool CanvasView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_rename && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape) return endRename(), true;
        // A line edit lets Enter through, and to the canvas it means something else.
        if (key == Qt::Key_Return || key == Qt::Key_Enter)
            return Q_EMIT m_rename->editingFinished(), true;
    }
    return QGraphicsView::eventFilter(watched, event);
}

}  // namespace loom
