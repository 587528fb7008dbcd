#pragma once

#include <string>

#include "core/data/pictures/picture.h"

namespace loom {

/// Pillow's `Image.resize` on 8-bit pictures, to the bit: separable filters in 22-bit fixed point,
/// widened when shrinking. `method`: nearest, box, bilinear, hamming, bicubic or lanczos.
/// Source: Pillow's Resample.c and Geometry.c.
Picture resample(const Picture& picture, int width, int height, const std::string& method);

}  // namespace loom
