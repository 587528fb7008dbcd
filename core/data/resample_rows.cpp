#include "core/data/resample_rows.h"

#include <algorithm>
#include <array>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define LOOM_HAS_AVX2 1
#include <immintrin.h>
#endif

namespace loom {
namespace {

constexpr int kHalf = 1 << (kResampleBits - 1);

std::uint8_t toByte(int sum) {
    return static_cast<std::uint8_t>(std::clamp(sum >> kResampleBits, 0, 255));
}

template <int kChannels>
void plainRow(const std::uint8_t* in, std::uint8_t* out, const ResampleWeights& weights) {
    const int* fixed = weights.values.data();
    for (const ResampleWeights::Window& window : weights.windows) {
        std::array<int, kChannels> sums;
        sums.fill(kHalf);
        const std::uint8_t* pixel = in + window.begin * kChannels;
        for (int i = 0; i < window.count; ++i, pixel += kChannels)
            for (int c = 0; c < kChannels; ++c)
                sums[static_cast<std::size_t>(c)] += fixed[i] * pixel[c];
        for (int c = 0; c < kChannels; ++c) *out++ = toByte(sums[static_cast<std::size_t>(c)]);
        fixed += weights.stride;
    }
}

void plainColumns(const std::uint8_t* in, int width, int height, int channels, std::uint8_t* out,
                  const ResampleWeights& weights) {
    const std::ptrdiff_t outRow = static_cast<std::ptrdiff_t>(weights.windows.size()) * channels;
    const auto row = channels == 1 ? plainRow<1> : plainRow<3>;
    for (std::ptrdiff_t y = 0; y < height; ++y)
        row(in + y * width * channels, out + y * outRow, weights);
}

void plainRows(const std::uint8_t* in, std::size_t length, std::uint8_t* out,
               const ResampleWeights& weights) {
    std::vector<int> sums(length);
    const int* fixed = weights.values.data();
    for (const ResampleWeights::Window& window : weights.windows) {
        std::fill(sums.begin(), sums.end(), kHalf);
        for (int i = 0; i < window.count; ++i) {
            const std::uint8_t* from = in + static_cast<std::size_t>(window.begin + i) * length;
            const int weight = fixed[i];
            for (std::size_t x = 0; x < length; ++x) sums[x] += weight * from[x];
        }
        for (std::size_t x = 0; x < length; ++x) *out++ = toByte(sums[x]);
        fixed += weights.stride;
    }
}

#ifdef LOOM_HAS_AVX2

/// A weight as high · 2¹⁵ + low, both of which fit the 16 bits that pairs are multiplied in.
constexpr int kLowBits = 15;

/// Low and high halves of two weights, each pair in one number.
struct WeightPair {
    std::int32_t low;
    std::int32_t high;
    WeightPair(int first, int second)
        : low(pair(first & ((1 << kLowBits) - 1), second & ((1 << kLowBits) - 1))),
          high(pair(first >> kLowBits, second >> kLowBits)) {}

private:
    static std::int32_t pair(int first, int second) {
        return static_cast<std::int32_t>((static_cast<std::uint32_t>(second) << 16) |
                                         (static_cast<std::uint32_t>(first) & 0xFFFF));
    }
};

constexpr int kTaps = 4;  ///< input pixels that are multiplied at a time

/// Weights of four taps in the order of `kSpread`, first the low halves, then the high ones.
struct alignas(32) TapWeights {
    std::array<std::int32_t, 8> low;
    std::array<std::int32_t, 8> high;
};

std::vector<TapWeights> tapWeights(const ResampleWeights& weights, std::size_t groups) {
    std::vector<TapWeights> all(weights.windows.size() * groups);
    const int* fixed = weights.values.data();
    TapWeights* to = all.data();
    for (const ResampleWeights::Window& window : weights.windows) {
        for (std::size_t group = 0; group < groups; ++group, ++to) {
            const auto weight = [&](int tap) {
                const int i = static_cast<int>(group) * kTaps + tap;
                return i < window.count ? fixed[i] : 0;
            };
            const WeightPair first(weight(0), weight(1));
            const WeightPair second(weight(2), weight(3));
            to->low = {first.low, first.low, first.low, 0, second.low, second.low, second.low, 0};
            to->high = {first.high,  first.high,  first.high,  0,
                        second.high, second.high, second.high, 0};
        }
        fixed += weights.stride;
    }
    return all;
}

/// Bytes that may be read beyond the last pixel of a row.
constexpr std::size_t kBeyond = 32;

__attribute__((target("avx2"))) void colourRow(const std::uint8_t* in, std::uint8_t* out,
                                               const ResampleWeights& weights,
                                               const TapWeights* taps, std::size_t groups) {
    // Pixels 0 and 1 as red, red, green, green, blue, blue in 16 bits each; then pixels 2 and 3.
    const __m256i spread =
        _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, 6, -1, 9, -1, 7,
                         -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
    const __m128i half = _mm_set1_epi32(kHalf);
    const std::size_t count = weights.windows.size();
    for (std::size_t place = 0; place < count; ++place) {
        const std::uint8_t* pixel = in + weights.windows[place].begin * 3;
        __m256i low = _mm256_setzero_si256();
        __m256i high = _mm256_setzero_si256();
        for (std::size_t group = 0; group < groups; ++group, ++taps, pixel += 3 * kTaps) {
            const __m256i pixels =
                _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(
                                        _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixel))),
                                    spread);
            low = _mm256_add_epi32(
                low,
                _mm256_madd_epi16(
                    pixels, _mm256_load_si256(reinterpret_cast<const __m256i*>(taps->low.data()))));
            high = _mm256_add_epi32(
                high, _mm256_madd_epi16(pixels, _mm256_load_si256(reinterpret_cast<const __m256i*>(
                                                    taps->high.data()))));
        }
        const __m256i both = _mm256_add_epi32(low, _mm256_slli_epi32(high, kLowBits));
        __m128i sum = _mm_add_epi32(
            half, _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1)));
        sum = _mm_srai_epi32(sum, kResampleBits);
        sum = _mm_packs_epi32(sum, sum);
        const int bytes = _mm_cvtsi128_si32(_mm_packus_epi16(sum, sum));
        // The fourth byte falls on the next pixel, which is written later; the last has none.
        std::memcpy(out + 3 * place, &bytes, place + 1 < count ? 4 : 3);
    }
}

