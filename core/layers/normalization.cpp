#include "core/backend/layer.h"
#include "core/layers/families.h"
#include "core/layers/inference.h"

namespace loom {
namespace {

using namespace layers_detail;

LayerKind batchNorm2d() {
    LayerKind kind;
    kind.info = {"BatchNorm2d",
                 "normalisation",
                 "brings each channel to mean 0 and deviation 1",
                 "While training it uses the mean and variance of the batch and keeps a running "
                 "average of them; for testing it uses that "
                 "average. Then each channel is scaled by a learnable weight and shifted by a "
                 "learnable bias.",
                 "torch.nn.BatchNorm2d",
                 {"batch norm", "normalization", "bn"}};
    kind.params = {
        {.key = "num_features",
         .type = ParamType::Int,
         .hint = "Channels of the picture that arrives. Found from the input when left out.",
         .inferred = true,
         .minimum = 1},
        {.key = "eps",
         .type = ParamType::Float,
         .defaultValue = 1e-5,
         .hint = "Added to the variance so that nothing is divided by zero.",
         .minimum = 0},
        {.key = "momentum",
         .type = ParamType::Float,
         .defaultValue = 0.1,
         .hint = "How much a new batch counts in the running average. None: the plain average of "
                 "all batches.",
         .optional = true,
         .minimum = 0,
         .maximum = 1,
         .noneText = "plain average"},
        {.key = "affine",
         .type = ParamType::Bool,
         .defaultValue = true,
         .hint = "Gives each channel a learnable weight and bias."},
        {.key = "track_running_stats",
         .type = ParamType::Bool,
         .defaultValue = true,
         .hint = "Keeps running averages for testing. Without them, testing uses the batch's own."},
    };
    kind.infer = [](const LayerContext& c) -> Inference {
        if (auto problem = requirePicture(c)) return *problem;
        Inference inference;
        const std::int64_t channels = c.inputs[0].dims[0];
        if (auto problem = agree(c, "num_features", channels,
                                 channels == 1 ? "channel" : "channels", inference))
            return *problem;
        inference.outputs = {c.inputs[0]};
        inference.parameters = c.settings.flag("affine") ? 2 * channels : 0;
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference& inference) {
        const Settings& s = c.settings;
        torch::nn::BatchNorm2dOptions options(inference.inferred.find("num_features")->asInt());
        options.eps(s.number("eps"))
            .affine(s.flag("affine"))
            .track_running_stats(s.flag("track_running_stats"));
        if (s.isNone("momentum"))
            options.momentum(c10::nullopt);
        else
            options.momentum(s.number("momentum"));
        torch::nn::BatchNorm2d module(options);
        auto built = std::make_shared<backend::BuiltLayer>();
        built->module = module.ptr();
        built->forward = [module](const std::vector<at::Tensor>& in) mutable {
            return std::vector{module(in[0])};
        };
        return built;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> normalizationLayers() {
    return {batchNorm2d()};
}

}  // namespace loom
