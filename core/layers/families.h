#pragma once

#include <vector>

#include "core/catalogue/layer_kind.h"

namespace loom {

// One function per family; its .cpp holds all there is to know of its layers.
std::vector<LayerKind> inputOutputLayers();
std::vector<LayerKind> convolutionLayers();
std::vector<LayerKind> transposedConvolutionLayers();
std::vector<LayerKind> foldingLayers();
std::vector<LayerKind> poolingLayers();
std::vector<LayerKind> adaptivePoolingLayers();
std::vector<LayerKind> fractionalPoolingLayers();
std::vector<LayerKind> unpoolingLayers();
std::vector<LayerKind> paddingLayers();
std::vector<LayerKind> activationLayers();
std::vector<LayerKind> softmaxLayers();
std::vector<LayerKind> normalizationLayers();
std::vector<LayerKind> groupNormalizationLayers();
std::vector<LayerKind> responseNormalizationLayers();
std::vector<LayerKind> linearLayers();
std::vector<LayerKind> flattenLayers();
std::vector<LayerKind> embeddingLayers();
std::vector<LayerKind> distanceLayers();
std::vector<LayerKind> recurrentLayers();
std::vector<LayerKind> recurrentCellLayers();
std::vector<LayerKind> attentionLayers();
std::vector<LayerKind> transformerLayers();
std::vector<LayerKind> regularisationLayers();
std::vector<LayerKind> selectingLayers();
std::vector<LayerKind> reshapingLayers();
std::vector<LayerKind> arithmeticLayers();
std::vector<LayerKind> reducingLayers();
std::vector<LayerKind> parameterLayers();
std::vector<LayerKind> shufflingLayers();
std::vector<LayerKind> upsamplingLayers();

}  // namespace loom
