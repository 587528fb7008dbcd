#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/catalogue/window.h"

namespace loom {

/// Depth, row and column. In one dimension only the column counts, in two the depth is 0.
using Cell = std::array<std::int64_t, 3>;

/// One point of the window: which number of the input meets which weight.
struct WindowTap {
    Cell at;                   ///< place in the input, also beyond its edges
    Cell kernel;               ///< place in the window
    std::int64_t source = -1;  ///< the number read there, as place in one channel; -1: the padding
    bool inside = true;        ///< `at` lies within the input
    bool counts = true;        ///< Mean: counts in what the sum is divided by
};

/// Where a sliding window lies for every number that comes out. Source: PyTorch's pages on Conv2d,
/// ConvTranspose2d, MaxPool2d, AvgPool2d and AdaptiveAvgPool2d.
class WindowGeometry {
public:
    /// `input` and `output` are the sides without channels, as many as the window has.
    WindowGeometry(SlidingWindow window, const std::vector<std::int64_t>& input,
                   const std::vector<std::int64_t>& output);

    const SlidingWindow& window() const { return m_window; }
    int rank() const { return static_cast<int>(m_window.sides.size()); }
    const Cell& input() const { return m_input; }
    const Cell& output() const { return m_output; }
    std::int64_t inputCount() const { return m_input[0] * m_input[1] * m_input[2]; }
    std::int64_t outputCount() const { return m_output[0] * m_output[1] * m_output[2]; }

    /// The points of the window that this number is made of, in the weights' order.
    std::vector<WindowTap> taps(const Cell& output) const;
    /// Sides of the window at this place; they differ from place to place where it adapts.
    Cell kernel(const Cell& output) const;
    /// First and last place that the window reaches along a side, padding included.
    std::int64_t first(std::size_t side) const { return m_first[side]; }
    std::int64_t last(std::size_t side) const { return m_last[side]; }

    /// The number that stands at a place, beyond the edges too, as place in one channel; -1: none.
    std::int64_t source(const Cell& at) const;

    Cell outputAt(std::int64_t index) const;
    std::int64_t outputIndex(const Cell& cell) const;
    /// The output whose window's middle is nearest to a place of the input.
    Cell outputNear(const Cell& place) const;

private:
    struct Point {
        std::int64_t kernel, at;
    };
    std::vector<Point> along(std::size_t side, std::int64_t output) const;
    std::int64_t alongSource(std::size_t side, std::int64_t at) const;

    SlidingWindow m_window;
    std::array<Window, 3> m_sides;
    Cell m_input{1, 1, 1}, m_output{1, 1, 1};
    Cell m_first{0, 0, 0}, m_last{0, 0, 0};
};

}  // namespace loom
