#include "widgets/canvas/gestures.h"

#include <QApplication>
#include <QGraphicsRectItem>
#include <QPen>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/shown_geometry.h"
#include "widgets/canvas/wire_path.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

bool beyondClick(const QPoint& from, const QPoint& to) {
    return (to - from).manhattanLength() >= 4;
}

}  // namespace

PanGesture::PanGesture(CanvasView& view, const QPoint& at) : Gesture(view), m_last(at) {
    view.viewport()->setCursor(Qt::ClosedHandCursor);
}

PanGesture::~PanGesture() {
    m_view.viewport()->unsetCursor();
}

void PanGesture::move(const QPointF&, const QPoint& at, Qt::KeyboardModifiers) {
    m_view.panBy(at - m_last);
    m_last = at;
}

BandGesture::BandGesture(CanvasView& view, const QPointF& point, Qt::KeyboardModifiers keys)
    : Gesture(view), m_start(point), m_band(std::make_unique<QGraphicsRectItem>()) {
    if (keys & Qt::ShiftModifier)
        m_before = view.drawing().selectedKeys();
    else
        view.drawing().clearSelection();
    QColor fill = tokens().accent;
    fill.setAlpha(28);
    QPen pen(tokens().accent, 1);
    pen.setCosmetic(true);
    m_band->setPen(pen);
    m_band->setBrush(fill);
    m_band->setZValue(10);
    view.drawing().addItem(m_band.get());
}

BandGesture::~BandGesture() = default;

void BandGesture::move(const QPointF& point, const QPoint&, Qt::KeyboardModifiers) {
    const QRectF band = QRectF(m_start, point).normalized();
    m_band->setRect(band);
    std::vector<std::string> inside = m_before;
    for (const auto& [id, block] : m_view.drawing().blocks())
        if (band.intersects(block->sceneRect())) inside.push_back(id);
    m_view.drawing().select(inside);
}

void BandGesture::cancel() {
    m_view.drawing().select(m_before);
}

MoveGesture::MoveGesture(CanvasView& view, const std::string& grabbed, const QPointF& point,
                         const QPoint& at, bool collapseOnClick)
    : Gesture(view),
      m_grabbed(grabbed),
      m_start(point),
      m_pressedAt(at),
      m_collapse(collapseOnClick) {
    for (const std::string& key : view.drawing().selectedKeys())
        m_origins[key] = view.drawing().block(key)->pos();
    const Graph& graph = view.document().graph();
    const Node* node = graph.find(grabbed);
    const LayerKind* kind = node ? layers().find(node->kind) : nullptr;
    m_loose = m_origins.size() == 1 && kind && !kind->inputs.empty() && !kind->outputs.empty() &&
              graph.edgesInto(grabbed).empty() && graph.edgesFrom(grabbed).empty();
}

MoveGesture::~MoveGesture() {
    if (!m_onto) return;
    if (WireItem* wire = m_view.drawing().wire(*m_onto)) wire->setHighlighted(false);
}

void MoveGesture::move(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) {
    if (m_view.document().isReadOnly()) return;
    if (!m_moved && !beyondClick(m_pressedAt, at)) return;
    m_moved = true;
    const auto grabbed = m_origins.find(m_grabbed);
    if (grabbed == m_origins.end()) return;
    // The block under the mouse stands on the grid; the others keep their distance to it.
    QPointF goal = grabbed->second + (point - m_start);
    if (!(keys & Qt::AltModifier))
        goal = {std::round(goal.x() / kSnap) * kSnap, std::round(goal.y() / kSnap) * kSnap};
    const QPointF shift = goal - grabbed->second;
    std::vector<std::string> ids;
    for (const auto& [id, origin] : m_origins) {
        if (BlockItem* block = m_view.drawing().block(id)) block->setPos(origin + shift);
        ids.push_back(id);
    }
    m_view.drawing().blocksDragged(ids);
    lightWire(keys);
}

