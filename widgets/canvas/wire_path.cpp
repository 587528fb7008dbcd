#include "widgets/canvas/wire_path.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace loom {

namespace {

constexpr double kClearance = 20;  ///< between a wire and the block it goes round

QPainterPath direct(const QPointF& from, const QPointF& to) {
    const double dx = to.x() - from.x();
    QPainterPath path(from);
    if (dx >= 24) {
        const double reach = std::min(dx * 0.5, 160.0);
        path.cubicTo(from + QPointF(reach, 0), to - QPointF(reach, 0), to);
        return path;
    }
    // Backwards: out to the right, across at half height (or below both), in from the left.
    const double dy = to.y() - from.y();
    const double reach = std::clamp(40 + std::abs(dx) * 0.06, 44.0, 64.0);
    const double across = std::abs(dy) > 70 ? from.y() + dy / 2 : std::max(from.y(), to.y()) + 64;
    const QPointF middle((from.x() + to.x()) / 2, across);
    path.cubicTo(QPointF(from.x() + reach * 1.3, from.y()), QPointF(from.x() + reach * 1.3, across),
                 middle);
    path.cubicTo(QPointF(to.x() - reach * 1.3, across), QPointF(to.x() - reach * 1.3, to.y()), to);
    return path;
}

/// Blocks that the path runs into.
std::vector<QRectF> hits(const QPainterPath& path, const std::vector<QRectF>& obstacles) {
    const QRectF bounds = path.controlPointRect().adjusted(-4, -4, 4, 4);
    std::vector<QRectF> near;
    for (const QRectF& rect : obstacles)
        if (bounds.intersects(rect)) near.push_back(rect.adjusted(-4, -4, 4, 4));
    if (near.empty()) return {};
    std::vector<QRectF> found;
    constexpr int kSamples = 40;
    std::vector<QPointF> points;
    for (int i = 1; i < kSamples; ++i) points.push_back(path.pointAtPercent(i / double(kSamples)));
    for (const QRectF& rect : near)
        if (std::any_of(points.begin(), points.end(),
                        [&](const QPointF& p) { return rect.contains(p); }))
            found.push_back(rect);
    return found;
}

QPainterPath roundAt(const QPointF& from, const QPointF& to, double left, double right, double y) {
    QPainterPath path(from);
    left = std::clamp(left, from.x() + 36, std::max(from.x() + 36, to.x() - 36));
    right = std::clamp(right, left, std::max(left, to.x() - 36));
    const double in = (left - from.x()) * 0.55, out = (to.x() - right) * 0.55;
    path.cubicTo(from + QPointF(in, 0), QPointF(left - in, y), QPointF(left, y));
    if (right > left) path.lineTo(right, y);
    path.cubicTo(QPointF(right + out, y), to - QPointF(out, 0), to);
    return path;
}

}  // namespace

QPainterPath wirePath(const QPointF& from, const QPointF& to,
                      const std::vector<QRectF>& obstacles) {
    const QPainterPath straight = direct(from, to);
    if (to.x() - from.x() < 100) return straight;
    std::vector<QRectF> blocked = hits(straight, obstacles);
    if (blocked.empty()) return straight;

    QPainterPath best = straight;
    std::size_t fewest = blocked.size();
    for (int round = 0; round < 3 && fewest > 0; ++round) {
        QRectF wall;
        for (const QRectF& rect : blocked) wall = wall.united(rect);
        const double above = wall.top() - kClearance, below = wall.bottom() + kClearance;
        const double level = (from.y() + to.y()) / 2;
        std::vector<double> ways{above, below};
        if (std::abs(below - level) < std::abs(above - level)) std::swap(ways[0], ways[1]);
        std::vector<QRectF> seen = blocked;
        for (const double y : ways) {
            const QPainterPath way = roundAt(from, to, wall.left() - 8, wall.right() + 8, y);
            const std::vector<QRectF> still = hits(way, obstacles);
            if (still.size() < fewest) {
                best = way;
                fewest = still.size();
            }
            seen.insert(seen.end(), still.begin(), still.end());
        }
        // What the ways round ran into is part of the wall from now on.
        blocked = std::move(seen);
    }
    return best;
}

std::optional<QRectF> labelPlace(const QPainterPath& path, const QSizeF& size,
                                 const std::vector<QRectF>& blocks,
                                 const std::vector<QRectF>& labels) {
    if (path.isEmpty()) return std::nullopt;
    const QRectF around = path.boundingRect().adjusted(-120, -80, 120, 80);
    std::vector<QRectF> taken;
    for (const QRectF& rect : blocks)
        if (around.intersects(rect)) taken.push_back(rect.adjusted(-3, -3, 3, 3));
    for (const QRectF& rect : labels)
        if (around.intersects(rect)) taken.push_back(rect.adjusted(-4, -1, 4, 1));
    const double half = size.height() / 2;
    for (const double along : {0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8}) {
        const QPointF point = path.pointAtPercent(along);
        const double angle = path.angleAtPercent(along);
        const bool flat = std::abs(std::sin(angle * M_PI / 180)) < 0.12;
        // Beside a flat wire the label leaves the line whole; on a slope it sits on it.
        const double offsets[] = {flat ? half + 5 : 0, flat ? -half - 5 : half + 8,
                                  flat ? 0 : -half - 8};
        for (const double offset : offsets) {
            QRectF rect(QPointF(), size);
            rect.moveCenter(point + QPointF(0, offset));
            const bool free = std::none_of(taken.begin(), taken.end(),
                                           [&](const QRectF& t) { return t.intersects(rect); });
            if (free) return rect;
        }
    }
    // No room between the blocks: under them, at the middle of the wire.
    const QPointF middle = path.pointAtPercent(0.5);
    for (const double offset : {36.0, -36.0, 48.0, -48.0}) {
        QRectF rect(QPointF(), size);
        rect.moveCenter(middle + QPointF(0, offset));
        if (std::none_of(taken.begin(), taken.end(),
                         [&](const QRectF& t) { return t.intersects(rect); }))
            return rect;
    }
    return std::nullopt;
}

}  // namespace loom
