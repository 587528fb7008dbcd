#include "core/data/transforms/pixels.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace loom {
namespace {

/// A picture or tensor as planes of rows of pixels: a picture is one plane whose pixels have
/// `depth` channels, a tensor has a plane per channel with pixels of one number.
template <class Number>
struct Grid {
    std::vector<Number>& values;
    std::size_t planes;
    std::size_t height;
    std::size_t width;
    std::size_t depth;
    Number* row(std::size_t plane, std::size_t y) const {
        return values.data() + (plane * height + y) * width * depth;
    }
};

Grid<std::uint8_t> gridOf(Picture& picture) {
    return {picture.pixels, 1, static_cast<std::size_t>(picture.height),
            static_cast<std::size_t>(picture.width), static_cast<std::size_t>(picture.channels)};
}

Grid<float> gridOf(TensorSample& tensor) {
    const auto side = [&](std::size_t d) { return static_cast<std::size_t>(tensor.dims[d]); };
    return {tensor.values, side(0), side(1), side(2), 1};
}

/// A grid that is only read.
template <class Sample>
auto readGridOf(const Sample& sample) {
    return gridOf(const_cast<Sample&>(sample));
}

Picture sameKind(const Picture& like, std::int64_t height, std::int64_t width) {
    Picture made{static_cast<int>(width), static_cast<int>(height), like.channels, {}};
    made.pixels.resize(static_cast<std::size_t>(height * width * like.channels));
    return made;
}

TensorSample sameKind(const TensorSample& like, std::int64_t height, std::int64_t width) {
    TensorSample made{{like.dims[0], height, width}, {}};
    made.values.resize(static_cast<std::size_t>(like.dims[0] * height * width));
    return made;
}

/// Mirrors without end, as numpy pads since its release 2.
std::int64_t mirrored(std::int64_t place, std::int64_t side, bool repeatEdge) {
    const std::int64_t period = repeatEdge ? 2 * side : 2 * (side - 1);
    const std::int64_t within = (place % period + period) % period;
    return within < side ? within : period - within - (repeatEdge ? 1 : 0);
}

/// For every place of the padded side, the place of the original it repeats, or -1.
std::vector<std::int64_t> sources(std::int64_t side, std::int64_t before, std::int64_t after,
                                  const std::string& mode) {
    const bool mirror = (mode == "reflect" || mode == "symmetric") && side > 1;
    std::vector<std::int64_t> from;
    for (std::int64_t place = -before; place < side + after; ++place) {
        if (mirror)
            from.push_back(mirrored(place, side, mode == "symmetric"));
        else if (mode == "constant" && (place < 0 || place >= side))
            from.push_back(-1);
        else
            from.push_back(std::clamp<std::int64_t>(place, 0, side - 1));
    }
    return from;
}

template <class Number>
Number fillOf(const Padding& padding, std::size_t channel) {
    const double wanted =
        padding.fill.size() > channel ? padding.fill[channel] : padding.fill.front();
    if constexpr (std::is_same_v<Number, std::uint8_t>)
        return static_cast<std::uint8_t>(std::clamp(static_cast<int>(wanted), 0, 255));
    else
        return static_cast<Number>(wanted);
}

template <class Sample>
Sample padSample(const Sample& input, const Padding& padding) {
    const auto in = readGridOf(input);
    Sample made =
        sameKind(input, static_cast<std::int64_t>(in.height) + padding.top + padding.bottom,
                 static_cast<std::int64_t>(in.width) + padding.left + padding.right);
    const auto out = gridOf(made);
    using Number = std::remove_cvref_t<decltype(*out.row(0, 0))>;
    const auto rows =
        sources(static_cast<std::int64_t>(in.height), padding.top, padding.bottom, padding.mode);
    const auto columns =
        sources(static_cast<std::int64_t>(in.width), padding.left, padding.right, padding.mode);
    for (std::size_t plane = 0; plane < out.planes; ++plane) {
        std::vector<Number> fill;
        for (std::size_t c = 0; c < out.depth; ++c)
            fill.push_back(fillOf<Number>(padding, std::max(plane, c)));
        for (std::size_t y = 0; y < out.height; ++y) {
            Number* to = out.row(plane, y);
            const Number* from =
                rows[y] < 0 ? nullptr : in.row(plane, static_cast<std::size_t>(rows[y]));
            const auto write = [&](std::size_t begin, std::size_t end) {
                for (std::size_t place = begin; place < end; ++place) {
                    const std::int64_t column = columns[place];
                    const Number* pixel = !from || column < 0
                                              ? fill.data()
                                              : from + static_cast<std::size_t>(column) * in.depth;
                    for (std::size_t c = 0; c < out.depth; ++c) *to++ = pixel[c];
                }
            };
            const auto left = static_cast<std::size_t>(padding.left);
            if (!from) {
                write(0, out.width);
                continue;
            }
            write(0, left);
            to = std::copy_n(from, in.width * in.depth, to);
            write(left + in.width, out.width);
        }
    }
    return made;
}

template <class Sample>
Sample cropSample(const Sample& input, std::int64_t top, std::int64_t left, std::int64_t height,
                  std::int64_t width) {
    const auto in = readGridOf(input);
    Sample made = sameKind(input, height, width);
    const auto out = gridOf(made);
    for (std::size_t plane = 0; plane < out.planes; ++plane)
        for (std::size_t y = 0; y < out.height; ++y)
            std::copy_n(in.row(plane, y + static_cast<std::size_t>(top)) +
                            static_cast<std::size_t>(left) * in.depth,
                        out.width * out.depth, out.row(plane, y));
    return made;
}

/// Pixels of three numbers, in the opposite order.
template <class Number>
void reverseColours(Number* row, std::size_t width) {
    if (width == 0) return;
    for (Number *a = row, *b = row + 3 * (width - 1); a < b; a += 3, b -= 3) {
        const Number first[3] = {a[0], a[1], a[2]};
        const Number last[3] = {b[0], b[1], b[2]};
        std::copy_n(last, 3, a);
        std::copy_n(first, 3, b);
    }
}

template <class Sample>
void flipColumns(Sample& sample) {
    const auto grid = gridOf(sample);
    for (std::size_t plane = 0; plane < grid.planes; ++plane)
        for (std::size_t y = 0; y < grid.height; ++y) {
            auto* row = grid.row(plane, y);
            if (grid.depth == 1)
                std::reverse(row, row + grid.width);
            else
                reverseColours(row, grid.width);
        }
}

template <class Sample>
void flipRows(Sample& sample) {
    const auto grid = gridOf(sample);
    const std::size_t length = grid.width * grid.depth;
    for (std::size_t plane = 0; plane < grid.planes; ++plane)
        for (std::size_t a = 0, b = grid.height; a + 1 < b; ++a)
            std::swap_ranges(grid.row(plane, a), grid.row(plane, a) + length, grid.row(plane, --b));
}

}  // namespace

SampleInput padded(const SampleInput& input, const Padding& padding) {
    return std::visit([&](const auto& sample) { return SampleInput(padSample(sample, padding)); },
                      input);
}

SampleInput cropped(const SampleInput& input, std::int64_t top, std::int64_t left,
                    std::int64_t height, std::int64_t width) {
    return std::visit(
        [&](const auto& sample) {
            return SampleInput(cropSample(sample, top, left, height, width));
        },
        input);
}

SampleInput flippedHorizontally(SampleInput input) {
    std::visit([](auto& sample) { flipColumns(sample); }, input);
    return input;
}

SampleInput flippedVertically(SampleInput input) {
    std::visit([](auto& sample) { flipRows(sample); }, input);
    return input;
}

}  // namespace loom
