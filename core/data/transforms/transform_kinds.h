#pragma once

#include <string>
#include <vector>

#include "core/data/transforms/transform_params.h"

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
TransformKind padKind();
TransformKind randomResizedCropKind();
TransformKind fiveCropKind();
TransformKind tenCropKind();
TransformKind randomRotationKind();
TransformKind randomAffineKind();
TransformKind randomPerspectiveKind();
TransformKind elasticTransformKind();
TransformKind randomErasingKind();
TransformKind randomApplyKind();
TransformKind randomChoiceKind();
TransformKind randomOrderKind();
TransformKind toPILImageKind();
TransformKind convertImageDtypeKind();
TransformKind toImageKind();
TransformKind toDtypeKind();
TransformKind identityKind();
TransformKind rgbKind();
TransformKind randomChannelPermutationKind();
TransformKind randomPhotometricDistortKind();
TransformKind gaussianNoiseKind();
TransformKind scaleJitterKind();
TransformKind randomShortestSizeKind();
TransformKind randomResizeKind();
TransformKind randomZoomOutKind();
TransformKind linearTransformationKind();

}  // namespace loom
