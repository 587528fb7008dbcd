#pragma once

#include <QPainterPath>
#include <QRectF>
#include <optional>
#include <vector>

namespace loom {

/// A smooth way from an output (leaving to the right) to an input (entering from the left). Blocks
/// in `obstacles` that the straight way would cross are passed above or below; a wire that leads
/// back to the left swings round.
QPainterPath wirePath(const QPointF& from, const QPointF& to,
                      const std::vector<QRectF>& obstacles = {});

/// Where a label of `size` stands so that it covers neither a block nor another label; nullopt
/// when there is no room near the wire.
std::optional<QRectF> labelPlace(const QPainterPath& path, const QSizeF& size,
                                 const std::vector<QRectF>& blocks,
                                 const std::vector<QRectF>& labels);

}  // namespace loom
