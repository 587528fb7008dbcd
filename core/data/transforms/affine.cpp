#include "core/data/transforms/affine.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numbers>

#include "core/data/transforms/pixels.h"

namespace loom {
namespace {

/// A byte's colour as Pillow's `Image.new` takes it.
std::uint8_t byteOf(double colour) {
    return static_cast<std::uint8_t>(
        std::clamp(static_cast<int>(std::clamp(colour, -1e9, 1e9)), 0, 255));
}

template <int kChannels>
using Pixel = std::array<std::uint8_t, static_cast<std::size_t>(kChannels)>;

template <int kChannels>
Picture filled(int width, int height, const FillColour& fill) {
    Pixel<kChannels> colour{};
    for (std::size_t c = 0; c < colour.size(); ++c)
        colour[c] = fill.empty() ? std::uint8_t(0) : byteOf(fill[fill.size() > c ? c : 0]);
    Picture made{width, height, kChannels, {}};
    const std::size_t count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    const bool grey = std::all_of(colour.begin(), colour.end(),
                                  [&](std::uint8_t one) { return one == colour.front(); });
    made.pixels.assign(count * kChannels, colour.front());
    for (std::size_t i = 0; !grey && i < count; ++i)
        std::copy(colour.begin(), colour.end(),
                  made.pixels.begin() + std::ptrdiff_t(i * kChannels));
    return made;
}

template <int kChannels>
void copyPixel(const std::uint8_t* from, std::uint8_t* to) {
    for (int c = 0; c < kChannels; ++c) to[c] = from[c];
}

/// The pixel at a place; -1 left of the first.
int truncated(double at) {
    return at < 0.0 ? -1 : static_cast<int>(std::min(1e9, at));
}

/// Without turning, a table of columns serves every row. Places are added up, not multiplied, so
/// that ties fall where Pillow's rounding takes them.
template <int kChannels>
void scaleNearest(const Picture& in, Picture& out, const AffineMatrix& m) {
    std::vector<int> columns(static_cast<std::size_t>(out.width), -1);
    double x = m[2] + m[0] * 0.5;
    int first = out.width, last = 0;
    for (int to = 0; to < out.width; ++to, x += m[0]) {
        const int from = truncated(x);
        if (from < 0 || from >= in.width) continue;
        columns[static_cast<std::size_t>(to)] = from;
        first = std::min(first, to);
        last = to + 1;
    }
    if (first >= last) return;
    const bool isShift = m[0] == 1.0 && columns[static_cast<std::size_t>(last - 1)] -
                                                columns[static_cast<std::size_t>(first)] ==
                                            last - 1 - first;
    double y = m[5] + m[4] * 0.5;
    for (int to = 0; to < out.height; ++to, y += m[4]) {
        const int from = truncated(y);
        if (from < 0 || from >= in.height) continue;
        const std::uint8_t* row = in.pixels.data() + std::ptrdiff_t(from) * in.width * kChannels;
        std::uint8_t* made =
            out.pixels.data() + (std::ptrdiff_t(to) * out.width + first) * kChannels;
        if (isShift) {
            std::copy_n(row + columns[static_cast<std::size_t>(first)] * kChannels,
                        (last - first) * kChannels, made);
            continue;
        }
        for (int column = first; column < last; ++column, made += kChannels)
            copyPixel<kChannels>(row + columns[static_cast<std::size_t>(column)] * kChannels, made);
    }
}

bool fitsFixedPoint(const AffineMatrix& m, int x, int y) {
    return std::fabs(x * m[0] + y * m[1] + m[2]) < 32768.0 &&
           std::fabs(x * m[3] + y * m[4] + m[5]) < 32768.0;
}

/// 16 bits before the point and 16 behind, kept unsigned so that a sum may wrap.
std::uint32_t fixedPoint(double value) {
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(std::floor(value * 65536.0 + 0.5)));
}

template <int kChannels>
void turnNearestFixed(const Picture& in, Picture& out, const AffineMatrix& m) {
    const std::uint32_t dx = fixedPoint(m[0]), dy = fixedPoint(m[3]);
    const std::uint32_t rowX = fixedPoint(m[1]), rowY = fixedPoint(m[4]);
    std::uint32_t beginX = fixedPoint(m[2] + m[0] * 0.5 + m[1] * 0.5);
    std::uint32_t beginY = fixedPoint(m[5] + m[3] * 0.5 + m[4] * 0.5);
    const auto width = static_cast<std::uint32_t>(in.width);
    const auto height = static_cast<std::uint32_t>(in.height);
    // A negative place becomes a large number, so one comparison serves both ends.
    const auto whole = [](std::uint32_t place) {
        return static_cast<std::uint32_t>(static_cast<std::int32_t>(place) >> 16);
    };
    const auto isInside = [&](int column) {
        const auto steps = static_cast<std::uint32_t>(column);
        return whole(beginX + steps * dx) < width && whole(beginY + steps * dy) < height;
    };
    std::uint8_t* line = out.pixels.data();
    for (int row = 0; row < out.height;
         ++row, beginX += rowX, beginY += rowY, line += std::ptrdiff_t(out.width) * kChannels) {
        // What lies inside is one piece of the row, as a line crosses a rectangle.
        int first = 0, last = out.width;
        while (first < last && !isInside(first)) ++first;
        while (first < last && !isInside(last - 1)) --last;
        std::uint32_t x = beginX + static_cast<std::uint32_t>(first) * dx;
        std::uint32_t y = beginY + static_cast<std::uint32_t>(first) * dy;
        std::uint8_t* made = line + std::ptrdiff_t(first) * kChannels;
        // Three bytes are moved faster as four, of which the next pixel overwrites the last; the
        // picture's last pixel has no fourth.
        const std::size_t end = std::size_t(width) * height - 1;
        for (int column = first; column < last; ++column, made += kChannels, x += dx, y += dy) {
            const std::size_t from = std::size_t(whole(y)) * width + whole(x);
            if (kChannels == 3 && from < end && column + 1 < last)
                std::memcpy(made, in.pixels.data() + from * 3, 4);
            else
                copyPixel<kChannels>(in.pixels.data() + from * kChannels, made);
        }
    }
}

/// Pictures too large for 16 bits before the point.
template <int kChannels>
void turnNearest(const Picture& in, Picture& out, const AffineMatrix& m) {
    double beginX = m[2] + m[1] * 0.5 + m[0] * 0.5;
    double beginY = m[5] + m[4] * 0.5 + m[3] * 0.5;
    std::uint8_t* made = out.pixels.data();
    for (int row = 0; row < out.height; ++row, beginX += m[1], beginY += m[4]) {
        double x = beginX, y = beginY;
        for (int column = 0; column < out.width;
             ++column, made += kChannels, x += m[0], y += m[3]) {
            const int fromX = truncated(x), fromY = truncated(y);
            if (fromX >= 0 && fromX < in.width && fromY >= 0 && fromY < in.height)
                copyPixel<kChannels>(
                    in.pixels.data() + (std::ptrdiff_t(fromY) * in.width + fromX) * kChannels,
                    made);
        }
    }
}

// Each sampler writes the pixel at (x, y), which lies inside, with pixel centres at halves.

template <int kChannels>
struct NearestSampler {
    const Picture& in;
    void operator()(double x, double y, std::uint8_t* to) const {
        copyPixel<kChannels>(
            in.pixels.data() +
                (std::ptrdiff_t(static_cast<int>(y)) * in.width + static_cast<int>(x)) * kChannels,
            to);
    }
    /// Where a matrix has no answer (0 / 0), Pillow finds no pixel.
    static constexpr bool kBlackWhereUndefined = false;
};

/// Rows or columns about a place, the edge repeated, and how far the place lies from the first of
/// the middle two.
template <int kTaps>
struct Taps {
    std::array<std::ptrdiff_t, kTaps> at;
    double fraction;
    Taps(double place, int side, std::ptrdiff_t stride) {
        const double moved = place - 0.5;
        const int first =
            moved < 0.0 ? static_cast<int>(std::floor(moved)) : static_cast<int>(moved);
        fraction = moved - first;
        for (int i = 0; i < kTaps; ++i)
            at[static_cast<std::size_t>(i)] =
                std::clamp(first + i - (kTaps / 2 - 1), 0, side - 1) * stride;
    }
};

template <int kChannels>
struct BilinearSampler {
    const Picture& in;
    void operator()(double x, double y, std::uint8_t* to) const {
        const Taps<2> columns(x, in.width, kChannels);
        const Taps<2> rows(y, in.height, std::ptrdiff_t(in.width) * kChannels);
        const std::uint8_t* upper = in.pixels.data() + rows.at[0];
        const std::uint8_t* lower = in.pixels.data() + rows.at[1];
        const auto [left, right] = columns.at;
        for (int c = 0; c < kChannels; ++c, ++upper, ++lower) {
            const double above = upper[left] + (upper[right] - upper[left]) * columns.fraction;
            const double below = lower[left] + (lower[right] - lower[left]) * columns.fraction;
            to[c] = static_cast<std::uint8_t>(above + (below - above) * rows.fraction);
        }
    }
    static constexpr bool kBlackWhereUndefined = true;
};

template <class Number>
double cubic(Number a, Number b, Number c, Number d, double at) {
    const double first = b;
    const double second = -a + c;
    const double third = 2 * (a - b) + c - d;
    const double fourth = -a + b - c + d;
    return first + at * (second + at * (third + at * fourth));
}

template <int kChannels>
struct BicubicSampler {
    const Picture& in;
    void operator()(double x, double y, std::uint8_t* to) const {
        const Taps<4> columns(x, in.width, kChannels);
        const Taps<4> rows(y, in.height, std::ptrdiff_t(in.width) * kChannels);
        for (int c = 0; c < kChannels; ++c) {
            std::array<double, 4> lines;
            for (std::size_t i = 0; i < 4; ++i) {
                const std::uint8_t* row = in.pixels.data() + rows.at[i] + c;
                lines[i] = cubic<int>(row[columns.at[0]], row[columns.at[1]], row[columns.at[2]],
                                      row[columns.at[3]], columns.fraction);
            }
            const double value =
                cubic<double>(lines[0], lines[1], lines[2], lines[3], rows.fraction);
            to[c] = static_cast<std::uint8_t>(value <= 0.0 ? 0.0 : std::min(value, 255.0));
        }
    }
    static constexpr bool kBlackWhereUndefined = true;
};

struct AffineMap {
    const AffineMatrix& m;
    std::array<double, 2> operator()(double x, double y) const {
        return {m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]};
    }
};

