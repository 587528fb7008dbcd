#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/data/pictures/picture.h"

namespace loom {

/// How Pillow and numpy continue a picture beyond its edges.
struct Padding {
    std::int64_t left = 0;
    std::int64_t top = 0;
    std::int64_t right = 0;
    std::int64_t bottom = 0;
    std::string mode = "constant";   ///< or "edge", "reflect", "symmetric"
    std::vector<double> fill = {0};  ///< one number, or one per channel
    bool none() const { return left == 0 && top == 0 && right == 0 && bottom == 0; }
};

// All of these work on pictures (8 bits) and on tensors C×H×W alike.
SampleInput padded(const SampleInput& input, const Padding& padding);
SampleInput cropped(const SampleInput& input, std::int64_t top, std::int64_t left,
                    std::int64_t height, std::int64_t width);
SampleInput flippedHorizontally(SampleInput input);
SampleInput flippedVertically(SampleInput input);

}  // namespace loom
