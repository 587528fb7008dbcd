#pragma once

#include <string>
#include <vector>

#include "core/data/transform.h"

namespace loom {

// One family per file; `transforms()` lists them.
TransformKind toTensorKind();
TransformKind normalizeKind();
TransformKind resizeKind();
TransformKind randomCropKind();
TransformKind centerCropKind();
TransformKind randomHorizontalFlipKind();
TransformKind randomVerticalFlipKind();
TransformKind grayscaleKind();
TransformKind randomGrayscaleKind();
TransformKind colorJitterKind();
TransformKind gaussianBlurKind();
TransformKind randomInvertKind();
TransformKind randomPosterizeKind();
TransformKind randomSolarizeKind();
TransformKind randomAdjustSharpnessKind();
TransformKind randomAutocontrastKind();
TransformKind randomEqualizeKind();
TransformKind autoAugmentKind();
TransformKind randAugmentKind();
TransformKind trivialAugmentWideKind();

/// `28`, `28×32`: a side, or height and width.
std::string sizeBadge(const Settings& settings, const std::string& key = "size");

/// Height and width of the parameter `size`: a number or a list of one stands for a square.
struct WindowSize {
    std::int64_t height = 0;
    std::int64_t width = 0;
};
WindowSize windowSize(const Settings& settings);
/// Why `size` cannot be a height and width; empty when it can.
std::string windowSizeProblem(const Settings& settings);
ParamSpec windowSizeParam(const std::string& hint);

/// Height and width of a picture or a tensor C×H×W.
WindowSize sidesOf(const SampleInput& input);
std::int64_t channelsOf(const SampleInput& input);

}  // namespace loom