void fastColumns(const std::uint8_t* in, int width, int height, int channels, std::uint8_t* out,
                 const ResampleWeights& weights) {
    if (channels != 3) return plainColumns(in, width, height, channels, out, weights);
    int most = 1;
    for (const ResampleWeights::Window& window : weights.windows)
        most = std::max(most, window.count);
    const auto groups = static_cast<std::size_t>((most + kTaps - 1) / kTaps);
    const std::vector<TapWeights> taps = tapWeights(weights, groups);
    const std::size_t inRow = static_cast<std::size_t>(width) * 3;
    const std::size_t outRow = weights.windows.size() * 3;
    const std::size_t beyond = groups * kTaps * 3 + kBeyond;
    std::vector<std::uint8_t> last;
    const auto rows = static_cast<std::size_t>(height);
    for (std::size_t y = 0; y < rows; ++y, out += outRow) {
        const std::uint8_t* from = in + y * inRow;
        if ((rows - y - 1) * inRow < beyond) {
            last.assign(from, from + inRow);
            last.resize(inRow + beyond);
            from = last.data();
        }
        colourRow(from, out, weights, taps.data(), groups);
    }
}

constexpr std::size_t kStep = 16;  ///< bytes of a row that are summed at a time

/// kStep bytes of the sum over a window of rows.
__attribute__((target("avx2"))) inline void sumOfRows(const std::uint8_t* from, std::size_t length,
                                                      int count, const WeightPair* pairs,
                                                      std::uint8_t* out) {
    __m256i low0 = _mm256_setzero_si256();
    __m256i low1 = _mm256_setzero_si256();
    __m256i high0 = _mm256_setzero_si256();
    __m256i high1 = _mm256_setzero_si256();
    for (int i = 0; i < count; i += 2, from += 2 * length, ++pairs) {
        const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
        const __m128i second =
            i + 1 < count ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + length))
                          : _mm_setzero_si128();
        const __m256i pixels0 = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(first, second));
        const __m256i pixels1 = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(first, second));
        const __m256i low = _mm256_set1_epi32(pairs->low);
        const __m256i high = _mm256_set1_epi32(pairs->high);
        low0 = _mm256_add_epi32(low0, _mm256_madd_epi16(pixels0, low));
        low1 = _mm256_add_epi32(low1, _mm256_madd_epi16(pixels1, low));
        high0 = _mm256_add_epi32(high0, _mm256_madd_epi16(pixels0, high));
        high1 = _mm256_add_epi32(high1, _mm256_madd_epi16(pixels1, high));
    }
    const __m256i half = _mm256_set1_epi32(kHalf);
    const __m256i sum0 = _mm256_srai_epi32(
        _mm256_add_epi32(half, _mm256_add_epi32(low0, _mm256_slli_epi32(high0, kLowBits))),
        kResampleBits);
    const __m256i sum1 = _mm256_srai_epi32(
        _mm256_add_epi32(half, _mm256_add_epi32(low1, _mm256_slli_epi32(high1, kLowBits))),
        kResampleBits);
    // Packing works within halves, so the quarters have to be put in order.
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(sum0, sum1), 0xD8);
    const __m128i bytes =
        _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
}

__attribute__((target("avx2"))) void fastRows(const std::uint8_t* in, std::size_t length,
                                              std::uint8_t* out, const ResampleWeights& weights) {
    if (length < kStep) return plainRows(in, length, out, weights);
    std::vector<WeightPair> pairs;
    const int* fixed = weights.values.data();
    for (const ResampleWeights::Window& window : weights.windows) {
        pairs.clear();
        for (int i = 0; i < window.count; i += 2)
            pairs.emplace_back(fixed[i], i + 1 < window.count ? fixed[i + 1] : 0);
        const std::uint8_t* from = in + static_cast<std::size_t>(window.begin) * length;
        // The last step overlaps the one before it where the length is no multiple.
        for (std::size_t x = 0; x < length; x += kStep) {
            const std::size_t at = std::min(x, length - kStep);
            sumOfRows(from + at, length, window.count, pairs.data(), out + at);
        }
        out += length;
        fixed += weights.stride;
    }
}

#endif

}  // namespace

const ResampleRows& plainResampleRows() {
    static const ResampleRows plain{plainColumns, plainRows};
    return plain;
}

const ResampleRows& resampleRows() {
#ifdef LOOM_HAS_AVX2
    static const ResampleRows fast{fastColumns, fastRows};
    static const bool runs = __builtin_cpu_supports("avx2");
    if (runs) return fast;
#endif
    return plainResampleRows();
}

}  // namespace loom
