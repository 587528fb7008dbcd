#include "core/backend/layer.h"
#include "core/layers/families.h"
#include "core/layers/inference.h"

namespace loom {
namespace {

LayerKind dropout() {
    LayerKind kind;
    kind.info = {"Dropout",
                 "regularisation",
                 "switches off random numbers while training",
                 "While training each number is set to zero with probability p and the others are "
                 "divided by 1 − p, so that no unit can rely on "
                 "a single other one. For testing it does nothing.",
                 "torch.nn.Dropout",
                 {"regularization", "overfitting"}};
    kind.params = {{.key = "p",
                    .type = ParamType::Float,
                    .defaultValue = 0.5,
                    .hint = "Probability that a number is set to zero.",
                    .minimum = 0,
                    .maximum = 1},
                   {.key = "inplace",
                    .type = ParamType::Bool,
                    .defaultValue = false,
                    .hint = "Python may overwrite its input to save memory. The numbers are the "
                            "same; Torchloom never overwrites."}};
    kind.badge = [](const Settings& s) { return "p " + s.value("p").toText(); };
    kind.infer = [](const LayerContext& c) {
        Inference inference;
        inference.outputs = {c.inputs[0]};
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        torch::nn::Dropout module(torch::nn::DropoutOptions(c.settings.number("p")));
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

std::vector<LayerKind> regularisationLayers() {
    return {dropout()};
}

}  // namespace loom