struct PerspectiveMap {
    const PerspectiveMatrix& m;
    std::array<double, 2> operator()(double x, double y) const {
        const double depth = m[6] * x + m[7] * y + 1;
        return {(m[0] * x + m[1] * y + m[2]) / depth, (m[3] * x + m[4] * y + m[5]) / depth};
    }
};

template <int kChannels, class Map, class Sampler>
void warp(const Map& map, const Sampler& sampler, Picture& out) {
    const double width = sampler.in.width, height = sampler.in.height;
    std::uint8_t* made = out.pixels.data();
    for (int row = 0; row < out.height; ++row)
        for (int column = 0; column < out.width; ++column, made += kChannels) {
            const auto [x, y] = map(column + 0.5, row + 0.5);
            if (x >= 0.0 && x < width && y >= 0.0 && y < height)
                sampler(x, y, made);
            else if (Sampler::kBlackWhereUndefined &&
                     !(x < 0.0 || x >= width || y < 0.0 || y >= height))
                std::fill_n(made, kChannels, std::uint8_t(0));
        }
}

template <int kChannels, class Map>
void warpBy(Interpolation interpolation, const Map& map, const Picture& in, Picture& out) {
    if (interpolation == Interpolation::Bilinear)
        warp<kChannels>(map, BilinearSampler<kChannels>{in}, out);
    else if (interpolation == Interpolation::Bicubic)
        warp<kChannels>(map, BicubicSampler<kChannels>{in}, out);
    else
        warp<kChannels>(map, NearestSampler<kChannels>{in}, out);
}

