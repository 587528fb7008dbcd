#include <algorithm>
#include <cmath>
#include <vector>

#include "core/data/transforms/colour_loops.h"
#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/convolution.h"
#include "core/data/transforms/torch_math.h"
#include "core/data/transforms/wide_code.h"

namespace loom {
namespace {

/// Pillow's SMOOTH of the bytes from `begin` to `end` of a row: the mean of nine neighbours of
/// which the middle counts five times. In whole numbers, as no sum of nine lies so near to a half
/// that float32 would round it otherwise.
LOOM_WIDE void smoothRow(const std::uint8_t* __restrict above, const std::uint8_t* __restrict here,
                         const std::uint8_t* __restrict below, std::uint8_t* __restrict out,
                         std::size_t begin, std::size_t end, std::size_t depth) {
    for (std::size_t i = begin; i < end; ++i) {
        const auto sum = static_cast<std::uint16_t>(
            above[i - depth] + above[i] + above[i + depth] + here[i - depth] + 5 * here[i] +
            here[i + depth] + below[i - depth] + below[i] + below[i + depth] + 6);
        // Divided by 13.
        out[i] = static_cast<std::uint8_t>(static_cast<std::uint16_t>((sum * 5042u) >> 16));
    }
}

LOOM_WIDE void blendClamped(float* values, const float* plain, std::size_t count, float factor,
                            float rest) {
    for (std::size_t i = 0; i < count; ++i) {
        const float mixed = factor * values[i] + rest * plain[i];
        const float above = mixed > 0.0f ? mixed : 0.0f;
        values[i] = above < 1.0f ? above : 1.0f;
    }
}

/// Rounds halves to the even number: 1.5 · 2²³ leaves no room for a fraction.
LOOM_WIDE void roundRow(const float* from, std::uint8_t* to, std::size_t count) {
    constexpr float kWhole = 12'582'912.0f;
    for (std::size_t i = 0; i < count; ++i)
        to[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(from[i] + kWhole - kWhole));
}

Convolution bellOf(const GaussianBell& bell) {
    const std::vector<float> columns = gaussianWeights(bell.width, bell.sigma);
    const std::vector<float> rows =
        bell.height == bell.width ? columns : gaussianWeights(bell.height, bell.sigma);
    Convolution convolution{
        static_cast<std::size_t>(bell.width), static_cast<std::size_t>(bell.height), {}};
    for (const float row : rows)
        for (const float column : columns) convolution.weights.push_back(row * column);
    return convolution;
}

/// Without what cannot be seen in whole numbers: far from the middle of a narrow bell, weights are
/// so small that processors slow down by them, and whole rows and columns of them do nothing.
Convolution withoutTraces(Convolution bell) {
    constexpr float kTrace = 1e-21f;
    const auto isTrace = [&](std::size_t y, std::size_t x) {
        return bell.weights[y * bell.width + x] < kTrace;
    };
    std::size_t top = 0, left = 0;
    while (top < bell.height / 2 && isTrace(top, bell.width / 2)) ++top;
    while (left < bell.width / 2 && isTrace(bell.height / 2, left)) ++left;
    Convolution kept{bell.width - 2 * left, bell.height - 2 * top, {}};
    for (std::size_t y = top; y < bell.height - top; ++y)
        for (std::size_t x = left; x < bell.width - left; ++x)
            kept.weights.push_back(isTrace(y, x) ? 0 : bell.weights[y * bell.width + x]);
    return kept;
}

/// Of a single small plane torch has the sums made by the machine's BLAS, in an order of its own.
bool isSummedByBlas(const Convolution& convolution, std::size_t planes, std::size_t height,
                    std::size_t width) {
    constexpr std::size_t kLargest = 20'480;
    return planes == 1 && std::min(convolution.width, convolution.height) <= 3 &&
           width * height <= kLargest;
}

bool isBlurredByBlas(const Convolution& bell, std::size_t planes, std::size_t height,
                     std::size_t width) {
    return isSummedByBlas(bell, planes, height + bell.height - 1, width + bell.width - 1);
}

}  // namespace

void adjustSharpness(Picture& picture, double factor) {
    if (picture.width < 3 || picture.height < 3) return;
    const auto depth = static_cast<std::size_t>(picture.channels);
    const std::size_t length = static_cast<std::size_t>(picture.width) * depth;
    std::vector<std::uint8_t> smooth(length), above(length), here(length);
    std::copy_n(picture.pixels.data(), length, here.data());
    // Pixels at the border are not smoothed, so blending leaves them as they are.
    for (std::size_t y = 1; y + 1 < static_cast<std::size_t>(picture.height); ++y) {
        std::uint8_t* row = picture.pixels.data() + y * length;
        std::swap(above, here);
        std::copy_n(row, length, here.data());
        smoothRow(above.data(), row, row + length, smooth.data(), depth, length - depth, depth);
        blendBytes(smooth.data() + depth, row + depth, length - 2 * depth,
                   static_cast<float>(factor));
    }
}

void adjustSharpness(TensorSample& tensor, double factor) {
    const auto height = static_cast<std::size_t>(tensor.dims[1]);
    const auto width = static_cast<std::size_t>(tensor.dims[2]);
    if (width < 3 || height < 3) return;
    Convolution smooth{3, 3, std::vector<float>(9, 1.0f / 13.0f)};
    smooth.weights[4] = 5.0f / 13.0f;
    const auto planes = static_cast<std::size_t>(tensor.dims[0]);
    std::vector<float> plain(width);
    // `smoothed` are the sums of the inner pixels; the border has none and is blended with itself.
    const auto blendRow = [&](std::size_t y, float* row, const float* smoothed) {
        std::copy_n(row, width, plain.data());
        if (y > 0 && y + 1 < height) std::copy_n(smoothed, width - 2, plain.data() + 1);
        blendClamped(row, plain.data(), width, static_cast<float>(factor),
                     static_cast<float>(1.0 - factor));
    };
    if (isSummedByBlas(smooth, planes, height, width)) {
        float* values = tensor.values.data();
        const auto sums = torchConvolution(smooth, {values, width, height, 1}, false);
        for (std::size_t y = 0; y < height; ++y)
            blendRow(y, values + y * width, sums.data() + (y > 0 ? y - 1 : 0) * (width - 2));
        return;
    }
    for (std::size_t plane = 0; plane < planes; ++plane) {
        float* values = tensor.values.data() + plane * height * width;
        convolve(smooth, {values, width, height, 1}, [&](std::size_t y, const float* sums) {
            blendRow(y, values + y * width, sums + 1);
        });
    }
}

void gaussianBlur(Picture& picture, const GaussianBell& bell) {
    const auto depth = static_cast<std::size_t>(picture.channels);
    const auto width = static_cast<std::size_t>(picture.width);
    const auto height = static_cast<std::size_t>(picture.height);
    const Convolution convolution = bellOf(bell);
    if (isBlurredByBlas(convolution, depth, height, width)) {
        const std::vector<float> plane(picture.pixels.begin(), picture.pixels.end());
        const auto sums = torchConvolution(convolution, {plane.data(), width, height, 1}, true);
        roundRow(sums.data(), picture.pixels.data(), sums.size());
        return;
    }
    convolve(withoutTraces(convolution), {picture.pixels.data(), width, height, depth},
             [&](std::size_t y, const float* row) {
                 roundRow(row, picture.pixels.data() + y * width * depth, width * depth);
             });
}

void gaussianBlur(TensorSample& tensor, const GaussianBell& bell) {
    const auto height = static_cast<std::size_t>(tensor.dims[1]);
    const auto width = static_cast<std::size_t>(tensor.dims[2]);
    const auto planes = static_cast<std::size_t>(tensor.dims[0]);
    const Convolution convolution = bellOf(bell);
    if (isBlurredByBlas(convolution, planes, height, width)) {
        tensor.values =
            torchConvolution(convolution, {tensor.values.data(), width, height, 1}, true);
        return;
    }
    for (std::size_t plane = 0; plane < planes; ++plane) {
        float* values = tensor.values.data() + plane * height * width;
        convolve(convolution, {values, width, height, 1}, [&](std::size_t y, const float* sums) {
            std::copy_n(sums, width, values + y * width);
        });
    }
}

}  // namespace loom
