#pragma once

#include <array>
#include <string>

#include "core/data/pictures/picture.h"

namespace loom {

/// How far and how smoothly a picture is bent: torchvision's ElasticTransform.
struct Bending {
    std::array<double, 2> alpha;
    std::array<double, 2> sigma;
    std::string interpolation;  ///< nearest or bilinear
    double fill = 0;
    /// How many pixels beyond its edge a side is mirrored for the smoothing, which must be less
    /// than the side.
    std::int64_t reach() const;
};

/// Bends a picture or a tensor C×H×W, computed by PyTorch itself: `x` and `y` hold H·W numbers from
/// 0 to 1 each.
SampleInput bent(const SampleInput& input, const Bending& bending, const std::vector<float>& x,
                 const std::vector<float>& y);

}  // namespace loom
