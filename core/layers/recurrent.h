#pragma once

#include <vector>

#include "core/catalogue/layer_kind.h"

/// Arguments that recurrent layers and their cells share.
namespace loom::layers_detail {

/// Refuses what is no sequence, steps × features, with ways to make one.
Inference refuseNoSequence(const LayerContext& context, int port);

/// input_size, hidden_size
std::vector<ParamSpec> stateSpecs();
ParamSpec nonlinearitySpec();
ParamSpec recurrentBiasSpec();
/// input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
std::vector<ParamSpec> sequenceSpecs();
/// PyTorch's batch_first, True for a block fresh from the palette.
ParamSpec batchFirstSpec();

}  // namespace loom::layers_detail
