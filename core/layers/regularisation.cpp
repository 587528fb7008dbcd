#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

using RandomFunction = at::Tensor (*)(const at::Tensor&, double p, bool train);

/// A module only so that it knows whether it trains.
struct RandomModule : torch::nn::Module {
    RandomModule(RandomFunction function, double p) : function(function), p(p) {}
    RandomFunction function;
    double p;
};

constexpr std::size_t kAnyRank = 1000;

/// A layer that switches numbers off at random while training.
struct Dropping {
    const char* id;
    const char* summary;
    const char* details;
    std::vector<std::string> keywords;
    const char* hint;  ///< of p
    const char* formula;
    /// Sides a sample may have; `form` names them, `others` says what fits others.
    std::size_t least, most;
    const char* form;
    const char* others;
    RandomFunction function;
};

LayerKind kindOf(Dropping d) {
    LayerKind kind;
    kind.info = {
        d.id,       "regularisation", d.summary, d.details, std::string("torch.nn.") + d.id,
        d.keywords, d.formula};
    kind.params = {{.key = "p",
                    .type = ParamType::Float,
                    .defaultValue = 0.5,
                    .hint = d.hint,
                    .minimum = 0,
                    .maximum = 1},
                   inplaceSpec()};
    kind.badge = [](const Settings& s) { return "p " + s.value("p").toText(); };
    kind.gives = Gives::WhatArrivesUsed;
    kind.infer = [d](const LayerContext& c) {
        const std::size_t arriving = c.inputs[0].rank();
        // PyTorch would take the batch for the channels where a side is missing.
        if (arriving < d.least || arriving > d.most)
            return refuse(c,
                          "receives " + describe(c.inputs[0]) + ", but " + c.node.kind + " takes " +
                              d.form + ".",
                          d.others, {}, 0);
        return gives(c.inputs[0]);
    };
    kind.build = [function = d.function](const LayerContext& c, const Inference&) {
        auto module = std::make_shared<RandomModule>(function, c.settings.number("p"));
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module;
        built->forward = [module](const std::vector<at::Tensor>& in) {
            return std::vector{module->function(in[0], module->p, module->is_training())};
        };
        return built;
    };
    return kind;
}

at::Tensor dropChannels(const at::Tensor& x, double p, bool train) {
    return at::feature_dropout(x, p, train);
}

std::vector<Dropping> droppings() {
    const char* const ofChannels = "Probability that a channel is set to zero.";
    const char* const channels =
        "While training whole channels are set to zero with probability p and the others are "
        "divided by 1 − p. Neighbouring numbers of a channel say nearly the same, so switching off "
        "single ones would change little. For testing it does nothing.";
    return {
        {"Dropout",
         "switches off random numbers while training",
         "While training each number is set to zero with probability p and the others are divided "
         "by 1 − p, so that no unit can rely on a single other one. For testing it does nothing.",
         {"regularization", "overfitting"},
         "Probability that a number is set to zero.",
         "y = x · m/(1 − p), m is 0 with probability p, else 1, anew for every number",
         0,
         kAnyRank,
         "",
         "",
         [](const at::Tensor& x, double p, bool train) { return at::dropout(x, p, train); }},
        {"Dropout1d",
         "switches off whole channels of a sequence while training",
         channels,
         {"regularization", "overfitting", "spatial dropout"},
         ofChannels,
         "y = x · m/(1 − p), m is 0 with probability p, else 1, anew for every channel",
         2,
         2,
         "sequences, channels × length",
         "For rows take Dropout, for pictures Dropout2d.",
         dropChannels},
        {"Dropout2d",
         "switches off whole channels of a picture while training",
         channels,
         {"regularization", "overfitting", "spatial dropout"},
         ofChannels,
         "y = x · m/(1 − p), m is 0 with probability p, else 1, anew for every channel",
         3,
         3,
         "pictures, C × H × W",
         "For rows take Dropout, for sequences Dropout1d, for volumes Dropout3d.",
         dropChannels},
        {"Dropout3d",
         "switches off whole channels of a volume while training",
         channels,
         {"regularization", "overfitting", "spatial dropout"},
         ofChannels,
         "y = x · m/(1 − p), m is 0 with probability p, else 1, anew for every channel",
         4,
         4,
         "volumes, C × D × H × W",
         "For rows take Dropout, for pictures Dropout2d.",
         dropChannels},
        {"AlphaDropout",
         "switches off random numbers and keeps mean and variance",
         "The dropout that goes with SELU: numbers are set to SELU's lowest value instead of zero, "
         "then all are scaled so that mean and variance stay. For testing it does nothing.",
         {"regularization", "overfitting", "selu", "self-normalising"},
         "Probability that a number is switched off.",
         "y = a · (x where m is 1, −1.7581 where m is 0) + b; a and b keep mean and variance",
         0,
         kAnyRank,
         "",
         "",
         [](const at::Tensor& x, double p, bool train) { return at::alpha_dropout(x, p, train); }},
        {"FeatureAlphaDropout",
         "switches off whole channels and keeps mean and variance",
         "AlphaDropout for whole channels: each is kept or switched off as one. For testing it "
         "does nothing.",
         {"regularization", "overfitting", "selu", "self-normalising"},
         "Probability that a channel is switched off.",
         "y = a · (x where m is 1, −1.7581 where m is 0) + b; a and b keep mean and variance",
         1,
         kAnyRank,
         "channels, at least a row of numbers",
         "For single numbers take AlphaDropout.",
         [](const at::Tensor& x, double p, bool train) {
             return at::feature_alpha_dropout(x, p, train);
         }},
    };
}

}  // namespace

std::vector<LayerKind> regularisationLayers() {
    std::vector<LayerKind> kinds;
    for (Dropping& entry : droppings()) kinds.push_back(kindOf(std::move(entry)));
    return kinds;
}

}  // namespace loom
