#include <tuple>

#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"
#include "core/layers/recurrent.h"

namespace loom {

namespace layers_detail {

std::vector<ParamSpec> stateSpecs() {
    return {{.key = "input_size",
             .type = ParamType::Int,
             .hint = "How many numbers arrive at each step. Found from the input when left out.",
             .inferred = true,
             .minimum = 1},
            {.key = "hidden_size",
             .type = ParamType::Int,
             .hint = "How many numbers the state has.",
             .required = true,
             .minimum = 1,
             .suggestion = 64}};
}

ParamSpec nonlinearitySpec() {
    return {.key = "nonlinearity",
            .type = ParamType::Choice,
            .defaultValue = "tanh",
            .hint = "The activation at every step; relu can grow without bound.",
            .choices = {"tanh", "relu"}};
}

ParamSpec recurrentBiasSpec() {
    return {.key = "bias",
            .type = ParamType::Bool,
            .defaultValue = true,
            .hint = "Adds learnable numbers, b_ih and b_hh."};
}

ParamSpec batchFirstSpec() {
    return {.key = "batch_first",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint =
                "Says that the first dimension is the batch, as it always is here. PyTorch's "
                "default takes it as the steps.",
            .suggestion = true};
}

std::vector<ParamSpec> sequenceSpecs() {
    std::vector<ParamSpec> specs = stateSpecs();
    for (ParamSpec& spec : std::vector<ParamSpec>{
             {.key = "num_layers",
 .type = ParamType::Int,
 .defaultValue = 1,
 .hint = "Layers on top of each other; each reads what the one below gives.",
 .minimum = 1},
             recurrentBiasSpec(),
             batchFirstSpec(),
             {.key = "dropout",
             .type = ParamType::Float,
             .defaultValue = 0.0,
             .hint = "Probability that a number between two layers is set to zero while training.",
             .minimum = 0,
             .maximum = 1},
             {.key = "bidirectional",
             .type = ParamType::Bool,
             .defaultValue = false,
             .hint = "Reads the sequence backwards too and gives both results at each step."}})
        specs.push_back(std::move(spec));
    return specs;
}

Inference refuseNoSequence(const LayerContext& c, int port) {
    const Shape& input = c.inputs[static_cast<std::size_t>(port)];
    const LayerKind& kind = *layers().find(c.node.kind);
    const bool several = static_cast<int>(kind.inputs.size()) - kind.optionalInputs > 1;
    const std::string where =
        several ? " at " + kind.inputs[static_cast<std::size_t>(port)].name : std::string();
    std::vector<Fix> fixes;
    if (input.rank() == 3 && input.dims[0] == 1)
        fixes.push_back(insertBeforeFix(c.node.id,
                                        "Insert Squeeze: one step per row of the picture",
                                        "Squeeze", {{"dim", Value(1)}}, port));
    if (input.rank() >= 3) {
        const NodeId id = c.node.id;
        fixes.push_back(
            {"Insert Flatten and Transpose: one step per place of the picture",
             [id, port](const Graph& graph) -> Result<Graph> {
                 auto flat =
                     insertBeforeFix(id, "", "Flatten", {{"start_dim", 2}}, port).apply(graph);
                 if (!flat) return flat;
                 return insertBeforeFix(id, "", "Transpose", {{"dim0", 1}, {"dim1", 2}}, port)
                     .apply(*flat);
             }});
    }
    if (input.rank() == 1)
        fixes = {insertBeforeFix(c.node.id, "Insert Unsqueeze: one step per sample", "Unsqueeze",
                                 {{"dim", Value(1)}}, port),
                 insertBeforeFix(c.node.id, "Insert Unsqueeze: one number per step", "Unsqueeze",
                                 {{"dim", Value(2)}}, port)};
    return refuse(c,
                  "receives " + describe(input) + where + ", but " + c.node.kind +
                      " takes sequences, steps × features.",
                  "Bring each sample into the form of rows: one row of numbers for every step.",
                  std::move(fixes), port);
}

}  // namespace layers_detail

namespace {

using namespace layers_detail;

Inference inferCell(const LayerContext& c, int gates) {
    const Settings& s = c.settings;
    const Shape& input = c.inputs[0];
    if (input.rank() != 1)
        return refuse(c,
                      "receives " + describe(input) + ", but " + c.node.kind +
                          " takes a single step, one row of numbers.",
                      "Choose a step with Select, or read the whole sequence with " +
                          c.node.kind.substr(0, c.node.kind.size() - 4) + ".",
                      {}, 0);
    Inference inference;
    if (auto problem = agree(c, "input_size", input.dims[0], "numbers", inference)) return *problem;
    const std::int64_t hidden = s.integer("hidden_size");
    const bool pair = c.inputs.size() == 3;
    if (pair && c.connected(1) != c.connected(2))
        return refuse(
            c,
            std::string("receives ") + (c.connected(1) ? "h_0 but no c_0" : "c_0 but no h_0") +
                ", and PyTorch takes both or neither.",
            "Connect both, or none; without them both begin at zero.", {}, c.connected(1) ? 1 : 2);
    for (std::size_t port = 1; port < c.inputs.size(); ++port) {
        if (!c.connected(static_cast<int>(port)) ||
            c.inputs[port].dims == std::vector<std::int64_t>{hidden})
            continue;
        return refuse(c,
                      "has a state of " + groupDigits(hidden) + " numbers, but " +
                          describe(c.inputs[port]) + " arrives as its state.",
                      "Take the state of a cell with the same hidden_size.", {},
                      static_cast<int>(port));
    }
    inference.outputs.assign(pair ? 2 : 1, Shape{{hidden}});
    const std::int64_t weights = times(gates, hidden, plus(input.dims[0], hidden));
    inference.parameters = plus(weights, s.flag("bias") ? times(2, gates, hidden) : 0);
    inference.macs = weights;
    inference.formulas = {{"Weights", (gates == 1 ? std::string() : std::to_string(gates) + " · ") +
                                          groupDigits(hidden) + " · (" +
                                          groupDigits(input.dims[0]) + " + " + groupDigits(hidden) +
                                          ") = " + groupDigits(weights)}};
    return inference;
}

template <class Options>
Options cellOptions(const LayerContext& c, const Inference& inference) {
    Options options(inference.inferred.find("input_size")->asInt(),
                    c.settings.integer("hidden_size"));
    options.bias(c.settings.flag("bias"));
    return options;
}

template <class Module>
std::shared_ptr<backend::BuiltLayer> oneState(Module module) {
    auto built = std::make_shared<backend::BuiltLayer>();
    built->module = module.ptr();
    built->forward = [module](const std::vector<at::Tensor>& in) mutable {
        return std::vector{module(in[0], in.size() > 1 ? in[1] : at::Tensor())};
    };
    return built;
}

LayerKind kindOf(KindInfo info, int gates) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.inputs = {{"input"}, {"hidden", "The last state; zero where nothing arrives."}};
    kind.outputs = {{"hidden", "The new state."}};
    kind.optionalInputs = 1;
    kind.params = stateSpecs();
    kind.params.push_back(recurrentBiasSpec());
    kind.badge = [](const Settings& s) { return std::to_string(s.integer("hidden_size")); };
    kind.infer = [gates](const LayerContext& c) { return inferCell(c, gates); };
    return kind;
}

LayerKind rnnCell() {
    LayerKind kind = kindOf(
        {"RNNCell",
         "recurrent",
         "makes one step of an RNN",
         "One step, drawn by itself: what arrives and the last state make the new state. Several "
         "cells that share their weights unroll a sequence by hand.",
         "torch.nn.RNNCell",
         {"recurrent", "elman", "step"},
         "h' = tanh(W_ih·x + b_ih + W_hh·h + b_hh)"},
        1);
    kind.params.push_back(nonlinearitySpec());
    kind.build = [](const LayerContext& c, const Inference& inference) {
        auto options = cellOptions<torch::nn::RNNCellOptions>(c, inference);
        if (c.settings.text("nonlinearity") == "relu") options.nonlinearity(torch::kReLU);
        return oneState(torch::nn::RNNCell(options));
    };
    return kind;
}

LayerKind gruCell() {
    LayerKind kind =
        kindOf({"GRUCell",
                "recurrent",
                "makes one step of a GRU",
                "One step, drawn by itself: two gates say how much of the last state is kept and "
                "how much of it counts for what is new.",
                "torch.nn.GRUCell",
                {"recurrent", "gated recurrent unit", "step"},
                "h' = (1 − z) · n + z · h"},
               3);
    kind.build = [](const LayerContext& c, const Inference& inference) {
        return oneState(torch::nn::GRUCell(cellOptions<torch::nn::GRUCellOptions>(c, inference)));
    };
    return kind;
}

LayerKind lstmCell() {
    LayerKind kind = kindOf({"LSTMCell",
                             "recurrent",
                             "makes one step of an LSTM",
                             "One step, drawn by itself: what arrives, the last state and the "
                             "memory cell make the new ones.",
                             "torch.nn.LSTMCell",
                             {"recurrent", "long short-term memory", "step"},
                             "c' = f · c + i · g\nh' = o · tanh(c')"},
                            4);
    kind.inputs = {{"input"},
                   {"h_0", "The last state; zero where nothing arrives."},
                   {"c_0", "The last memory cell; zero where nothing arrives."}};
    kind.outputs = {{"h_1", "The new state."}, {"c_1", "The new memory cell."}};
    kind.optionalInputs = 2;
    kind.build = [](const LayerContext& c, const Inference& inference) {
        torch::nn::LSTMCell module(cellOptions<torch::nn::LSTMCellOptions>(c, inference));
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module.ptr();
        built->forward = [module](const std::vector<at::Tensor>& in) mutable {
            torch::optional<std::tuple<at::Tensor, at::Tensor>> states;
            if (in.size() > 2 && in[1].defined()) states = std::make_tuple(in[1], in[2]);
            const auto [hidden, cell] = module(in[0], states);
            return std::vector{hidden, cell};
        };
        return built;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> recurrentCellLayers() {
    return {lstmCell(), gruCell(), rnnCell()};
}

}  // namespace loom
