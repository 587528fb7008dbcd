#pragma once

#include <QPoint>
#include <QPointF>
#include <Qt>
#include <map>
#include <memory>
#include <vector>

#include "widgets/canvas/port_fit.h"

class QGraphicsPathItem;
class QGraphicsRectItem;

namespace loom {

class CanvasView;
class WireItem;

/// What one press of the mouse does until it is let go. `point` is in the scene, `at` in the view.
class Gesture {
public:
    explicit Gesture(CanvasView& view) : m_view(view) {}
    virtual ~Gesture() = default;
    virtual void move(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) = 0;
    virtual void release(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) = 0;
    /// Escape, or the document changed under the gesture: everything is as before.
    virtual void cancel() = 0;

protected:
    CanvasView& m_view;
};

class PanGesture : public Gesture {
public:
    PanGesture(CanvasView& view, const QPoint& at);
    ~PanGesture() override;
    void move(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) override;
    void release(const QPointF&, const QPoint&, Qt::KeyboardModifiers) override {}
    void cancel() override {}

private:
    QPoint m_last;
};

class BandGesture : public Gesture {
public:
    BandGesture(CanvasView& view, const QPointF& point, Qt::KeyboardModifiers keys);
    ~BandGesture() override;
    void move(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) override;
    void release(const QPointF&, const QPoint&, Qt::KeyboardModifiers) override {}
    void cancel() override;

private:
    QPointF m_start;
    std::vector<std::string> m_before;  ///< selected already, and kept with Shift
    std::unique_ptr<QGraphicsRectItem> m_band;
};

/// Moves the selected blocks; a loose one lights up a wire it may be dropped on.
class MoveGesture : public Gesture {
public:
    MoveGesture(CanvasView& view, const std::string& grabbed, const QPointF& point,
                const QPoint& at, bool collapseOnClick);
    ~MoveGesture() override;
    void move(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) override;
    void release(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) override;
    void cancel() override;

private:
    void lightWire(Qt::KeyboardModifiers keys);

    std::string m_grabbed;
    QPointF m_start;
    QPoint m_pressedAt;
    std::map<std::string, QPointF> m_origins;
    bool m_moved = false;
    bool m_collapse;  ///< a plain click on one of many selects that one
    bool m_loose = false;
    std::optional<Edge> m_onto;  ///< its ends on the canvas
};

/// Draws a wire from a port, or takes up the end of one that is there.
class WireGesture : public Gesture {
public:
    WireGesture(CanvasView& view, const PortHandle& grabbed, const QPoint& at);
    ~WireGesture() override;
    void move(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) override;
    void release(const QPointF& point, const QPoint& at, Qt::KeyboardModifiers keys) override;
    void cancel() override;

private:
    void mark();
    void draw(const QPointF& end);
    std::optional<PortHandle> target(const QPointF& point) const;
    const PortFit* fitOf(const PortHandle& port) const;
    bool isTaken(const PortHandle& input) const;
    std::vector<Edge> takenWires() const;

    PortHandle m_origin;          ///< the end that stays
    std::optional<Edge> m_taken;  ///< the wire whose other end is in the hand, as it is drawn
    QPoint m_pressedAt;
    bool m_moved = false;
    std::vector<PortFit> m_fits;
    std::optional<PortHandle> m_target;
};

}  // namespace loom
