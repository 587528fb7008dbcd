#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "widgets/bridge/strings.h"
#include "widgets/canvas/add_popup.h"
#include "widgets/canvas/canvas_edits.h"
#include "widgets/canvas/canvas_overlays.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/gestures.h"
#include "widgets/canvas/shown_geometry.h"

namespace loom {

void CanvasView::mousePressEvent(QMouseEvent* event) {
    setFocus(Qt::MouseFocusReason);
    m_popup->close();
    const QPoint at = event->pos();
    const QPointF point = mapToScene(at);
    if (m_gesture) {
        // A second button while one is down ends what was going on.
        endGesture();
        return;
    }
    const bool left = event->button() == Qt::LeftButton;
    if (event->button() == Qt::MiddleButton || (left && m_spaceHeld)) {
        m_gesture = std::make_unique<PanGesture>(*this, at);
        return;
    }
    if (!left) return;
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    if (const auto port = m_scene->portAt(point, portRadius())) {
        m_gesture = std::make_unique<WireGesture>(*this, *port, at);
    } else if (BlockItem* block = m_scene->blockAt(point); block && block->isOutside()) {
        if (!shift) m_scene->clearSelection();
        return;
    } else if (block) {
        const bool wasSelected = block->isSelected();
        if (shift) {
            block->setSelected(!wasSelected);
            if (wasSelected) return;
        } else if (!wasSelected) {
            m_scene->select({block->id()});
        }
        m_gesture =
            std::make_unique<MoveGesture>(*this, block->id(), point, at, wasSelected && !shift);
    } else if (const FrameItem* frame = m_scene->titleAt(point)) {
        m_scene->select(frame->keys(), shift);
        m_gesture = std::make_unique<MoveGesture>(*this, frame->keys().front(), point, at, false);
    } else if (WireItem* wire = m_scene->wireAt(point, 5 / m_zoom)) {
        if (!shift) m_scene->clearSelection();
        wire->setSelected(true);
        return;
    } else {
        m_gesture = std::make_unique<BandGesture>(*this, point, event->modifiers());
    }
    m_overlays->setQuiet(true);
}

void CanvasView::mouseMoveEvent(QMouseEvent* event) {
    if (m_gesture) {
        m_gesture->move(mapToScene(event->pos()), event->pos(), event->modifiers());
        return;
    }
    updateHover(event->pos());
}

void CanvasView::mouseReleaseEvent(QMouseEvent* event) {
    if (!m_gesture) return;
    // The gesture may end in a dialogue with the document that asks for a new one.
    const std::unique_ptr<Gesture> gesture = std::move(m_gesture);
    gesture->release(mapToScene(event->pos()), event->pos(), event->modifiers());
    m_overlays->setQuiet(false);
}

void CanvasView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return;
    endGesture();
    const QPointF point = mapToScene(event->pos());
    if (m_scene->portAt(point, portRadius())) return;
    if (BlockItem* block = m_scene->blockAt(point)) {
        if (block->isGroup())
            openGroup(pathOfKey(block->id()));
        else if (block->isOutside())
            goOutside(*block);
        else
            startRename(block->id());
        return;
    }
    if (const FrameItem* frame = m_scene->titleAt(point)) return openGroup(frame->path());
    if (m_document.isReadOnly()) return;
    m_popupPoint = point;
    if (WireItem* wire = m_scene->wireAt(point, 5 / m_zoom)) {
        m_popupUse = PopupUse::OnWire;
        m_popupEdges = wire->wires();
        m_popup->open(event->pos(),
                      tr("Enter puts it between %1 and %2")
                          .arg(shownName(wire->edge().from.node), shownName(wire->edge().to.node)));
    } else {
        m_popupUse = PopupUse::AtPoint;
        m_popup->open(event->pos(), tr("Enter puts it here"));
    }
}

void CanvasView::updateHover(const QPoint& at) {
    const QPointF point = mapToScene(at);
    const auto port = m_scene->portAt(point, portRadius());
    BlockItem* block = port ? m_scene->block(port->ref.node) : m_scene->blockAt(point);
    const std::string id = block ? block->id() : std::string();
    if (id != m_hoveredBlock) {
        if (BlockItem* old = m_scene->block(m_hoveredBlock)) {
            old->setHovered(false);
            old->setHoveredPort(std::nullopt);
        }
        m_hoveredBlock = id;
    }
    if (block) {
        block->setHovered(true);
        block->setHoveredPort(port);
    }
    const FrameItem* title = block ? nullptr : m_scene->titleAt(point);
    WireItem* wire = block || title ? nullptr : m_scene->wireAt(point, 4 / m_zoom);
    for (FrameItem* frame : m_scene->frames()) frame->setHovered(frame == title);
    lightWire(wire ? std::optional(wire->edge()) : std::nullopt);
    viewport()->setCursor(m_spaceHeld ? Qt::OpenHandCursor
                          : port      ? Qt::CrossCursor
                                      : Qt::ArrowCursor);
}

