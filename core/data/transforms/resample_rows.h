#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loom {

/// Pillow's precision for 8-bit pictures: a weight of 1 is 1 << 22.
constexpr int kResampleBits = 22;

/// For every output place: where its window begins in the input, and the fixed-point weights.
struct ResampleWeights {
    struct Window {
        int begin;
        int count;
    };
    std::vector<Window> windows;
    std::vector<int> values;  ///< `stride` of them for each place
    int stride = 0;
};

/// The inner loops of `resample`. All give the same bits: sums of whole numbers modulo 2³².
struct ResampleRows {
    /// `height` rows of `width` pixels to rows of as many pixels as there are windows.
    void (*columns)(const std::uint8_t* in, int width, int height, int channels, std::uint8_t* out,
                    const ResampleWeights& weights);
    /// Rows of `length` bytes to as many rows as there are windows.
    void (*rows)(const std::uint8_t* in, std::size_t length, std::uint8_t* out,
                 const ResampleWeights& weights);
};

/// The loops in plain C++, and the fastest that this processor runs.
const ResampleRows& plainResampleRows();
const ResampleRows& resampleRows();

}  // namespace loom
