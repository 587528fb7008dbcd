#include "core/data/transforms/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/data/transforms/resample_rows.h"

namespace loom {
namespace {

struct Filter {
    const char* name;
    double support;
    double (*weight)(double);
};

double sinc(double x) {
    if (x == 0.0) return 1.0;
    x *= std::numbers::pi;
    return std::sin(x) / x;
}

const std::array<Filter, 5> kFilters = {{
    {"box", 0.5, [](double x) { return x > -0.5 && x <= 0.5 ? 1.0 : 0.0; }},
    {"bilinear", 1.0, [](double x) { return std::max(1.0 - std::fabs(x), 0.0); }},
    {"hamming", 1.0,
     [](double x) {
         x = std::fabs(x);
         if (x == 0.0) return 1.0;
         if (x >= 1.0) return 0.0;
         x *= std::numbers::pi;
         // Pillow writes these two numbers as floats.
         return std::sin(x) / x * (0.54f + 0.46f * std::cos(x));
     }},
    {"bicubic", 2.0,
     [](double x) {
         constexpr double a = -0.5;
         x = std::fabs(x);
         if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
         if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
         return 0.0;
     }},
    {"lanczos", 3.0, [](double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }},
}};

ResampleWeights weightsFor(const Filter& filter, int in, int out) {
    const double scale = static_cast<double>(in) / out;
    const double widened = std::max(scale, 1.0);
    const double support = filter.support * widened;
    const double inverse = 1.0 / widened;
    ResampleWeights weights;
    weights.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
    weights.values.resize(static_cast<std::size_t>(out) * static_cast<std::size_t>(weights.stride));
    std::vector<double> exact(static_cast<std::size_t>(weights.stride));
    for (int place = 0; place < out; ++place) {
        const double center = (place + 0.5) * scale;
        const int begin = std::max(static_cast<int>(center - support + 0.5), 0);
        const int count = std::min(static_cast<int>(center + support + 0.5), in) - begin;
        double sum = 0.0;
        for (int i = 0; i < count; ++i) {
            exact[static_cast<std::size_t>(i)] =
                filter.weight((i + begin - center + 0.5) * inverse);
            sum += exact[static_cast<std::size_t>(i)];
        }
        int* fixed = weights.values.data() + static_cast<std::ptrdiff_t>(place) * weights.stride;
        for (int i = 0; i < count; ++i) {
            double weight = exact[static_cast<std::size_t>(i)];
            if (sum != 0.0) weight /= sum;
            fixed[i] = static_cast<int>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kResampleBits));
        }
        weights.windows.push_back({begin, count});
    }
    return weights;
}

Picture resampleWidth(const Picture& picture, int width, const Filter& filter) {
    Picture made{width, picture.height, picture.channels, {}};
    made.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(picture.height) *
                       static_cast<std::size_t>(picture.channels));
    resampleRows().columns(picture.pixels.data(), picture.width, picture.height, picture.channels,
                           made.pixels.data(), weightsFor(filter, picture.width, width));
    return made;
}

Picture resampleHeight(const Picture& picture, int height, const Filter& filter) {
    const std::size_t row =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
    Picture made{picture.width, height, picture.channels, {}};
    made.pixels.resize(row * static_cast<std::size_t>(height));
    resampleRows().rows(picture.pixels.data(), row, made.pixels.data(),
                        weightsFor(filter, picture.height, height));
    return made;
}

/// Pillow adds up the step instead of multiplying, so exact ties fall where its rounding takes
/// them.
std::vector<int> nearestSources(int in, int out) {
    const double step = static_cast<double>(in) / out;
    double at = step * 0.5;
    std::vector<int> sources;
    for (int i = 0; i < out; ++i, at += step) sources.push_back(static_cast<int>(at));
    return sources;
}

Picture nearest(const Picture& picture, int width, int height) {
    const std::vector<int> columns = nearestSources(picture.width, width);
    const std::vector<int> rows = nearestSources(picture.height, height);
    Picture made{width, height, picture.channels, {}};
    const auto depth = static_cast<std::size_t>(picture.channels);
    made.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * depth);
    std::uint8_t* out = made.pixels.data();
    for (const int y : rows)
        for (const int x : columns) {
            // Outside after rounding, Pillow leaves black.
            const bool inside = y < picture.height && x < picture.width;
            const std::size_t from =
                (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                 static_cast<std::size_t>(x)) *
                depth;
            for (std::size_t c = 0; c < depth; ++c)
                *out++ = inside ? picture.pixels[from + c] : std::uint8_t(0);
        }
    return made;
}

}  // namespace

Picture resample(const Picture& picture, int width, int height, const std::string& method) {
    if (picture.width == width && picture.height == height) return picture;
    const auto filter = std::find_if(kFilters.begin(), kFilters.end(),
                                     [&](const Filter& one) { return method == one.name; });
    if (filter == kFilters.end()) return nearest(picture, width, height);
    if (picture.width == width) return resampleHeight(picture, height, *filter);
    Picture wide = resampleWidth(picture, width, *filter);
    return wide.height == height ? wide : resampleHeight(wide, height, *filter);
}

}  // namespace loom