void MoveGesture::lightWire(Qt::KeyboardModifiers keys) {
    if (!m_loose) return;
    const BlockItem* block = m_view.drawing().block(m_grabbed);
    WireItem* wire = keys & Qt::AltModifier || !block
                         ? nullptr
                         : m_view.drawing().wireUnder(block->sceneRect(), m_grabbed);
    if (m_onto && (!wire || !(wire->edge() == *m_onto)))
        if (WireItem* old = m_view.drawing().wire(*m_onto)) old->setHighlighted(false);
    m_onto = wire ? std::optional(wire->edge()) : std::nullopt;
    if (!wire) return;
    wire->setHighlighted(true);
    m_view.say(
        QObject::tr("Let go to put %1 between %2 and %3. Alt keeps it apart.")
            .arg(shownName(m_grabbed), shownName(m_onto->from.node), shownName(m_onto->to.node)));
}

void MoveGesture::release(const QPointF&, const QPoint&, Qt::KeyboardModifiers) {
    CanvasScene& scene = m_view.drawing();
    if (!m_moved) {
        if (m_collapse) scene.select({m_grabbed});
        return;
    }
    std::map<std::string, Position> positions;
    for (const auto& [id, origin] : m_origins)
        if (const BlockItem* block = scene.block(id))
            positions[id] = {block->pos().x(), block->pos().y()};
    bool done = false;
    if (const WireItem* wire = m_onto ? scene.wire(*m_onto) : nullptr)
        done = canvas_edits::insertMoved(m_view.document(), m_grabbed, positions[m_grabbed],
                                         wire->wires(), scene.scope());
    else
        done = canvas_edits::move(m_view.document(), positions);
    if (!done) scene.resetPositions();
}

void MoveGesture::cancel() {
    if (m_moved) m_view.drawing().resetPositions();
    m_moved = false;
}

WireGesture::WireGesture(CanvasView& view, const PortHandle& grabbed, const QPoint& at)
    : Gesture(view), m_origin(grabbed), m_pressedAt(at) {
    // An input has one wire at most; pulling at it takes that wire by its end.
    if (!grabbed.output) {
        for (const WireItem* wire : view.drawing().wires()) {
            if (!(wire->edge().to == grabbed.ref)) continue;
            m_taken = wire->edge();
            m_origin = {wire->edge().from, true};
        }
    }
}

WireGesture::~WireGesture() {
    for (const auto& [id, block] : m_view.drawing().blocks()) {
        block->clearMarks();
        block->setHoveredPort(std::nullopt);
    }
    if (m_taken)
        if (WireItem* wire = m_view.drawing().wire(*m_taken)) wire->setVisible(true);
}

void WireGesture::mark() {
    std::vector<PortHandle> ports;
    for (const auto& [id, block] : m_view.drawing().blocks())
        for (const PortHandle& port : block->ports())
            if (!(port == m_origin)) ports.push_back(port);
    const DocumentController& document = m_view.document();
    m_fits = classifyShown(document.graph(), document.report().shapes, m_view.drawing().level(),
                           m_origin, ports);
    for (const PortFit& fit : m_fits)
        if (BlockItem* block = m_view.drawing().block(fit.port.ref.node))
            block->setMark(fit.port, fit.mark);
    if (m_taken)
        if (WireItem* wire = m_view.drawing().wire(*m_taken)) {
            wire->setVisible(false);
            wire->placeLabel({});
        }
}

const PortFit* WireGesture::fitOf(const PortHandle& port) const {
    const auto found = std::find_if(m_fits.begin(), m_fits.end(),
                                    [&](const PortFit& fit) { return fit.port == port; });
    return found == m_fits.end() ? nullptr : &*found;
}

bool WireGesture::isTaken(const PortHandle& input) const {
    const auto& wires = m_view.drawing().wires();
    return std::any_of(wires.begin(), wires.end(),
                       [&](const WireItem* wire) { return wire->edge().to == input.ref; });
}

std::vector<Edge> WireGesture::takenWires() const {
    const WireItem* wire = m_taken ? m_view.drawing().wire(*m_taken) : nullptr;
    return wire ? wire->wires() : std::vector<Edge>();
}

