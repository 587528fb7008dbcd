#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/data/pictures/picture.h"

namespace loom {

/// How a pixel between pixels is found: Pillow's three for turning and shearing.
enum class Interpolation { Nearest, Bilinear, Bicubic };

/// Of its name, "bilinear"; an unknown one is Nearest.
Interpolation interpolationNamed(const std::string& name);

/// Colour of what lies outside: one number for every channel, or one each.
using FillColour = std::vector<double>;

/// Where the place (x, y) of a result lies in the picture: (m0·x + m1·y + m2, m3·x + m4·y + m5).
using AffineMatrix = std::array<double, 6>;

/// The same with a vanishing point: both divided by m6·x + m7·y + 1.
using PerspectiveMatrix = std::array<double, 8>;

// Pillow's `Image.transform` and `Image.rotate` on 8-bit pictures, to the bit.
// Source: Pillow's Geometry.c and Image.py.

Picture warpedAffine(const Picture& picture, int width, int height, const AffineMatrix& matrix,
                     Interpolation interpolation, const FillColour& fill = {0});
Picture warpedPerspective(const Picture& picture, const PerspectiveMatrix& matrix,
                          Interpolation interpolation, const FillColour& fill = {0});

/// Turned counter-clockwise by `degrees` about `centre` (x, y), the middle when not given. `expand`
/// makes room for all of it.
Picture rotated(const Picture& picture, double degrees, Interpolation interpolation,
                bool expand = false, const std::optional<std::array<double, 2>>& centre = {},
                const FillColour& fill = {0});
/// Width and height of what `rotated` makes with `expand`.
std::array<std::int64_t, 2> expandedSides(std::int64_t width, std::int64_t height, double degrees,
                                          const std::optional<std::array<double, 2>>& centre = {});

/// What torchvision's `functional.affine` draws together: clockwise `angle` and `shear` in degrees,
/// `translate` in pixels; x first.
struct AffineMove {
    double angle = 0;
    std::array<double, 2> translate = {0, 0};
    double scale = 1;
    std::array<double, 2> shear = {0, 0};
};

/// Source: torchvision's `_get_inverse_affine_matrix`.
AffineMatrix inverseAffineMatrix(const AffineMove& move, const std::array<double, 2>& centre);
/// torchvision's `functional.affine` of a picture; about its middle unless `centre` is given.
Picture movedAffine(const Picture& picture, const AffineMove& move, Interpolation interpolation,
                    const FillColour& fill = {0},
                    const std::optional<std::array<double, 2>>& centre = {});

}  // namespace loom
