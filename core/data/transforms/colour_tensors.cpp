#include <algorithm>
#include <array>
#include <cmath>

#include "core/data/transforms/colour_operations.h"
#include "core/data/transforms/wide_code.h"

namespace loom {
namespace {

LOOM_WIDE void luma(float* red, const float* green, const float* blue, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        red[i] = 0.2989f * red[i] + 0.587f * green[i] + 0.114f * blue[i];
}

LOOM_WIDE void stretch(float* values, std::size_t count, float lowest, float scale) {
    for (std::size_t i = 0; i < count; ++i) {
        const float stretched = (values[i] - lowest) * scale;
        const float above = stretched > 0.0f ? stretched : 0.0f;
        values[i] = above < 1.0f ? above : 1.0f;
    }
}

struct Range {
    float lowest;
    float highest;
};

/// Of at least one number. Lanes side by side, so that no comparison waits for the one before.
LOOM_WIDE Range rangeOf(const float* values, std::size_t count) {
    constexpr std::size_t kLanes = 32;
    std::array<float, kLanes> lowest, highest;
    lowest.fill(values[0]);
    highest.fill(values[0]);
    std::size_t at = 0;
    for (; at + kLanes <= count; at += kLanes)
        for (std::size_t i = 0; i < kLanes; ++i) {
            const float value = values[at + i];
            lowest[i] = value < lowest[i] ? value : lowest[i];
            highest[i] = value > highest[i] ? value : highest[i];
        }
    for (; at < count; ++at) {
        lowest[0] = std::min(lowest[0], values[at]);
        highest[0] = std::max(highest[0], values[at]);
    }
    return {*std::min_element(lowest.begin(), lowest.end()),
            *std::max_element(highest.begin(), highest.end())};
}

}  // namespace

void makeGrey(TensorSample& tensor) {
    if (tensor.dims[0] != 3) return;
    const std::size_t plane = tensor.values.size() / 3;
    float* red = tensor.values.data();
    luma(red, red + plane, red + 2 * plane, plane);
    std::copy_n(red, plane, red + plane);
    std::copy_n(red, plane, red + 2 * plane);
}

void invert(TensorSample& tensor) {
    for (float& value : tensor.values) value = 1.0f - value;
}

void solarize(TensorSample& tensor, double threshold) {
    const auto first = static_cast<float>(threshold);
    for (float& value : tensor.values) value = value >= first ? 1.0f - value : value;
}

void autocontrast(TensorSample& tensor) {
    if (tensor.values.empty()) return;
    const std::size_t plane = tensor.values.size() / static_cast<std::size_t>(tensor.dims[0]);
    for (std::size_t start = 0; start < tensor.values.size(); start += plane) {
        float* values = tensor.values.data() + start;
        const Range range = rangeOf(values, plane);
        const float scale = 1.0f / (range.highest - range.lowest);
        if (std::isfinite(scale))
            stretch(values, plane, range.lowest, scale);
        else  // all equal: nothing to stretch, but torchvision still clips
            stretch(values, plane, 0, 1);
    }
}

}  // namespace loom