template <int kChannels>
Picture affineOf(const Picture& in, int width, int height, const AffineMatrix& m,
                 Interpolation interpolation, const FillColour& fill) {
    Picture out = filled<kChannels>(width, height, fill);
    if (interpolation != Interpolation::Nearest)
        warpBy<kChannels>(interpolation, AffineMap{m}, in, out);
    else if (m[1] == 0 && m[3] == 0)
        scaleNearest<kChannels>(in, out, m);
    else if (fitsFixedPoint(m, 0, 0) && fitsFixedPoint(m, width, height) &&
             fitsFixedPoint(m, 0, height) && fitsFixedPoint(m, width, 0))
        turnNearestFixed<kChannels>(in, out, m);
    else
        turnNearest<kChannels>(in, out, m);
    return out;
}

/// By a quarter turn counter-clockwise.
template <int kChannels>
Picture quarterTurned(const Picture& in) {
    Picture out{in.height, in.width, in.channels, {}};
    out.pixels.resize(in.pixels.size());
    const std::uint8_t* from = in.pixels.data();
    for (int y = 0; y < in.height; ++y)
        for (int x = 0; x < in.width; ++x, from += kChannels)
            copyPixel<kChannels>(
                from,
                out.pixels.data() + (std::ptrdiff_t(in.width - 1 - x) * out.width + y) * kChannels);
    return out;
}

