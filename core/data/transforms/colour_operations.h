#pragma once

#include <cstdint>

#include "core/data/pictures/picture.h"

namespace loom {

// What torchvision's functional operations make of a picture ("L" or RGB) through Pillow, in
// place and to the bit. A factor of 1 leaves the picture as it is, 0 takes the quality away.
// Sources: torchvision's functional_pil.py, Pillow's ImageEnhance, ImageOps, Blend, Convert and
// Filter.

void adjustBrightness(Picture& picture, double factor);
void adjustContrast(Picture& picture, double factor);
void adjustSaturation(Picture& picture, double factor);
/// `shift` is a part of the whole circle of colours, -0.5 to 0.5.
void adjustHue(Picture& picture, double shift);
void adjustSharpness(Picture& picture, double factor);
/// Without colours; a picture of three channels keeps three equal ones.
void makeGrey(Picture& picture);
/// Without colours, in one channel.
void makeOneChannel(Picture& picture);
void invert(Picture& picture);
/// Keeps the highest `bits` (0 to 8) of every number.
void posterize(Picture& picture, int bits);
/// Turns numbers from `threshold` on into their opposite.
void solarize(Picture& picture, double threshold);
void autocontrast(Picture& picture);
void equalize(Picture& picture);

/// The Gaussian bell of torchvision's blur: odd sides, and how wide it is.
struct GaussianBell {
    std::int64_t width = 3;
    std::int64_t height = 3;
    double sigma = 1;
};
/// Half of the bell must be smaller than the picture, whose mirror image continues it.
void gaussianBlur(Picture& picture, const GaussianBell& bell);

// The same of tensors C×H×W with numbers from 0 to 1. Source: torchvision's functional_tensor.py.
void adjustSharpness(TensorSample& tensor, double factor);
void makeGrey(TensorSample& tensor);
void invert(TensorSample& tensor);
void solarize(TensorSample& tensor, double threshold);
void autocontrast(TensorSample& tensor);
void gaussianBlur(TensorSample& tensor, const GaussianBell& bell);

}  // namespace loom
