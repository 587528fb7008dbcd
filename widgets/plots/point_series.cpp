#include "widgets/plots/point_series.h"

#include <algorithm>
#include <cmath>

namespace loom {

void PointSeries::merge(Block& block, std::size_t index) const {
    if (!std::isfinite(m_y[index])) return;
    if (block.lowest == kNone || m_y[index] < m_y[block.lowest]) block.lowest = index;
    if (block.highest == kNone || m_y[index] > m_y[block.highest]) block.highest = index;
}

void PointSeries::merge(Block& block, const Block& other) const {
    if (other.lowest == kNone) return;
    merge(block, other.lowest);
    merge(block, other.highest);
}

void PointSeries::append(double x, double y) {
    const std::size_t index = m_x.size();
    m_x.push_back(x);
    m_y.push_back(y);
    m_sums.push_back((m_sums.empty() ? 0 : m_sums.back()) + (std::isfinite(y) ? y : 0));
    if (!std::isfinite(y)) m_notFinite.push_back(x);
    std::size_t block = index;
    for (std::size_t level = 0;; ++level) {
        block /= kFan;
        if (level == m_levels.size()) {
            // A level is worth having once it would hold a second block.
            if (block == 0) break;
            m_levels.emplace_back();
            std::vector<Block>& fresh = m_levels.back();
            std::size_t span = 1;
            for (std::size_t i = 0; i <= level; ++i) span *= kFan;
            fresh.resize(block + 1);
            for (std::size_t i = 0; i < index; ++i) merge(fresh[i / span], i);
        }
        std::vector<Block>& blocks = m_levels[level];
        if (blocks.size() <= block) blocks.resize(block + 1);
        merge(blocks[block], index);
    }
}

void PointSeries::clear() {
    m_x.clear();
    m_y.clear();
    m_sums.clear();
    m_notFinite.clear();
    m_levels.clear();
}

void PointSeries::reserve(std::size_t count) {
    m_x.reserve(count);
    m_y.reserve(count);
    m_sums.reserve(count);
}

std::size_t PointSeries::nearest(double x) const {
    if (m_x.empty()) return 0;
    const auto after = std::lower_bound(m_x.begin(), m_x.end(), x);
    if (after == m_x.begin()) return 0;
    if (after == m_x.end()) return m_x.size() - 1;
    const auto index = static_cast<std::size_t>(after - m_x.begin());
    return x - m_x[index - 1] <= m_x[index] - x ? index - 1 : index;
}

PointSeries::Block PointSeries::extremes(std::size_t first, std::size_t last) const {
    Block result;
    std::size_t level = 0;
    std::size_t span = 1;
    // Up: whole blocks of ever larger size until the end is nearer than the next block.
    while (first < last) {
        std::size_t next = span * kFan;
        while (level < m_levels.size() && first % next == 0 && first + next <= last) {
            ++level;
            span = next;
            next *= kFan;
        }
        while (level > 0 && (first % span != 0 || first + span > last)) {
            --level;
            span /= kFan;
        }
        if (level == 0)
            merge(result, first);
        else
            merge(result, m_levels[level - 1][first / span]);
        first += span;
    }
    return result;
}

PointSeries::Extent PointSeries::extent(double low, double high) const {
    const auto first = std::lower_bound(m_x.begin(), m_x.end(), low) - m_x.begin();
    const auto last = std::upper_bound(m_x.begin(), m_x.end(), high) - m_x.begin();
    if (first >= last) return {};
    const Block block = extremes(static_cast<std::size_t>(first), static_cast<std::size_t>(last));
    if (block.lowest == kNone) return {};
    return {m_y[block.lowest], m_y[block.highest], false};
}

std::pair<std::size_t, std::size_t> PointSeries::reach(double low, double high) const {
    const auto begin = m_x.begin();
    auto first = static_cast<std::size_t>(std::lower_bound(begin, m_x.end(), low) - begin);
    auto last = static_cast<std::size_t>(std::upper_bound(begin, m_x.end(), high) - begin);
    if (first > 0) --first;
    if (last < m_x.size()) ++last;
    return {first, last};
}

void PointSeries::visibleMeans(double low, double high, int columns,
                               std::vector<Point>& points) const {
    points.clear();
    if (m_x.empty() || columns < 1 || !(high > low)) return;
    const auto [first, last] = reach(low, high);
    std::size_t stride = 1;
    while ((last - first) / stride > static_cast<std::size_t>(columns)) stride *= 2;
    if (stride == 1) {
        visible(low, high, columns, points);
        return;
    }
    for (std::size_t from = first / stride * stride; from < last; from += stride) {
        const std::size_t to = std::min(from + stride, m_x.size());
        const auto bad = std::lower_bound(m_notFinite.begin(), m_notFinite.end(), m_x[from]);
        const auto badEnd = std::upper_bound(bad, m_notFinite.end(), m_x[to - 1]);
        const auto count = static_cast<double>(to - from) - static_cast<double>(badEnd - bad);
        if (count < 1) continue;
        const double sum = m_sums[to - 1] - (from > 0 ? m_sums[from - 1] : 0);
        points.push_back({m_x[from + (to - from) / 2], sum / count});
    }
    // The line reaches the newest point.
    if (last == m_x.size() && std::isfinite(m_y.back()) && points.size() > 0 &&
        points.back().x < m_x.back())
        points.push_back({m_x.back(), m_y.back()});
}

void PointSeries::visible(double low, double high, int columns, std::vector<Point>& points) const {
    points.clear();
    if (m_x.empty() || columns < 1 || !(high > low)) return;
    const auto begin = m_x.begin();
    const auto [first, last] = reach(low, high);
    const auto add = [&](std::size_t index) {
        if (std::isfinite(m_y[index])) points.push_back({m_x[index], m_y[index]});
    };
    const std::size_t budget = static_cast<std::size_t>(columns) * 4;
    if (last - first <= budget) {
        for (std::size_t i = first; i < last; ++i) add(i);
        return;
    }
    const double width = (high - low) / columns;
    std::size_t from = first;
    for (int column = 0; column <= columns && from < last; ++column) {
        const double end = low + width * (column + 1);
        auto to = static_cast<std::size_t>(
            std::lower_bound(begin + static_cast<std::ptrdiff_t>(from),
                             begin + static_cast<std::ptrdiff_t>(last), end) -
            begin);
        if (column == columns) to = last;
        if (to == from) continue;
        const Block block = extremes(from, to);
        std::size_t order[4] = {from, block.lowest, block.highest, to - 1};
        if (block.lowest == kNone) order[1] = order[2] = from;
        std::sort(order, order + 4);
        std::size_t previous = kNone;
        for (const std::size_t index : order) {
            if (index != previous) add(index);
            previous = index;
        }
        from = to;
    }
}

}  // namespace loom
