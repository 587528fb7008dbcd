#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace loom {

/// All points of one curve, kept whole, with a pyramid of minima and maxima over them so that any
/// stretch of any length is drawn with a few points per pixel.
class PointSeries {
public:
    struct Point {
        double x = 0;
        double y = 0;
    };
    struct Extent {
        double low = 0;
        double high = 0;
        bool empty = true;
    };

    /// `x` must not be less than the one before. A `y` that is not finite is kept, not drawn.
    void append(double x, double y);
    void clear();
    void reserve(std::size_t count);
    std::size_t size() const { return m_x.size(); }
    double x(std::size_t index) const { return m_x[index]; }
    double y(std::size_t index) const { return m_y[index]; }
    const std::vector<double>& values() const { return m_y; }
    /// Where values that are not finite were recorded.
    const std::vector<double>& notFinite() const { return m_notFinite; }

    /// The index of the point nearest to `x`; size() when there is none.
    std::size_t nearest(double x) const;
    /// Smallest and largest finite y of the points with low <= x <= high.
    Extent extent(double low, double high) const;
    /// What to draw between `low` and `high` on `columns` pixels: per column the first, lowest,
    /// highest and last point, and one point beyond either end so that lines leave the picture.
    void visible(double low, double high, int columns, std::vector<Point>& points) const;
    /// The same as a calm line: where columns hold several points, their means, taken over
    /// stretches that start at fixed places, so that a line keeps its shape while it grows and is
    /// moved.
    void visibleMeans(double low, double high, int columns, std::vector<Point>& points) const;

private:
    static constexpr std::size_t kFan = 32;
    struct Block {
        std::size_t lowest = kNone;
        std::size_t highest = kNone;
    };
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    void merge(Block& block, std::size_t index) const;
    void merge(Block& block, const Block& other) const;
    /// Lowest and highest of the points [first, last).
    Block extremes(std::size_t first, std::size_t last) const;
    /// The points to draw between two x: [first, second).
    std::pair<std::size_t, std::size_t> reach(double low, double high) const;

    std::vector<double> m_x;
    std::vector<double> m_y;
    std::vector<double> m_sums;  ///< of the finite y before each point
    std::vector<double> m_notFinite;
    std::vector<std::vector<Block>> m_levels;  ///< level k: blocks of kFan^(k+1) points
};

}  // namespace loom