void CanvasView::wheelEvent(QWheelEvent* event) {
    const QPoint turned = event->angleDelta();
    if (event->modifiers() & Qt::ShiftModifier) {
        panBy(QPoint(turned.y() + turned.x(), 0) / 2);
    } else if (event->phase() != Qt::NoScrollPhase && !(event->modifiers() & Qt::ControlModifier) &&
               !event->pixelDelta().isNull()) {
        // Two fingers on a touchpad pan; a pinch arrives as a gesture or with Ctrl.
        panBy(event->pixelDelta());
    } else if (turned.y() != 0) {
        setZoom(m_zoom * std::pow(1.2, std::clamp(turned.y() / 120.0, -8.0, 8.0)),
                event->position().toPoint());
    }
    event->accept();
}

bool CanvasView::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && hasFocus()) {
        // The canvas's own keys come before the menus', while it has the focus.
        auto* press = static_cast<QKeyEvent*>(event);
        const int key = press->key();
        const auto mods = press->modifiers() & ~Qt::KeypadModifier;
        const bool control = mods == Qt::ControlModifier;
        if ((mods == Qt::NoModifier &&
             (key == Qt::Key_Delete || key == Qt::Key_Backspace || key == Qt::Key_F ||
              key == Qt::Key_Home || key == Qt::Key_F2 || key == Qt::Key_Escape ||
              key == Qt::Key_Space)) ||
            (control &&
             (key == Qt::Key_A || key == Qt::Key_C || key == Qt::Key_X || key == Qt::Key_V ||
              key == Qt::Key_D || key == Qt::Key_G || key == Qt::Key_0 || key == Qt::Key_Delete)) ||
            (mods == (Qt::ControlModifier | Qt::ShiftModifier) && key == Qt::Key_G) ||
            (mods == Qt::AltModifier && (key == Qt::Key_Return || key == Qt::Key_Left ||
                                         key == Qt::Key_Right || key == Qt::Key_C))) {
            event->accept();
            return true;
        }
    }
    if (event->type() == QEvent::KeyPress) {
        auto* press = static_cast<QKeyEvent*>(event);
        // Qt takes Tab for moving the focus before keyPressEvent could see it.
        const bool control = press->modifiers() & Qt::ControlModifier;
        if (control && (press->key() == Qt::Key_Tab || press->key() == Qt::Key_Backtab)) {
            walkBlocks(press->key() == Qt::Key_Tab ? 1 : -1);
            return true;
        }
        if (press->key() == Qt::Key_Tab && press->modifiers() == Qt::NoModifier) {
            openSearch(true);
            return true;
        }
    }
    return QGraphicsView::event(event);
}

bool CanvasView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave && !m_gesture) {
        updateHover(QPoint(-10000, -10000));
    }
    return QGraphicsView::viewportEvent(event);
}

void CanvasView::focusOutEvent(QFocusEvent* event) {
    m_spaceHeld = false;
    m_document.endMerge();
    QGraphicsView::focusOutEvent(event);
}

void CanvasView::keyPressEvent(QKeyEvent* event) {
    if (!handleKey(event)) QGraphicsView::keyPressEvent(event);
}