Picture quarterTurned(const Picture& in) {
    return in.channels == 1 ? quarterTurned<1>(in) : quarterTurned<3>(in);
}

Picture halfTurned(const Picture& in) {
    return std::get<Picture>(flippedVertically(flippedHorizontally(SampleInput(in))));
}

/// As Python's `round(value, 15)`, which rounds the exact value to a decimal.
double roundedTo15(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.15f", value);
    return std::strtod(text.data(), nullptr);
}

std::array<double, 2> mapped(const AffineMatrix& m, double x, double y) {
    return {m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]};
}

AffineMatrix rotationMatrix(double degrees, const std::array<double, 2>& centre) {
    const double angle = -(degrees * (std::numbers::pi / 180.0));
    AffineMatrix m = {roundedTo15(std::cos(angle)),  roundedTo15(std::sin(angle)), 0.0,
                      roundedTo15(-std::sin(angle)), roundedTo15(std::cos(angle)), 0.0};
    const auto [x, y] = mapped(m, -centre[0], -centre[1]);
    m[2] = x + centre[0];
    m[5] = y + centre[1];
    return m;
}

std::array<double, 2> middleOf(double width, double height) {
    return {width / 2.0, height / 2.0};
}

/// Python's `degrees % 360`.
double fullTurn(double degrees) {
    const double rest = std::fmod(degrees, 360.0);
    return rest < 0 ? rest + 360.0 : rest;
}

std::array<std::int64_t, 2> sidesUnder(const AffineMatrix& m, double width, double height) {
    const std::array corners = {mapped(m, 0, 0), mapped(m, width, 0), mapped(m, width, height),
                                mapped(m, 0, height)};
    std::array<std::int64_t, 2> sides{};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const auto [least, most] =
            std::minmax({corners[0][axis], corners[1][axis], corners[2][axis], corners[3][axis]});
        sides[axis] = static_cast<std::int64_t>(std::ceil(most) - std::floor(least));
    }
    return sides;
}

}  // namespace

Interpolation interpolationNamed(const std::string& name) {
    if (name == "bilinear") return Interpolation::Bilinear;
    return name == "bicubic" ? Interpolation::Bicubic : Interpolation::Nearest;
}

