#pragma once

#include <cstddef>
#include <cstdint>

namespace loom {

// Loops over rows of bytes that several colour operations share.

/// Pillow's blend: from the number in `plain` towards (and beyond) the one in `pixels`.
void blendBytes(const std::uint8_t* plain, std::uint8_t* pixels, std::size_t count, float factor);
/// The same from one number for all.
void blendBytes(std::uint8_t plain, std::uint8_t* pixels, std::size_t count, float factor);
/// Brightness of RGB pixels by Pillow's integer form of ITU-R 601-2 luma.
void lumaOfRgb(const std::uint8_t* rgb, std::uint8_t* luma, std::size_t pixels);

}  // namespace loom
