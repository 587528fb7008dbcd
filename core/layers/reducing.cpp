#include <algorithm>

#include "core/backend/building.h"
#include "core/layers/dims.h"
#include "core/layers/families.h"

namespace loom {
namespace {

using namespace layers_detail;

/// The sides that `dim` names, from the last to the first, so that they can be taken away in order.
struct SampleDims {
    std::vector<std::size_t> axes = {};
    std::optional<Inference> problem = {};
};

SampleDims sampleDims(const LayerContext& c, const std::string& doing) {
    SampleDims result;
    const std::vector<std::int64_t> dims = c.settings.integers("dim");
    const auto problem = [&](const std::string& message) {
        result.problem = refuse(c, message, "Name each dimension that is to go once, from 1 on.",
                                {setParamFix(c.node.id, "Set dim to −1", "dim", Value(-1))});
    };
    if (dims.empty()) problem("has an empty list as dim.");
    for (std::int64_t dim : dims) {
        const SampleDim at =
            sampleDim(c, "dim", dim, doing, "would mix the samples of a batch with each other");
        if (at.problem) result.problem = at.problem;
        if (result.problem) return result;
        if (std::find(result.axes.begin(), result.axes.end(), at.axis) != result.axes.end())
            problem("names dimension " + std::to_string(at.dim) + " twice in dim.");
        result.axes.push_back(at.axis);
    }
    std::sort(result.axes.rbegin(), result.axes.rend());
    return result;
}

struct Reduction {
    KindInfo info;
    const char* doing;   ///< "averages over"
    const char* python;  ///< torch's function
    Elements elements;
    std::function<at::Tensor(const at::Tensor&, at::IntArrayRef, bool)> function;
};

LayerKind reduction(Reduction r) {
    LayerKind kind;
    kind.info = std::move(r.info);
    kind.inputs = {{"input", "", r.elements}};
    kind.params = {{.key = "dim",
                    .type = ParamType::Ints,
                    .hint = "The dimension or dimensions that go, such as −1 for the last or "
                            "[2, 3] for height and width; the batch is 0.",
                    .required = true,
                    .arity = 0,
                    .suggestion = -1},
                   {.key = "keepdim",
                    .type = ParamType::Bool,
                    .defaultValue = false,
                    .hint = "Leaves a side of length 1 in their place."}};
    kind.badge = [](const Settings& s) {
        return "dim " +
               (s.value("dim").isList() ? s.value("dim").toPython() : s.value("dim").toText());
    };
    kind.infer = [doing = r.doing](const LayerContext& c) -> Inference {
        const SampleDims dims = sampleDims(c, doing);
        if (dims.problem) return *dims.problem;
        Shape output = c.inputs[0];
        for (std::size_t axis : dims.axes) {
            if (c.settings.flag("keepdim"))
                output.dims[axis] = 1;
            else
                output.dims.erase(output.dims.begin() + static_cast<std::ptrdiff_t>(axis));
        }
        return gives(output);
    };
    kind.build = [function = r.function](const LayerContext& c, const Inference&) {
        return backend::pure([function, dims = c.settings.integers("dim"),
                              keep = c.settings.flag("keepdim")](const at::Tensor& x) {
            return function(x, dims, keep);
        });
    };
    kind.pythonExpression = [name = std::string(r.python)](const Settings& s,
                                                           const std::vector<std::string>& in) {
        return "torch." + name + "(" + in[0] + ", dim=" + s.value("dim").toPython() +
               (s.flag("keepdim") ? ", keepdim=True" : "") + ")";
    };
    return kind;
}

LayerKind mean() {
    return reduction(
        {{"Mean",
          "arithmetic",
          "averages over one or more sides",
          "With dim [2, 3] each channel of a picture becomes its mean, whatever the picture's "
          "size; with dim 1 a sequence becomes the mean of its steps.",
          "torch.mean",
          {"average", "pool", "global average", "gap"},
          "y = (x₁ + … + xₙ) / n"},
         "averages over",
         "mean",
         Elements::Real,
         [](const at::Tensor& x, at::IntArrayRef dims, bool keep) { return x.mean(dims, keep); }});
}

LayerKind sum() {
    return reduction(
        {{"Sum",
          "arithmetic",
          "adds up one or more sides",
          "All numbers along dim become one, their sum.",
          "torch.sum",
          {"add", "total", "reduce"},
          "y = x₁ + … + xₙ"},
         "sums over",
         "sum",
         Elements::Any,
         [](const at::Tensor& x, at::IntArrayRef dims, bool keep) { return x.sum(dims, keep); }});
}

LayerKind max() {
    return reduction(
        {{"Max",
          "arithmetic",
          "keeps the largest number of one or more sides",
          "All numbers along dim become one, the largest, as torch.amax does. Where several are "
          "equally large, each gets its share of the gradient.",
          "torch.amax",
          {"maximum", "amax", "largest", "pool"},
          "y = max(x₁, …, xₙ)"},
         "takes the largest over",
         "amax",
         Elements::Any,
         [](const at::Tensor& x, at::IntArrayRef dims, bool keep) { return x.amax(dims, keep); }});
}

}  // namespace

std::vector<LayerKind> reducingLayers() {
    return {mean(), sum(), max()};
}

}  // namespace loom
