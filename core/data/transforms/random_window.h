#pragma once

#include <array>
#include <utility>

#include "core/base/params.h"
#include "core/base/random.h"

namespace loom {

/// How RandomResizedCrop and RandomErasing draw the sides of a window.
struct WindowRange {
    static constexpr int kAttempts = 10;

    std::array<double, 2> scale;  ///< share of the area
    std::array<double, 2> ratio;
    std::array<float, 2> logRatio;

    /// The longer-for-larger-ratio side first: √(area · ratio) and √(area / ratio), rounded.
    std::pair<std::int64_t, std::int64_t> draw(double area, TorchRandom& random) const;
};

/// Of the parameters `scale` and `ratio`, which must hold two numbers each.
WindowRange windowRange(const Settings& settings);

}  // namespace loom
