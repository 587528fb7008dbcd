#include "core/layers/recurrent.h"

#include <tuple>
#include "core/backend/building.h"
#include "core/base/saturating.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// The numbers behind a recurrent layer's sizes and counts.
struct Plan {
    std::int64_t input, hidden, projected, layers, directions, gates;
    bool bias;

    std::int64_t states() const { return layers * directions; }
    /// Features of a step that layer `layer` reads.
    std::int64_t width(std::int64_t layer) const {
        return layer == 0 ? input : directions * projected;
    }
    std::int64_t weights(std::int64_t layer) const {
        const std::int64_t projection = projected == hidden ? 0 : times(hidden, projected);
        return times(directions,
                     plus(times(gates, hidden, plus(width(layer), projected)), projection));
    }
};

Plan planOf(const Settings& s, std::int64_t input, int gates) {
    const std::int64_t hidden = s.integer("hidden_size"), projected = s.integer("proj_size");
    return {input,
            hidden,
            projected > 0 ? projected : hidden,
            s.integer("num_layers"),
            s.flag("bidirectional") ? 2 : 1,
            gates,
            s.flag("bias")};
}

/// Without batch_first PyTorch runs through the samples of a batch as if they were steps.
std::optional<Inference> checkOrder(const LayerContext& c, Inference& inference) {
    if (c.settings.flag("batch_first")) return std::nullopt;
    const Fix fix = setParamFix(c.node.id, "Set batch_first to True", "batch_first", Value(true));
    const std::string takes =
        "has batch_first False, so PyTorch takes the samples of a batch as the steps of one "
        "sequence";
    bool states = false;
    for (std::size_t port = 1; port < c.inputs.size(); ++port)
        states = states || c.connected(static_cast<int>(port));
    for (const Edge& edge : c.graph.edgesFrom(c.node.id)) states = states || edge.from.port > 0;
    if (states)
        return refuse(
            c, takes + ", and its states would not belong to the samples that are connected.",
            "Set batch_first to True: the batch is always the first dimension here.", {fix});
    inference.remarks.push_back(
        remark(c, Severity::Warning, takes + ".",
               "Set batch_first to True: the batch is always the first dimension here.", {fix}));
    return std::nullopt;
}

std::optional<Inference> checkStates(const LayerContext& c, const Plan& plan) {
    const bool pair = c.inputs.size() == 3;
    if (pair && c.connected(1) != c.connected(2)) {
        const std::string given = c.connected(1) ? "h_0" : "c_0",
                          missing = c.connected(1) ? "c_0" : "h_0";
        return refuse(c,
                      "receives " + given + " but no " + missing +
                          ", and PyTorch takes both or "
                          "neither.",
                      "Connect " + missing + " too, or take the wire to " + given +
                          " away; without them both begin at zero.",
                      {}, c.connected(1) ? 1 : 2);
    }
    for (std::size_t port = 1; port < c.inputs.size(); ++port) {
        if (!c.connected(static_cast<int>(port))) continue;
        const Shape expected{{plan.states(), port == 1 ? plan.projected : plan.hidden}};
        if (c.inputs[port].dims == expected.dims) continue;
        return refuse(c,
                      std::string("takes as ") + (port == 1 ? "h_0" : "c_0") + " " +
                          expected.toSentence() + ", a row for each layer and direction, but " +
                          c.inputs[port].toSentence() + " arrives.",
                      "Take the state of a block with the same hidden_size, num_layers and "
                      "bidirectional, or bring it into this form.",
                      {}, static_cast<int>(port));
    }
    return std::nullopt;
}

