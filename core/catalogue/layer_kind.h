#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/catalogue.h"
#include "core/base/shape.h"
#include "core/catalogue/window.h"
#include "core/graph/diagnostic.h"

namespace loom {

namespace backend {
struct BuiltLayer;  // core/backend/layer.h: the torch module and how to call it
}

/// What an input takes: real numbers (float32), whole ones (int64: words, indices), or both.
enum class Elements { Real, Whole, Any };

/// What is known of the numbers a block gives, whatever arrives.
enum class Gives : std::uint8_t {
    Anything,
    WhatArrives,      ///< the numbers of its first input: reshaped, reordered, or some of them
    WhatArrivesUsed,  ///< the same, but only outside of training (Dropout)
    NotNegative,
    Probabilities,    ///< each from 0 to 1
    LogProbabilities  ///< the logarithm of such
};

struct PortSpec {
    std::string name;
    std::string hint = {};
    Elements elements = Elements::Real;  ///< of an input; checked before `infer` is asked
};

/// A formula with this block's numbers filled in, for the inspector and the help page.
struct FilledFormula {
    std::string label;  ///< "Output height"
    std::string text;   ///< "⌊(28 + 2·1 - 1·(5-1) - 1)/1⌋ + 1 = 26"
};

/// What a block makes of what arrives, per sample. Exactly one of `outputs` and `problem` is
/// meaningful.
struct Inference {
    std::vector<Shape> outputs = {};
    std::int64_t parameters = 0;  ///< learnable numbers
    std::int64_t macs = 0;        ///< multiply-accumulates for one sample
    Params inferred = {};         ///< `in_channels` and the like, found from what arrived
    std::vector<FilledFormula> formulas = {};
    /// Why this block cannot take what arrives. `message` names the block itself.
    std::optional<Diagnostic> problem = {};
    /// Things worth knowing that do not prevent running.
    std::vector<Diagnostic> remarks = {};
};

/// What `infer` and `build` are given about one block.
struct LayerContext {
    const Graph& graph;
    const Node& node;
    Settings settings;
    const std::vector<Shape>&
        inputs;  ///< one per input port; for Input what the data delivers, if known
    /// What flows out of a block before this one; null when it is not known. Empty in `build`.
    std::function<const Shape*(const PortRef&)> shapeAt = {};
    /// Whether a wire ends at this input. An optional input without one has an empty shape in
    /// `inputs`, and `forward` receives an undefined tensor for it.
    bool connected(int port) const { return graph.edgeInto({node.id, port}) != nullptr; }
};

/// All there is to know of a layer.
struct LayerKind {
    KindInfo info;
    std::vector<PortSpec> inputs = {{"input"}};
    std::vector<PortSpec> outputs = {{"output"}};
    /// How many of `outputs` there are with these settings (`return_indices`); empty: all.
    std::function<int(const Settings&)> outputCount = {};
    int optionalInputs = 0;       ///< how many of the last `inputs` may stay without a wire
    bool variadicInputs = false;  ///< any number of inputs, at least two (Add, Concat)
    Gives gives = Gives::Anything;
    std::vector<ParamSpec> params = {};
    /// Few characters for the second line of the block: `32, 5×5, p1`.
    std::function<std::string(const Settings&)> badge = {};
    std::function<Inference(const LayerContext&)> infer;
    /// Makes the torch module. Only called for blocks that `infer` passed. Empty for Input and
    /// Output.
    std::function<std::shared_ptr<backend::BuiltLayer>(const LayerContext&, const Inference&)>
        build = {};
    /// The Python expression of an operation that is no nn module, from those of its inputs; empty:
    /// an nn module, constructed by pythonCall and called.
    std::function<std::string(const Settings&, const std::vector<std::string>& inputs)>
        pythonExpression = {};
    /// The Python that constructs the module where it is not the class called with `params`:
    /// `nn.TransformerEncoder(nn.TransformerEncoderLayer(64, 4), 2)`; from the settings and what
    /// `infer` found.
    std::function<std::string(const Settings&, const Params& inferred)> pythonModule = {};
    /// The window that slides over the input, for the animated picture; empty: there is none.
    std::function<SlidingWindow(const Settings&)> window = {};
};

/// The output ports a block of this kind has with these parameters.
std::vector<PortSpec> outputPorts(const LayerKind& kind, const Params& params);

/// The Python that constructs this block's module: `nn.Linear(64, 10)`.
std::string pythonConstruction(const LayerKind& kind, const Params& params,
                               const Params& inferred = {});

/// Every layer, family by family in the palette's order.
const Catalogue<LayerKind>& layers();

}  // namespace loom
