#include "widgets/explain/window_geometry.h"

#include <algorithm>
#include <utility>

namespace loom {

WindowGeometry::WindowGeometry(SlidingWindow window, const std::vector<std::int64_t>& input,
                               const std::vector<std::int64_t>& output)
    : m_window(std::move(window)) {
    const std::size_t given = std::min<std::size_t>(3, m_window.sides.size());
    for (std::size_t i = 0; i < given && i < input.size() && i < output.size(); ++i) {
        const std::size_t side = 3 - given + i;
        m_sides[side] = m_window.sides[i];
        m_input[side] = input[i];
        m_output[side] = output[i];
    }
    for (std::size_t side = 0; side < 3; ++side) {
        m_last[side] = m_input[side] - 1;
        if (m_window.transposed || m_window.adaptive) continue;
        const Window& w = m_sides[side];
        m_first[side] = std::min<std::int64_t>(0, -w.padding);
        // Beyond the padding lie the points of a last window that ceil_mode lets count, and of
        // "same", which pads one more at the far end where the sum is odd.
        m_last[side] = std::max(m_input[side] - 1 + w.padding,
                                (m_output[side] - 1) * w.stride - w.padding + w.reach() - 1);
    }
}

std::vector<WindowGeometry::Point> WindowGeometry::along(std::size_t side,
                                                         std::int64_t output) const {
    std::vector<Point> points;
    const Window& w = m_sides[side];
    if (m_window.adaptive) {
        const std::int64_t in = m_input[side], out = m_output[side];
        const std::int64_t begin = output * in / out, end = ((output + 1) * in + out - 1) / out;
        for (std::int64_t at = begin; at < end; ++at) points.push_back({at - begin, at});
        return points;
    }
    for (std::int64_t k = 0; k < w.kernel; ++k) {
        if (!m_window.transposed) {
            points.push_back({k, output * w.stride - w.padding + k * w.dilation});
            continue;
        }
        const std::int64_t steps = output + w.padding - k * w.dilation;
        if (steps < 0 || steps % w.stride != 0 || steps / w.stride >= m_input[side]) continue;
        points.push_back({k, steps / w.stride});
    }
    return points;
}

std::int64_t WindowGeometry::alongSource(std::size_t side, std::int64_t at) const {
    const std::int64_t length = m_input[side];
    if (at >= 0 && at < length) return at;
    if (m_window.paddingMode == "reflect")
        return std::clamp<std::int64_t>(at < 0 ? -at : 2 * (length - 1) - at, 0, length - 1);
    if (m_window.paddingMode == "replicate") return std::clamp<std::int64_t>(at, 0, length - 1);
    if (m_window.paddingMode == "circular") return (at % length + length) % length;
    return -1;
}

std::int64_t WindowGeometry::source(const Cell& at) const {
    std::int64_t place = 0;
    for (std::size_t side = 0; side < 3; ++side) {
        const std::int64_t from = alongSource(side, at[side]);
        if (from < 0) return -1;
        place = place * m_input[side] + from;
    }
    return place;
}

std::vector<WindowTap> WindowGeometry::taps(const Cell& output) const {
    std::vector<WindowTap> taps;
    const auto depths = along(0, output[0]), rows = along(1, output[1]),
               columns = along(2, output[2]);
    for (const Point& depth : depths)
        for (const Point& row : rows)
            for (const Point& column : columns) {
                WindowTap tap{{depth.at, row.at, column.at},
                              {depth.kernel, row.kernel, column.kernel}};
                for (std::size_t side = 0; side < 3; ++side) {
                    const std::int64_t at = tap.at[side];
                    tap.inside = tap.inside && at >= 0 && at < m_input[side];
                    tap.counts = tap.counts && (m_window.countsPadding
                                                    ? at < m_input[side] + m_sides[side].padding
                                                    : at >= 0 && at < m_input[side]);
                }
                tap.source = source(tap.at);
                taps.push_back(tap);
            }
    return taps;
}

Cell WindowGeometry::kernel(const Cell& output) const {
    Cell sides{1, 1, 1};
    for (std::size_t side = 0; side < 3; ++side)
        sides[side] = m_window.adaptive
                          ? static_cast<std::int64_t>(along(side, output[side]).size())
                          : m_sides[side].kernel;
    return sides;
}

Cell WindowGeometry::outputAt(std::int64_t index) const {
    return {index / (m_output[1] * m_output[2]), index / m_output[2] % m_output[1],
            index % m_output[2]};
}

std::int64_t WindowGeometry::outputIndex(const Cell& cell) const {
    return (cell[0] * m_output[1] + cell[1]) * m_output[2] + cell[2];
}

Cell WindowGeometry::outputNear(const Cell& place) const {
    Cell nearest{};
    for (std::size_t side = 0; side < 3; ++side) {
        const Window& w = m_sides[side];
        std::int64_t at = 0;
        if (m_window.adaptive)
            at = place[side] * m_output[side] / m_input[side];
        else if (m_window.transposed)
            at = place[side] * w.stride - w.padding + (w.reach() - 1) / 2;
        else {
            const std::int64_t start = place[side] + w.padding - (w.reach() - 1) / 2;
            at = start < 0 ? 0 : (start + w.stride / 2) / w.stride;
        }
        nearest[side] = std::clamp<std::int64_t>(at, 0, m_output[side] - 1);
    }
    return nearest;
}

}  // namespace loom
