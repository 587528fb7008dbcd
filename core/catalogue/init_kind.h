#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/catalogue/layer_kind.h"

namespace loom {

namespace backend {
struct InitTarget;
}

/// A way to begin a parameter, of torch.nn.init.
struct InitKind {
    KindInfo info;
    std::vector<ParamSpec> params = {};
    /// Why a parameter of these sizes cannot begin so; `name` is how sentences call it.
    std::function<std::optional<Error>(const Settings&, const std::string& name,
                                       const std::vector<std::int64_t>& sizes)>
        check;
    /// Fills the parameter, drawing from torch's generator as Python does.
    std::function<void(const Settings&, backend::InitTarget&)> apply;
};
const Catalogue<InitKind>& initializations();

struct ParameterShape {
    std::string name;  ///< within the block: `weight`, `in_proj_bias`
    std::vector<std::int64_t> sizes;
};

/// The block's own learnable tensors in PyTorch's order. nullopt when they cannot be told now: a
/// run has PyTorch's random streams, or the block cannot be built.
std::optional<std::vector<ParameterShape>> parameterShapes(const LayerContext& context,
                                                           const Inference& inference);

/// The entry of `Node::initialization` that holds for a parameter: the one with its name, else the
/// first whose name is part of its (`weight` of an LSTM means weight_ih_l0 and all the others).
const Dict::Entry* initializationOf(const Dict& initialization, const std::string& parameter);

}  // namespace loom