Inference inferRecurrent(const LayerContext& c, int gates) {
    const Settings& s = c.settings;
    const Shape& input = c.inputs[0];
    if (input.rank() != 2) return refuseNoSequence(c, 0);
    Inference inference;
    if (auto problem = agree(c, "input_size", input.dims[1], "numbers per step", inference))
        return *problem;
    if (s.integer("proj_size") >= s.integer("hidden_size"))
        return refuse(c,
                      "projects its " + groupDigits(s.integer("hidden_size")) +
                          " hidden numbers "
                          "to proj_size = " +
                          groupDigits(s.integer("proj_size")) + ".",
                      "proj_size must be smaller than hidden_size; 0 means no projection.",
                      {setParamFix(c.node.id, "Set proj_size to 0", "proj_size", std::nullopt)});
    if (auto problem = checkOrder(c, inference)) return *problem;
    const Plan plan = planOf(s, input.dims[1], gates);
    if (auto problem = checkStates(c, plan)) return *problem;
    const std::int64_t steps = input.dims[0], features = plan.directions * plan.projected;
    inference.outputs = {Shape{{steps, features}}, Shape{{plan.states(), plan.projected}}};
    if (c.inputs.size() == 3) inference.outputs.push_back(Shape{{plan.states(), plan.hidden}});
    // All layers after the first are alike.
    const std::int64_t weights = plus(plan.weights(0), times(plan.layers - 1, plan.weights(1)));
    const std::int64_t biases =
        plan.bias ? times(2, plan.layers, plan.directions, gates, plan.hidden) : 0;
    inference.parameters = plus(weights, biases);
    inference.macs = times(steps, weights);
    inference.formulas = {
        {"Features of a step",
         productText(plan.directions == 2 ? std::vector<std::int64_t>{2, plan.projected}
                                          : std::vector<std::int64_t>{plan.projected})},
        {"Weights of the first layer",
         (plan.directions == 2 ? "2 · " : "") +
             (gates == 1 ? std::string() : std::to_string(gates) + " · ") +
             groupDigits(plan.hidden) + " · (" + groupDigits(plan.input) + " + " +
             groupDigits(plan.projected) + ")" +
             (plan.projected == plan.hidden
                  ? std::string()
                  : (plan.directions == 2 ? " + 2 · " : " + ") + groupDigits(plan.hidden) + " · " +
                        groupDigits(plan.projected)) +
             " = " + groupDigits(plan.weights(0))}};
    if (s.number("dropout") > 0 && plan.layers == 1)
        inference.remarks.push_back(
            remark(c, Severity::Warning,
                   "has dropout " + s.value("dropout").toText() +
                       ", but with a single layer it does nothing: it acts between layers.",
                   "Take more layers, or put a Dropout behind it.",
                   {setParamFix(c.node.id, "Set num_layers to 2", "num_layers", Value(2)),
                    setParamFix(c.node.id, "Set dropout to 0", "dropout", std::nullopt)}));
    return inference;
}

template <class Options>
Options optionsOf(const LayerContext& c, const Inference& inference) {
    const Settings& s = c.settings;
    Options options(inference.inferred.find("input_size")->asInt(), s.integer("hidden_size"));
    options.num_layers(s.integer("num_layers"))
        .bias(s.flag("bias"))
        .batch_first(s.flag("batch_first"))
        .bidirectional(s.flag("bidirectional"));
    // With one layer PyTorch only warns about it.
    if (s.integer("num_layers") > 1) options.dropout(s.number("dropout"));
    return options;
}

/// States travel batch-first on wires, PyTorch has them layers-first.
at::Tensor swapped(const at::Tensor& state) {
    return state.defined() ? state.transpose(0, 1).contiguous() : state;
}

template <class Module>
std::shared_ptr<backend::BuiltLayer> oneState(Module module) {
    auto built = std::make_shared<backend::BuiltLayer>();
    built->module = module.ptr();
    built->forward = [module](const std::vector<at::Tensor>& in) mutable {
        const auto [output, last] = module(in[0], in.size() > 1 ? swapped(in[1]) : at::Tensor());
        return std::vector{output, swapped(last)};
    };
    return built;
}

LayerKind kindOf(KindInfo info, int gates) {
    LayerKind kind;
    kind.info = std::move(info);
    kind.inputs = {{"input", "Steps × features."},
                   {"h_0",
                    "The state to begin with, a row for each layer and direction; zero "
                    "where nothing arrives."}};
    kind.outputs = {{"output", "What the last layer gives at every step."},
                    {"h_n", "The state after the last step, a row for each layer and direction."}};
    kind.optionalInputs = 1;
    kind.params = sequenceSpecs();
    kind.badge = [](const Settings& s) {
        std::string text = std::to_string(s.integer("hidden_size"));
        if (s.integer("num_layers") > 1)
            text += ", " + std::to_string(s.integer("num_layers")) + " layers";
        return text + (s.flag("bidirectional") ? ", both ways" : "");
    };
    kind.infer = [gates](const LayerContext& c) { return inferRecurrent(c, gates); };
    return kind;
}

