#include "core/data/transforms/convolution.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace loom {
namespace {

/// Results computed together. Rows are so much longer than needed that whole tiles fit.
constexpr std::size_t kTile = 32;

/// Of one row: `rows` are the source rows below each other, `depth` numbers a pixel.
using SumRow = void (*)(const Convolution&, const float* const* rows, std::size_t depth,
                        std::size_t count, float* out);

template <class Add>
void sumRow(const Convolution& convolution, const float* const* rows, std::size_t depth,
            std::size_t count, float* out, const Add& add) {
    for (std::size_t at = 0; at < count; at += kTile) {
        float* sums = out + at;
        std::fill_n(sums, kTile, 0.0f);
        const float* weight = convolution.weights.data();
        for (std::size_t y = 0; y < convolution.height; ++y)
            for (std::size_t x = 0; x < convolution.width; ++x, ++weight) {
                const float* from = rows[y] + at + x * depth;
                for (std::size_t i = 0; i < kTile; ++i) sums[i] = add(from[i], *weight, sums[i]);
            }
    }
}

#if defined(__x86_64__) && defined(__GNUC__)

/// Eight sums a register, four registers a tile.
__attribute__((target("avx2,fma"))) void sumRowFused(const Convolution& convolution,
                                                     const float* const* rows, std::size_t depth,
                                                     std::size_t count, float* out) {
    for (std::size_t at = 0; at < count; at += kTile) {
        __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
        const float* weight = convolution.weights.data();
        for (std::size_t y = 0; y < convolution.height; ++y) {
            const float* from = rows[y] + at;
            for (std::size_t x = 0; x < convolution.width; ++x, ++weight, from += depth) {
                const __m256 w = _mm256_broadcast_ss(weight);
                a = _mm256_fmadd_ps(_mm256_loadu_ps(from), w, a);
                b = _mm256_fmadd_ps(_mm256_loadu_ps(from + 8), w, b);
                c = _mm256_fmadd_ps(_mm256_loadu_ps(from + 16), w, c);
                d = _mm256_fmadd_ps(_mm256_loadu_ps(from + 24), w, d);
            }
        }
        _mm256_storeu_ps(out + at, a);
        _mm256_storeu_ps(out + at + 8, b);
        _mm256_storeu_ps(out + at + 16, c);
        _mm256_storeu_ps(out + at + 24, d);
    }
}

/// torch has no fused sums on such machines either.
void sumRowPlain(const Convolution& convolution, const float* const* rows, std::size_t depth,
                 std::size_t count, float* out) {
    sumRow(convolution, rows, depth, count, out,
           [](float a, float b, float c) { return a * b + c; });
}

SumRow sumRowOfThisMachine() {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? sumRowFused
                                                                           : sumRowPlain;
}

#else

void sumRowFused(const Convolution& convolution, const float* const* rows, std::size_t depth,
                 std::size_t count, float* out) {
    sumRow(convolution, rows, depth, count, out,
           [](float a, float b, float c) { return std::fma(a, b, c); });
}

SumRow sumRowOfThisMachine() {
    return sumRowFused;
}

#endif

/// The place that stands there in the picture continued by its mirror image.
std::size_t mirrored(std::ptrdiff_t place, std::size_t side) {
    const auto last = static_cast<std::ptrdiff_t>(side) - 1;
    if (place < 0) place = -place;
    return static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(place > last ? 2 * last - place : place, 0, last));
}

template <class Number>
void convolveRows(const Convolution& convolution, const PixelRows<Number>& picture,
                  const TakeRow& take) {
    static const SumRow sum = sumRowOfThisMachine();
    const std::size_t besideX = convolution.width / 2;
    const std::size_t besideY = convolution.height / 2;
    const std::size_t length = picture.width * picture.depth;
    const std::size_t stride = length + 2 * besideX * picture.depth + kTile;
    // The rows that the present sums need never span more of the picture than the convolution's
    // height, so each has its place in the ring.
    std::vector<float> ring(convolution.height * stride);
    std::vector<std::ptrdiff_t> held(convolution.height, -1);
    std::vector<const float*> rows(convolution.height);
    std::vector<float> out(length + kTile);
    const auto load = [&](std::size_t source, float* to) {
        const Number* from = picture.values + source * length;
        float* middle = to + besideX * picture.depth;
        std::copy_n(from, length, middle);
        for (std::size_t x = 0; x < besideX; ++x) {
            const auto before =
                static_cast<std::ptrdiff_t>(x) - static_cast<std::ptrdiff_t>(besideX);
            const auto after = static_cast<std::ptrdiff_t>(picture.width + x);
            std::copy_n(from + mirrored(before, picture.width) * picture.depth, picture.depth,
                        to + x * picture.depth);
            std::copy_n(from + mirrored(after, picture.width) * picture.depth, picture.depth,
                        middle + length + x * picture.depth);
        }
    };
    for (std::size_t y = 0; y < picture.height; ++y) {
        for (std::size_t k = 0; k < convolution.height; ++k) {
            const std::size_t source =
                mirrored(static_cast<std::ptrdiff_t>(y + k) - static_cast<std::ptrdiff_t>(besideY),
                         picture.height);
            const std::size_t slot = source % convolution.height;
            float* row = ring.data() + slot * stride;
            if (held[slot] != static_cast<std::ptrdiff_t>(source)) {
                load(source, row);
                held[slot] = static_cast<std::ptrdiff_t>(source);
            }
            rows[k] = row;
        }
        sum(convolution, rows.data(), picture.depth, length, out.data());
        take(y, out.data());
    }
}

}  // namespace

void convolve(const Convolution& convolution, const PixelRows<std::uint8_t>& picture,
              const TakeRow& take) {
    convolveRows(convolution, picture, take);
}

void convolve(const Convolution& convolution, const PixelRows<float>& picture,
              const TakeRow& take) {
    convolveRows(convolution, picture, take);
}

}  // namespace loom
