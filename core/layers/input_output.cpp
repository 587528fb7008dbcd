#include "core/layers/families.h"
#include "core/layers/inference.h"

namespace loom {
namespace {

using namespace layers_detail;

LayerKind input() {
    LayerKind kind;
    kind.info = {"Input",
                 "input and output",
                 "hands the data's samples to the network",
                 "Where samples enter. Its size comes from the data page: the size of a picture "
                 "after its transforms. A network "
                 "that is drawn before there is data may fix it with shape.",
                 "",
                 {"data", "start"}};
    kind.inputs = {};
    kind.params = {{.key = "shape",
                    .type = ParamType::Ints,
                    .hint = "Size of one sample without the batch, C × H × W. Left out: what the "
                            "data section delivers.",
                    .optional = true,
                    .arity = 0,
                    .minimum = 1,
                    .noneText = "from the data"},
                   {.key = "dtype",
                    .type = ParamType::Choice,
                    .defaultValue = "float32",
                    .hint = "What arrives: measured numbers, or whole numbers that stand for words "
                            "(int64), as Embedding takes them.",
                    .choices = {"float32", "int64"}}};
    kind.badge = [](const Settings& s) { return sizeText(s.integers("shape")); };
    kind.infer = [](const LayerContext& c) -> Inference {
        const std::vector<std::int64_t> fixed = c.settings.integers("shape");
        if (fixed.empty() && c.inputs.empty()) {
            return refuse(
                c, "does not know how large a sample is.",
                "Choose a data set on the Data page, or set shape, for example 1, 28, 28.");
        }
        Inference inference;
        inference.outputs = {fixed.empty() ? c.inputs[0] : Shape{fixed}};
        if (c.settings.text("dtype") == "int64") inference.outputs[0].type = ElementType::Int64;
        return inference;
    };
    return kind;
}

LayerKind output() {
    LayerKind kind;
    kind.info = {"Output",
                 "input and output",
                 "hands the network's answer to the loss",
                 "Where the answer leaves. For classification one number per class arrives here.",
                 "",
                 {"result", "end"}};
    kind.inputs = {{"input", {}, Elements::Any}};
    kind.outputs = {};
    kind.infer = [](const LayerContext& c) {
        Inference inference;
        inference.outputs = {c.inputs[0]};
        return inference;
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> inputOutputLayers() {
    return {input(), output()};
}

}  // namespace loom