bool CanvasView::handleKey(QKeyEvent* event) {
    const int key = event->key();
    const auto mods = event->modifiers() & ~Qt::KeypadModifier;
    if (key == Qt::Key_Escape) {
        if (m_gesture) return endGesture(), true;
        if (m_overlays->dismiss()) return true;
        if (m_scene->selectedItems().isEmpty() && !m_scene->scope().empty())
            return leaveGroup(), true;
        m_scene->clearSelection();
        return true;
    }
    if (m_gesture) return true;
    if (mods == Qt::ControlModifier) {
        switch (key) {
            case Qt::Key_A:
                return selectAll(), true;
            case Qt::Key_C:
                return copySelection(), true;
            case Qt::Key_X:
                return cutSelection(), true;
            case Qt::Key_V:
                return pasteClipboard(), true;
            case Qt::Key_D:
                return duplicateSelection(), true;
            case Qt::Key_G:
                return groupSelection(), true;
            case Qt::Key_0:
                return setZoom(1), true;
            case Qt::Key_Plus:
            case Qt::Key_Equal:
                return setZoom(m_zoom * 1.2), true;
            case Qt::Key_Minus:
                return setZoom(m_zoom / 1.2), true;
            case Qt::Key_Delete:
            case Qt::Key_Backspace:
                return deleteSelection(true), true;
            case Qt::Key_Z:
                return m_document.undoStack()->undo(), true;
            case Qt::Key_Y:
                return m_document.undoStack()->redo(), true;
            default:
                return false;
        }
    }
    if (mods == (Qt::ControlModifier | Qt::ShiftModifier)) {
        if (key == Qt::Key_F) return tidyUp(), true;
        if (key == Qt::Key_G) return ungroup(), true;
        if (key == Qt::Key_Z) return m_document.undoStack()->redo(), true;
        return false;
    }
    if (mods == Qt::AltModifier) {
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            // Without one for what is selected, the window mends what the status bar shows.
            if (!m_overlays->applyFirstFix()) Q_EMIT repairAsked();
            return true;
        }
        if (key == Qt::Key_C) return toggleCollapsed(), true;
        if (key == Qt::Key_Left || key == Qt::Key_Right)
            return followWire(key == Qt::Key_Right), true;
        return false;
    }
    if (mods == Qt::ShiftModifier && key == Qt::Key_A) return openSearch(false), true;
    if (mods & ~Qt::ShiftModifier) return false;
    if (key == Qt::Key_Question) return m_overlays->toggleKeys(), true;
    const bool fine = mods & Qt::ShiftModifier;
    switch (key) {
        case Qt::Key_Left:
            return nudge(-1, 0, fine), true;
        case Qt::Key_Right:
            return nudge(1, 0, fine), true;
        case Qt::Key_Up:
            return nudge(0, -1, fine), true;
        case Qt::Key_Down:
            return nudge(0, 1, fine), true;
        default:
            break;
    }
    if (fine) return false;
    const std::vector<std::string> ids = m_scene->selectedKeys();
    switch (key) {
        case Qt::Key_Backspace:
            if (m_scene->selectedItems().isEmpty()) return leaveGroup(), true;
            return deleteSelection(false), true;
        case Qt::Key_Delete:
            return deleteSelection(false), true;
        case Qt::Key_F:
            return fitSelection(), true;
        case Qt::Key_Home:
            return fitAll(), true;
        case Qt::Key_F2:
            if (ids.size() == 1) startRename(ids.front());
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (ids.size() == 1 && isGroupKey(ids.front()))
                openGroup(pathOfKey(ids.front()));
            else if (ids.size() == 1)
                Q_EMIT editRequested(q(ids.front()));
            return true;
        case Qt::Key_Space:
            if (!event->isAutoRepeat()) {
                m_spaceHeld = true;
                viewport()->setCursor(Qt::OpenHandCursor);
            }
            return true;
        default:
            return typeNumber(event, ids);
    }
}

/// A digit on a selected block begins its first number in the inspector.
bool CanvasView::typeNumber(QKeyEvent* event, const std::vector<std::string>& ids) {
    const QString text = event->text();
    if (ids.size() != 1 || isGroupKey(ids.front()) || text.size() != 1 || !text[0].isDigit())
        return false;
    Q_EMIT editRequested(q(ids.front()));
    auto* field = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    if (!field || field->isReadOnly() || !field->property("mono").toBool()) {
        setFocus();
        Q_EMIT statusMessage(
            tr("%1 has no number to begin with; Enter shows what can be set.").arg(q(ids.front())));
        return true;
    }
    field->selectAll();
    QApplication::sendEvent(field, event);
    return true;
}

void CanvasView::keyReleaseEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat()) {
        m_spaceHeld = false;
        viewport()->unsetCursor();
    }
    QGraphicsView::keyReleaseEvent(event);
}

void CanvasView::nudge(int dx, int dy, bool fine) {
    const double step = fine ? 1 : kSnap;
    const std::vector<std::string> ids = m_scene->selectedKeys();
    if (ids.empty())
        panBy(QPoint(-dx, -dy) * 40);
    else
        canvas_edits::nudge(m_document, ids, dx * step, dy * step);
}

void CanvasView::walkBlocks(int step) {
    const Graph shown = m_scene->level().asGraph(m_document.graph());
    std::vector<std::string> order = topologicalOrder(shown);
    for (const Node& node : shown.nodes)
        if (std::find(order.begin(), order.end(), node.id) == order.end()) order.push_back(node.id);
    if (order.empty()) return;
    const std::vector<std::string> ids = m_scene->selectedKeys();
    const auto found =
        ids.empty() ? order.end() : std::find(order.begin(), order.end(), ids.front());
    const auto count = static_cast<std::ptrdiff_t>(order.size());
    std::ptrdiff_t next = step > 0 ? 0 : count - 1;
    if (found != order.end()) next = (found - order.begin() + step + count) % count;
    m_scene->select({order[static_cast<std::size_t>(next)]});
    reveal(order[static_cast<std::size_t>(next)]);
}

void CanvasView::followWire(bool forward) {
    const std::vector<std::string> ids = m_scene->selectedKeys();
    if (ids.empty()) return walkBlocks(forward ? 1 : -1);
    const Graph graph = m_scene->level().asGraph(m_document.graph());
    const std::vector<Edge> wires =
        forward ? graph.edgesFrom(ids.front()) : graph.edgesInto(ids.front());
    if (wires.empty()) return;
    const std::string& next = forward ? wires.front().to.node : wires.front().from.node;
    m_scene->select({next});
    reveal(next);
}

}  // namespace loom
