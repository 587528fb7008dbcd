#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

LayerKind cosineSimilarity() {
    LayerKind kind;
    kind.info = {
        "CosineSimilarity",
        "distance",
        "says how alike two directions are",
        "1 where two rows of numbers point the same way, 0 where they are at right angles, "
        "−1 where they are opposite, however long they are. It compares embeddings.",
        "torch.nn.CosineSimilarity",
        {"angle", "embedding", "siamese", "compare"},
        "y = x₁·x₂ / max(‖x₁‖·‖x₂‖, eps)"};
    kind.inputs = {{"x1"}, {"x2"}};
    kind.params = {{.key = "dim",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "The dimension along which the two are compared; the batch is 0."},
                   {.key = "eps",
                    .type = ParamType::Float,
                    .defaultValue = 1e-8,
                    .hint = "Keeps the divisor from being zero.",
                    .minimum = 0}};
    kind.badge = [](const Settings& s) { return "dim " + s.value("dim").toText(); };
    kind.infer = [](const LayerContext& c) -> Inference {
        const Joined joined = joinInputs(c, "compares");
        if (joined.problem) return *joined.problem;
        const SampleDim at = sampleDim(c, "dim", "compares along",
                                       "would compare the samples of a batch with each other");
        if (at.problem) return *at.problem;
        Shape output = joined.shape;
        output.dims.erase(output.dims.begin() + static_cast<std::ptrdiff_t>(at.axis));
        return gives(output);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pureOfAll([dim = c.settings.integer("dim"), eps = c.settings.number("eps")](
                                      const std::vector<at::Tensor>& in) {
            return std::vector{at::cosine_similarity(in[0], in[1], dim, eps)};
        });
    };
    return kind;
}

LayerKind pairwiseDistance() {
    LayerKind kind;
    kind.info = {"PairwiseDistance",
                 "distance",
                 "measures how far two rows of numbers are apart",
                 "The p-norm of their difference along the last side: with p = 2 the length of the "
                 "straight line between them, with p = 1 the way along the axes.",
                 "torch.nn.PairwiseDistance",
                 {"norm", "euclidean", "siamese", "compare"},
                 "y = (Σᵢ |x₁ᵢ − x₂ᵢ + eps|ᵖ)^(1/p)"};
    kind.inputs = {{"x1"}, {"x2"}};
    kind.gives = Gives::NotNegative;
    kind.params = {{.key = "p",
                    .type = ParamType::Float,
                    .defaultValue = 2.0,
                    .hint = "Which norm: 2 is the straight line, 1 the sum along the axes."},
                   {.key = "eps",
                    .type = ParamType::Float,
                    .defaultValue = 1e-6,
                    .hint = "Added to each difference, so that the gradient exists at zero."},
                   {.key = "keepdim",
                    .type = ParamType::Bool,
                    .defaultValue = false,
                    .hint = "Leaves a side of length 1 in place of the last one."}};
    kind.badge = [](const Settings& s) { return "p " + s.value("p").toText(); };
    kind.infer = [](const LayerContext& c) -> Inference {
        const Joined joined = joinInputs(c, "compares");
        if (joined.problem) return *joined.problem;
        Shape output = joined.shape;
        if (output.rank() == 0)
            return refuse(c,
                          "measures along the last side, but a single number per sample arrives, "
                          "which has none.",
                          "Give it rows of numbers; for single numbers take Subtract.", {}, 0);
        if (c.settings.flag("keepdim"))
            output.dims.back() = 1;
        else
            output.dims.pop_back();
        return gives(output);
    };
    kind.build = [](const LayerContext& c, const Inference&) {
        return backend::pureOfAll(
            [p = c.settings.number("p"), eps = c.settings.number("eps"),
             keep = c.settings.flag("keepdim")](const std::vector<at::Tensor>& in) {
                return std::vector{at::pairwise_distance(in[0], in[1], p, eps, keep)};
            });
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> distanceLayers() {
    return {cosineSimilarity(), pairwiseDistance()};
}

}  // namespace loom
