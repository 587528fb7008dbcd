#include "core/layers/families.h"

namespace loom {

const Catalogue<LayerKind>& layers() {
    static const Catalogue<LayerKind> catalogue = [] {
        std::vector<LayerKind> all;
        for (const auto family :
             {inputOutputLayers, convolutionLayers, poolingLayers, activationLayers,
              normalizationLayers, linearLayers, regularisationLayers, selectingLayers,
              reshapingLayers, arithmeticLayers, reducingLayers, parameterLayers})
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

}  // namespace loom
