#include <cmath>

#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// torch.nn.init.trunc_normal_ with its bounds −2 and 2, which LibTorch lacks; the same numbers
/// from the same stream. Source: torch/nn/init.py.
void truncNormal(const at::Tensor& tensor, double deviation) {
    const auto below = [](double x) { return (1 + std::erf(x / std::sqrt(2.0))) / 2; };
    const double low = below(-2 / deviation), high = below(2 / deviation);
    tensor.uniform_(2 * low - 1, 2 * high - 1)
        .erfinv_()
        .mul_(deviation * std::sqrt(2.0))
        .clamp_(-2, 2);
}

/// One way to begin; `python` completes `nn.init.`.
struct Beginning {
    const char* name;
    const char* python;
    bool spreads;  ///< takes std
    void (*fill)(const at::Tensor& tensor, double deviation);
};

const Beginning kBeginnings[] = {
    {"zeros", "zeros_", false, [](const at::Tensor& t, double) { t.zero_(); }},
    {"ones", "ones_", false, [](const at::Tensor& t, double) { t.fill_(1); }},
    {"normal", "normal_", true,
     [](const at::Tensor& t, double deviation) { t.normal_(0, deviation); }},
    {"trunc_normal", "trunc_normal_", true, truncNormal},
    {"uniform", "uniform_", false, [](const at::Tensor& t, double) { t.uniform_(0, 1); }},
};

std::vector<std::string> beginningNames() {
    std::vector<std::string> names;
    for (const Beginning& beginning : kBeginnings) names.emplace_back(beginning.name);
    return names;
}

LayerKind parameter() {
    LayerKind kind;
    kind.info = {
        "Parameter",
        "arithmetic",
        "holds numbers that are learned, the same for every sample",
        "A class token that Concat puts before a sequence, or a positional embedding "
        "that Add gives to every step, as in the Vision Transformer. Training changes "
        "its numbers like any weight; in the weight file it has the block's own name.",
        "torch.nn.Parameter",
        {"class token", "positional embedding", "learnable", "weight", "constant", "position"},
        "y = the parameter, the same for every sample"};
    kind.inputs = {};
    kind.params = {{.key = "shape",
                    .type = ParamType::Ints,
                    .hint = "Its sides, without the batch; PyTorch's tensor has a 1 before them.",
                    .required = true,
                    .arity = 0,
                    .minimum = 1,
                    .suggestion = List{1, 64}},
                   {.key = "init",
                    .type = ParamType::Choice,
                    .defaultValue = "zeros",
                    .hint = "What it begins with: zeros, ones, normal and trunc_normal (random "
                            "around zero, the latter never beyond ±2), uniform (from 0 to 1).",
                    .choices = beginningNames()},
                   {.key = "std",
                    .type = ParamType::Float,
                    .defaultValue = 0.02,
                    .hint = "How far normal and trunc_normal spread around zero: their standard "
                            "deviation.",
                    .minimum = 0,
                    .minimumExcluded = true}};
    kind.badge = [](const Settings& s) {
        return s.value("shape").toText() + ", " + s.text("init");
    };
    kind.infer = [](const LayerContext& c) -> Inference {
        const std::vector<std::int64_t> sides = c.settings.integers("shape");
        if (sides.empty())
            return refuse(c, "has no size: its shape is an empty list.",
                          "Write its sides without the batch, for example 1, 64.",
                          {setParamFix(c.node.id, "Set shape to 1×64", "shape", List{1, 64})});
        Inference inference = gives(Shape{sides});
        inference.parameters = inference.outputs[0].count();
        inference.formulas = {{"Weights", productText(sides)}};
        return inference;
    };
    kind.build = [](const LayerContext& c, const Inference& inference) {
        std::vector<std::int64_t> sides = {1};
        for (std::int64_t side : inference.outputs[0].dims) sides.push_back(side);
        auto built = std::make_shared<backend::BuiltLayer>();
        built->parameter = torch::empty(sides);
        for (const Beginning& beginning : kBeginnings)
            if (c.settings.text("init") == beginning.name)
                beginning.fill(built->parameter, c.settings.number("std"));
        built->parameter.set_requires_grad(true);
        return built;
    };
    kind.pythonModule = [](const Settings& s, const Params&) {
        std::string tensor = "torch.empty(1";
        for (std::int64_t side : s.integers("shape")) tensor += ", " + std::to_string(side);
        tensor += ")";
        for (const Beginning& beginning : kBeginnings)
            if (s.text("init") == beginning.name)
                tensor = "nn.init." + std::string(beginning.python) + "(" + tensor +
                         (beginning.spreads ? ", std=" + s.value("std").toPython() : "") + ")";
        return "nn.Parameter(" + tensor + ")";
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> parameterLayers() {
    return {parameter()};
}

}  // namespace loom
