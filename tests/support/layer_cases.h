#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace loom::test {

/// One comparison of a layer with PyTorch: a small network around the block under test.
struct LayerCase {
    std::string where;   ///< file and line
    std::string text;    ///< the line
    Graph graph;         ///< Input blocks x0, x1, ...; the block; Output blocks out0, out1, ...
    NodeId block;        ///< the block under test
    std::string python;  ///< what Python computes, of the module `m` and the inputs x0, x1, ...
    std::string before;  ///< the release of PyTorch since which it can; empty: all releases can
    std::string older;   ///< what a Python before that computes instead
    std::vector<std::int64_t> limits;  ///< per input: whole numbers below this; 0: real numbers
};

/// Reads every line of `tests/core/layer_cases/*.txt`. Sizes that arrive, then the block with its
/// settings; several inputs; whole numbers below 10; an optional input without a wire:
///
///     3x13x11 > MaxPool2d kernel_size=2
///     3x4x5, 3x4x5 > Add
///     7:int64(10) > Embedding num_embeddings=10 embedding_dim=4
///     3x8, -, 2x4 > LSTM hidden_size=4
///
/// What Python computes where it is not `m(x0, ...)`, tuples being taken apart in order, one value
/// a port; and what it computes instead where its torch is older:
///
///     3x8 > LSTM hidden_size=4 | m(x0)[0]
///     5x8 > TransformerEncoderLayer nhead=2 | m(x0, is_causal=True) | before 2.0: m(x0)
///
/// The whole network written out; the block under test is the last one before `out0`, and modules
/// are `mods['id']`:
///
///     graph x0=Input 3x4x4 > a=ReLU > Add > out0=Output ; x0 > add:1 | torch.relu(x0) + x0
///
/// Kinds and arguments that an older torch lacks are in `newer_layers.py`. Empty lines and lines
/// that begin with # do not count.
std::vector<LayerCase> layerCases();

}  // namespace loom::test
