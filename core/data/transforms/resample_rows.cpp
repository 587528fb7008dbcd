#include "core/data/transforms/resample_rows.h"

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

/// Weights of four taps of two places of the output, of which each fills half of a vector: low
/// halves of taps 0 and 1, of 2 and 3, then the high ones.
struct alignas(32) TapWeights {
    std::array<std::array<std::int32_t, 8>, 4> values;
};

/// What a place takes from: nothing, where an odd number of places is filled up.
int weightOf(const ResampleWeights& weights, std::size_t place, int tap) {
    if (place >= weights.windows.size() || tap >= weights.windows[place].count) return 0;
    return weights
        .values[place * static_cast<std::size_t>(weights.stride) + static_cast<std::size_t>(tap)];
}

std::vector<TapWeights> tapWeights(const ResampleWeights& weights, std::size_t groups) {
    std::vector<TapWeights> all;
    for (std::size_t place = 0; place < weights.windows.size(); place += 2)
        for (std::size_t group = 0; group < groups; ++group) {
            TapWeights taps;
            for (std::size_t lane = 0; lane < 8; ++lane) {
                const std::size_t at = place + lane / 4;
                const int tap = static_cast<int>(group) * kTaps;
                const WeightPair first(weightOf(weights, at, tap), weightOf(weights, at, tap + 1));
                const WeightPair second(weightOf(weights, at, tap + 2),
                                        weightOf(weights, at, tap + 3));
                taps.values[0][lane] = first.low;
                taps.values[1][lane] = second.low;
                taps.values[2][lane] = first.high;
                taps.values[3][lane] = second.high;
            }
            all.push_back(taps);
        }
    return all;
}

/// Bytes that may be read beyond the last pixel of a row.
constexpr std::size_t kBeyond = 32;

__attribute__((target("avx2"))) inline __m256i weightsAt(const std::array<std::int32_t, 8>& at) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(at.data()));
}

/// Two places of the output, their three bytes in the low four of each half.
__attribute__((target("avx2"))) inline __m256i colourPair(const std::uint8_t* first,
                                                          const std::uint8_t* second,
                                                          const TapWeights* taps,
                                                          std::size_t groups) {
    // Red, red, green, green, blue, blue of two pixels, in 16 bits each.
    const __m256i pixels01 = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
    const __m256i pixels23 = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
    __m256i low = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();
    for (std::size_t group = 0; group < groups; ++group) {
        const __m256i pixels = _mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(first))),
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(second)), 1);
        const __m256i first2 = _mm256_shuffle_epi8(pixels, pixels01);
        const __m256i second2 = _mm256_shuffle_epi8(pixels, pixels23);
        const auto& weights = taps[group].values;
        low = _mm256_add_epi32(low,
                               _mm256_add_epi32(_mm256_madd_epi16(first2, weightsAt(weights[0])),
                                                _mm256_madd_epi16(second2, weightsAt(weights[1]))));
        high = _mm256_add_epi32(
            high, _mm256_add_epi32(_mm256_madd_epi16(first2, weightsAt(weights[2])),
                                   _mm256_madd_epi16(second2, weightsAt(weights[3]))));
        first += 3 * kTaps;
        second += 3 * kTaps;
    }
    __m256i sum = _mm256_add_epi32(_mm256_add_epi32(low, _mm256_slli_epi32(high, kLowBits)),
                                   _mm256_set1_epi32(kHalf));
    sum = _mm256_srai_epi32(sum, kResampleBits);
    sum = _mm256_packs_epi32(sum, sum);
    return _mm256_packus_epi16(sum, sum);
}

template <std::size_t kGroups>
__attribute__((target("avx2"))) void colourRow(const std::uint8_t* in, std::uint8_t* out,
                                               const std::vector<int>& begins,
                                               const TapWeights* taps, std::size_t someGroups) {
    const std::size_t groups = kGroups > 0 ? kGroups : someGroups;
    const std::size_t count = begins.size();
    for (std::size_t place = 0; place < count; place += 2, taps += groups) {
        const std::size_t other = std::min(place + 1, count - 1);
        const __m256i pair = colourPair(in + begins[place], in + begins[other], taps, groups);
        const int first = _mm_cvtsi128_si32(_mm256_castsi256_si128(pair));
        const int second = _mm_cvtsi128_si32(_mm256_extracti128_si256(pair, 1));
        // A fourth byte falls on the next pixel, which is written later; the last has none.
        std::memcpy(out + 3 * place, &first, place + 1 < count ? 4 : 3);
        if (place + 1 < count) std::memcpy(out + 3 * place + 3, &second, place + 2 < count ? 4 : 3);
    }
}

void fastColumns(const std::uint8_t* in, int width, int height, int channels, std::uint8_t* out,
                 const ResampleWeights& weights) {
    if (channels != 3) return plainColumns(in, width, height, channels, out, weights);
    int most = 1;
    std::vector<int> begins;
    for (const ResampleWeights::Window& window : weights.windows) {
        most = std::max(most, window.count);
        begins.push_back(window.begin * 3);
    }
    const auto groups = static_cast<std::size_t>((most + kTaps - 1) / kTaps);
    const std::vector<TapWeights> taps = tapWeights(weights, groups);
    const auto row = groups == 1 ? colourRow<1> : groups == 2 ? colourRow<2> : colourRow<0>;
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
        row(from, out, begins, taps.data(), groups);
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
