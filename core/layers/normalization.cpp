#include <algorithm>
#include <iterator>

#include "core/backend/building.h"
#include "core/catalogue/batch_rules.h"
#include "core/layers/families.h"
#include "core/layers/spatial.h"

namespace loom {
namespace {

using namespace layers_detail;

/// num_features, eps, momentum, affine and track_running_stats, as both families have them.
std::vector<ParamSpec> statisticsSpecs(std::size_t n, bool batch) {
    ParamSpec momentum = {.key = "momentum",
                          .type = ParamType::Float,
                          .defaultValue = 0.1,
                          .hint = "How much a new batch counts in the running average.",
                          .minimum = 0,
                          .maximum = 1};
    if (batch) {
        momentum.hint += " None: the plain average of all batches.";
        momentum.optional = true;
        momentum.noneText = "plain average";
    }
    return {
        {.key = "num_features",
         .type = ParamType::Int,
         .hint = "Channels of the " + spatialWords(n).thing +
                 " that arrives. Found from the input when left out.",
         .inferred = true,
         .minimum = 1},
        {.key = "eps",
         .type = ParamType::Float,
         .defaultValue = 1e-5,
         .hint = "Added to the variance so that nothing is divided by zero.",
         .minimum = 0},
        momentum,
        {.key = "affine",
         .type = ParamType::Bool,
         .defaultValue = batch,
         .hint = "Gives each channel a learnable weight and bias."},
        {.key = "track_running_stats",
         .type = ParamType::Bool,
         .defaultValue = batch,
         .hint = batch ? "Keeps running averages for testing. Without them, testing uses the "
                         "batch's own."
                       : "Keeps running averages for testing. Without them, testing uses the "
                         "sample's own."},
    };
}

Inference inferStatistics(const LayerContext& c) {
    Inference inference;
    const std::int64_t channels = c.inputs[0].dims[0];
    if (auto problem =
            agree(c, "num_features", channels, channels == 1 ? "channel" : "channels", inference))
        return *problem;
    inference.outputs = {c.inputs[0]};
    inference.parameters = c.settings.flag("affine") ? 2 * channels : 0;
    if (inference.parameters > 0) inference.formulas = {{"Weights", productText({2, channels})}};
    return inference;
}

template <class Module, class Options>
std::shared_ptr<backend::BuiltLayer> buildBatchNorm(const LayerContext& c,
                                                    const Inference& inference) {
    const Settings& s = c.settings;
    Options options(inference.inferred.find("num_features")->asInt());
    options.eps(s.number("eps"))
        .affine(s.flag("affine"))
        .track_running_stats(s.flag("track_running_stats"));
    if (s.isNone("momentum"))
        options.momentum(c10::nullopt);
    else
        options.momentum(s.number("momentum"));
    return backend::moduleLayer(Module(options));
}

template <class Module>
std::shared_ptr<backend::BuiltLayer> buildInstanceNorm(const LayerContext& c,
                                                       const Inference& inference) {
    const Settings& s = c.settings;
    return backend::moduleLayer(
        Module(torch::nn::InstanceNormOptions(inference.inferred.find("num_features")->asInt())
                   .eps(s.number("eps"))
                   .momentum(s.number("momentum"))
                   .affine(s.flag("affine"))
                   .track_running_stats(s.flag("track_running_stats"))));
}

LayerKind batchNorm(std::size_t n) {
    const std::string id = sized("BatchNorm", n);
    LayerKind kind;
    kind.info = {id,
                 "normalisation",
                 "brings each channel to mean 0 and deviation 1",
                 "While training it uses the mean and variance of the batch and keeps a running "
                 "average of them; for testing it uses that average. Then each channel is scaled "
                 "by a learnable weight and shifted by a learnable bias.",
                 "torch.nn." + id,
                 {"batch norm", "normalization", "norm", "bn"},
                 "y = (x − mean)/√(variance + eps) · weight + bias, over the batch, for every "
                 "channel"};
    if (n == 1) kind.info.details += " Takes rows of numbers too, each number a channel.";
    kind.params = statisticsSpecs(n, true);
    kind.infer = [n](const LayerContext& c) -> Inference {
        const bool row = n == 1 && c.inputs[0].rank() == 1;
        if (!row)
            if (auto problem = requireSides(c, n)) return *problem;
        return inferStatistics(c);
    };
    kind.build = n == 1   ? buildBatchNorm<torch::nn::BatchNorm1d, torch::nn::BatchNorm1dOptions>
                 : n == 2 ? buildBatchNorm<torch::nn::BatchNorm2d, torch::nn::BatchNorm2dOptions>
                          : buildBatchNorm<torch::nn::BatchNorm3d, torch::nn::BatchNorm3dOptions>;
    return kind;
}

LayerKind instanceNorm(std::size_t n) {
    const std::string id = sized("InstanceNorm", n);
    const SpatialWords& words = spatialWords(n);
    LayerKind kind;
    kind.info = {id,
                 "normalisation",
                 "brings each channel of each sample to mean 0 and deviation 1",
                 "As BatchNorm, but every " + words.thing +
                     " for itself, so that samples do not see each other. It takes contrast and "
                     "brightness away; used in style transfer.",
                 "torch.nn." + id,
                 {"instance norm", "normalization", "style", "contrast"},
                 "y = (x − mean)/√(variance + eps), over the sides of one sample, for every "
                 "channel"};
    kind.params = statisticsSpecs(n, false);
    kind.infer = [n](const LayerContext& c) -> Inference {
        if (auto problem = requireSides(c, n)) return *problem;
        if (product(spatialSides(c.inputs[0], n)) == 1) {
            return refuse(c,
                          "receives " + c.inputs[0].toSentence() +
                              ", one number per channel, and the mean of one number is itself: "
                              "nothing would be left.",
                          "Put it before the block that makes the sides 1, or leave it out.", {},
                          0);
        }
        return inferStatistics(c);
    };
    kind.build = n == 1   ? buildInstanceNorm<torch::nn::InstanceNorm1d>
                 : n == 2 ? buildInstanceNorm<torch::nn::InstanceNorm2d>
                          : buildInstanceNorm<torch::nn::InstanceNorm3d>;
    return kind;
}

}  // namespace

std::int64_t leastBatch(const std::string& kind, const Settings& settings, const Shape& arriving,
                        bool training) {
    const auto is = [&](std::size_t n) { return kind == sized("BatchNorm", n); };
    if (std::none_of(std::begin(kSpatialSizes), std::end(kSpatialSizes), is)) return 1;
    // Without running statistics the batch's own are used for testing, too.
    if (!training && settings.flag("track_running_stats")) return 1;
    return arriving.rank() > 0 && arriving.count() == arriving.dims[0] ? 2 : 1;
}

std::vector<LayerKind> normalizationLayers() {
    std::vector<LayerKind> kinds;
    for (std::size_t n : kSpatialSizes) kinds.push_back(batchNorm(n));
    for (std::size_t n : kSpatialSizes) kinds.push_back(instanceNorm(n));
    return kinds;
}

}  // namespace loom