LayerKind rnn() {
    LayerKind kind = kindOf(
        {"RNN",
         "recurrent",
         "reads a sequence step by step and keeps a state",
         "At every step the new state is made of what arrives and of the last state. The simplest "
         "network with a memory; over many steps it forgets, which LSTM and GRU mend.",
         "torch.nn.RNN",
         {"recurrent", "elman", "sequence", "text", "time"},
         "hₜ = tanh(W_ih·xₜ + b_ih + W_hh·hₜ₋₁ + b_hh)"},
        1);
    kind.params.insert(kind.params.begin() + 3, nonlinearitySpec());
    kind.build = [](const LayerContext& c, const Inference& inference) {
        auto options = optionsOf<torch::nn::RNNOptions>(c, inference);
        if (c.settings.text("nonlinearity") == "relu") options.nonlinearity(torch::kReLU);
        return oneState(torch::nn::RNN(options));
    };
    return kind;
}

LayerKind gru() {
    LayerKind kind = kindOf(
        {"GRU",
         "recurrent",
         "reads a sequence and decides at every step what to keep",
         "Two gates, each between 0 and 1, say how much of the state is kept and how much of it "
         "counts for what is new. Nearly as good as LSTM, with fewer weights.",
         "torch.nn.GRU",
         {"recurrent", "gated recurrent unit", "sequence", "text", "time"},
         "r = σ(W_ir·xₜ + b_ir + W_hr·h + b_hr)\n"
         "z = σ(W_iz·xₜ + b_iz + W_hz·h + b_hz)\n"
         "n = tanh(W_in·xₜ + b_in + r · (W_hn·h + b_hn))\n"
         "hₜ = (1 − z) · n + z · h"},
        3);
    kind.build = [](const LayerContext& c, const Inference& inference) {
        return oneState(torch::nn::GRU(optionsOf<torch::nn::GRUOptions>(c, inference)));
    };
    return kind;
}

LayerKind lstm() {
    LayerKind kind = kindOf(
        {"LSTM",
         "recurrent",
         "reads a sequence with a memory that it can hold for long",
         "Besides its state it has a memory cell; three gates, each between 0 and 1, say what is "
         "written into it, what is forgotten and what is shown. It learns over hundreds of steps.",
         "torch.nn.LSTM",
         {"recurrent", "long short-term memory", "sequence", "text", "time"},
         "i, f, o = σ(W·xₜ + b + W'·hₜ₋₁ + b')\n"
         "g = tanh(W·xₜ + b + W'·hₜ₋₁ + b')\n"
         "cₜ = f · cₜ₋₁ + i · g\n"
         "hₜ = o · tanh(cₜ)"},
        4);
    kind.inputs.push_back({"c_0", "The memory cell to begin with; zero where nothing arrives."});
    kind.outputs.push_back({"c_n", "The memory cell after the last step."});
    kind.optionalInputs = 2;
    kind.params.push_back(
        {.key = "proj_size",
         .type = ParamType::Int,
         .defaultValue = 0,
         .hint = "Shortens the state to so many numbers by a further weight matrix; 0 does not.",
         .minimum = 0});
    kind.build = [](const LayerContext& c, const Inference& inference) {
        auto options = optionsOf<torch::nn::LSTMOptions>(c, inference);
        options.proj_size(c.settings.integer("proj_size"));
        torch::nn::LSTM module(options);
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module.ptr();
        built->forward = [module](const std::vector<at::Tensor>& in) mutable {
            torch::optional<std::tuple<at::Tensor, at::Tensor>> states;
            if (in.size() > 2 && in[1].defined())
                states = std::make_tuple(swapped(in[1]), swapped(in[2]));
            const auto [output, last] = module(in[0], states);
            return std::vector{output, swapped(std::get<0>(last)), swapped(std::get<1>(last))};
        };
        return built;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> recurrentLayers() {
    return {lstm(), gru(), rnn()};
}

}  // namespace loom