/// The port the wire would end at: the one near the mouse, or the best of the block under it.
std::optional<PortHandle> WireGesture::target(const QPointF& point) const {
    const double radius = 24 / m_view.zoom();
    if (const auto port = m_view.drawing().portAt(point, std::min(radius, 60.0));
        port && !(*port == m_origin))
        return port;
    const BlockItem* block = m_view.drawing().blockAt(point);
    if (!block || block->id() == m_origin.ref.node) return std::nullopt;
    std::optional<PortHandle> best;
    PortMark bestMark = PortMark::Impossible;
    for (const PortHandle& port : block->ports()) {
        const PortFit* fit = fitOf(port);
        if (!fit || port.output == m_origin.output) continue;
        const bool taken = !port.output && isTaken(port);
        if (!best || fit->mark < bestMark ||
            (fit->mark == bestMark && !taken && !best->output && isTaken(*best))) {
            best = port;
            bestMark = fit->mark;
        }
    }
    return best;
}

void WireGesture::move(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers) {
    if (m_view.document().isReadOnly()) return;
    if (!m_moved) {
        if (!beyondClick(m_pressedAt, at)) return;
        m_moved = true;
        mark();
    }
    const std::optional<PortHandle> next = target(point);
    if (m_target && (!next || !(*next == *m_target)))
        if (BlockItem* block = m_view.drawing().block(m_target->ref.node))
            block->setHoveredPort(std::nullopt);
    m_target = next;
    if (m_target) {
        BlockItem* block = m_view.drawing().block(m_target->ref.node);
        block->setHoveredPort(*m_target);
        const PortFit* fit = fitOf(*m_target);
        if (fit && fit->mark == PortMark::Bridge)
            m_view.say(
                QObject::tr("%1 Let go all the same to connect them; a repair will be offered.")
                    .arg(fit->reason));
        else if (fit && !fit->reason.isEmpty())
            m_view.say(fit->reason);
        else
            m_view.say(QObject::tr("Let go to connect %1 and %2.")
                           .arg(shownName(m_origin.ref.node), shownName(m_target->ref.node)));
        draw(block->portPoint(*m_target));
    } else {
        m_view.say(
            QObject::tr("Let go on a port to connect, or in empty space to choose a layer. Green "
                        "fits, amber needs something in between."));
        draw(point);
    }
}

void WireGesture::draw(const QPointF& end) {
    const BlockItem* block = m_view.drawing().block(m_origin.ref.node);
    if (!block) return;
    const QPointF start = block->portPoint(m_origin);
    const PortFit* fit = m_target ? fitOf(*m_target) : nullptr;
    m_view.showDraft(m_origin.output ? wirePath(start, end) : wirePath(end, start),
                     fit ? fit->mark : PortMark::None);
}

void WireGesture::release(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers) {
    if (!m_moved) return;
    DocumentController& document = m_view.document();
    if (!m_target && !m_taken && !m_view.drawing().blockAt(point)) {
        // The wire stays in sight until a layer is chosen for its end.
        m_view.openSearchForWire(m_origin, point, at);
        return;
    }
    m_view.showDraft({}, PortMark::None);
    if (m_target) {
        const PortRef& from = m_origin.output ? m_origin.ref : m_target->ref;
        const PortRef& to = m_origin.output ? m_target->ref : m_origin.ref;
        if (m_target->output == m_origin.output) {
            if (const PortFit* fit = fitOf(*m_target)) m_view.say(fit->reason);
        } else if (canvas_edits::connect(document, from, to, takenWires(),
                                         m_view.drawing().scope())) {
            m_view.say(QString());
            // What does not fit yet is shown with its repairs.
            const PortFit* fit = fitOf(*m_target);
            if (fit && fit->mark == PortMark::Bridge) m_view.drawing().select({to.node});
        }
    } else {
        if (m_taken && !m_view.drawing().blockAt(point))
            canvas_edits::remove(document, {}, takenWires(), false);
        m_view.say(QString());
    }
}

void WireGesture::cancel() {
    m_view.showDraft({}, PortMark::None);
}

}  // namespace loom
