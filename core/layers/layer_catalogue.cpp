#include "core/layers/families.h"

namespace loom {

const Catalogue<LayerKind>& layers() {
    static const Catalogue<LayerKind> catalogue = [] {
        std::vector<LayerKind> all;
        for (const auto family : {inputOutputLayers,
                                  convolutionLayers,
                                  transposedConvolutionLayers,
                                  foldingLayers,
                                  poolingLayers,
                                  adaptivePoolingLayers,
                                  fractionalPoolingLayers,
                                  unpoolingLayers,
                                  paddingLayers,
                                  activationLayers,
                                  softmaxLayers,
                                  normalizationLayers,
                                  groupNormalizationLayers,
                                  responseNormalizationLayers,
                                  linearLayers,
                                  flattenLayers,
                                  embeddingLayers,
                                  distanceLayers,
                                  recurrentLayers,
                                  recurrentCellLayers,
                                  attentionLayers,
                                  transformerLayers,
                                  regularisationLayers,
                                  selectingLayers,
                                  reshapingLayers,
                                  arithmeticLayers,
                                  reducingLayers,
                                  parameterLayers,
                                  shufflingLayers,
                                  upsamplingLayers})
            for (LayerKind& kind : family()) all.push_back(std::move(kind));
        return Catalogue<LayerKind>(std::move(all));
    }();
    return catalogue;
}

std::vector<PortSpec> outputPorts(const LayerKind& kind, const Params& params) {
    std::vector<PortSpec> ports = kind.outputs;
    if (kind.outputCount)
        ports.resize(static_cast<std::size_t>(kind.outputCount(Settings(kind.params, params))));
    return ports;
}

std::string pythonConstruction(const LayerKind& kind, const Params& params,
                               const Params& inferred) {
    if (kind.pythonModule) return kind.pythonModule(Settings(kind.params, params), inferred);
    const std::string prefix = "torch.";
    const std::string name = kind.info.python.starts_with(prefix + "nn.")
                                 ? kind.info.python.substr(prefix.size())
                                 : kind.info.python;
    return pythonCall(name, kind.params, params, inferred);
}

}  // namespace loom