Picture warpedAffine(const Picture& picture, int width, int height, const AffineMatrix& matrix,
                     Interpolation interpolation, const FillColour& fill) {
    return picture.channels == 1 ? affineOf<1>(picture, width, height, matrix, interpolation, fill)
                                 : affineOf<3>(picture, width, height, matrix, interpolation, fill);
}

Picture warpedPerspective(const Picture& picture, const PerspectiveMatrix& matrix,
                          Interpolation interpolation, const FillColour& fill) {
    const PerspectiveMap map{matrix};
    Picture out;
    if (picture.channels == 1) {
        out = filled<1>(picture.width, picture.height, fill);
        warpBy<1>(interpolation, map, picture, out);
    } else {
        out = filled<3>(picture.width, picture.height, fill);
        warpBy<3>(interpolation, map, picture, out);
    }
    return out;
}

std::array<std::int64_t, 2> expandedSides(std::int64_t width, std::int64_t height, double degrees,
                                          const std::optional<std::array<double, 2>>& centre) {
    const double w = static_cast<double>(width), h = static_cast<double>(height);
    const double angle = fullTurn(degrees);
    if (!centre && (angle == 0 || angle == 180)) return {width, height};
    if (!centre && (angle == 90 || angle == 270)) return {height, width};
    return sidesUnder(rotationMatrix(angle, centre.value_or(middleOf(w, h))), w, h);
}

Picture rotated(const Picture& picture, double degrees, Interpolation interpolation, bool expand,
                const std::optional<std::array<double, 2>>& centre, const FillColour& fill) {
    const double angle = fullTurn(degrees);
    if (!centre) {
        const bool quarter = expand || picture.width == picture.height;
        if (angle == 0) return picture;
        if (angle == 180) return halfTurned(picture);
        if (angle == 90 && quarter) return quarterTurned(picture);
        if (angle == 270 && quarter) return quarterTurned(halfTurned(picture));
    }
    AffineMatrix m =
        rotationMatrix(angle, centre.value_or(middleOf(picture.width, picture.height)));
    int width = picture.width, height = picture.height;
    if (expand) {
        const auto sides = sidesUnder(m, width, height);
        const auto [x, y] = mapped(m, -(static_cast<double>(sides[0]) - width) / 2.0,
                                   -(static_cast<double>(sides[1]) - height) / 2.0);
        m[2] = x;
        m[5] = y;
        width = static_cast<int>(sides[0]);
        height = static_cast<int>(sides[1]);
    }
    return warpedAffine(picture, width, height, m, interpolation, fill);
}

AffineMatrix inverseAffineMatrix(const AffineMove& move, const std::array<double, 2>& centre) {
    constexpr double kRadians = std::numbers::pi / 180.0;
    const double turn = move.angle * kRadians;
    const double shearX = move.shear[0] * kRadians, shearY = move.shear[1] * kRadians;
    const double a = std::cos(turn - shearY) / std::cos(shearY);
    const double b =
        -std::cos(turn - shearY) * std::tan(shearX) / std::cos(shearY) - std::sin(turn);
    const double c = std::sin(turn - shearY) / std::cos(shearY);
    const double d =
        -std::sin(turn - shearY) * std::tan(shearX) / std::cos(shearY) + std::cos(turn);
    AffineMatrix m = {d / move.scale,  -b / move.scale, 0.0 / move.scale,
                      -c / move.scale, a / move.scale,  0.0 / move.scale};
    const double x = -centre[0] - move.translate[0], y = -centre[1] - move.translate[1];
    m[2] += m[0] * x + m[1] * y;
    m[5] += m[3] * x + m[4] * y;
    m[2] += centre[0];
    m[5] += centre[1];
    return m;
}

Picture movedAffine(const Picture& picture, const AffineMove& move, Interpolation interpolation,
                    const FillColour& fill, const std::optional<std::array<double, 2>>& centre) {
    const AffineMatrix m =
        inverseAffineMatrix(move, centre.value_or(middleOf(picture.width, picture.height)));
    return warpedAffine(picture, picture.width, picture.height, m, interpolation, fill);
}

}  // namespace loom
