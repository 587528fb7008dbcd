#include "core/backend/layer.h"
#include "core/layers/families.h"
#include "core/layers/inference.h"

namespace loom {
namespace {

using namespace layers_detail;

/// Sides of two shapes under PyTorch's broadcasting, aligned at the end; nullopt when they clash.
std::optional<std::vector<std::int64_t>> broadcast(const std::vector<std::int64_t>& a,
                                                   const std::vector<std::int64_t>& b) {
    // With the batch in front, shapes of different rank would align a side with the batch.
    if (a.size() != b.size()) return std::nullopt;
    std::vector<std::int64_t> out(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && a[i] != 1 && b[i] != 1) return std::nullopt;
        out[i] = a[i] == 1 ? b[i] : a[i];
    }
    return out;
}

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : separator) + part;
    return out;
}

Inference inferAdd(const LayerContext& c) {
    Shape sum = c.inputs[0];
    for (std::size_t i = 1; i < c.inputs.size(); ++i) {
        const auto sides = broadcast(sum.dims, c.inputs[i].dims);
        if (!sides) {
            return refuse(c,
                          "adds number by number, but " + c.inputs[i].toSentence() +
                              " arrives at input " + std::to_string(i) + " and " +
                              sum.toSentence() + " before it.",
                          "Bring both to the same size, for example with a 1×1 Conv2d on the "
                          "shorter path, or join them with Concat.",
                          {}, static_cast<int>(i));
        }
        sum.dims = *sides;
    }
    Inference inference;
    inference.outputs = {sum};
    return inference;
}

LayerKind add() {
    LayerKind kind;
    kind.info = {"Add",
                 "shape operations",
                 "adds what arrives, number by number",
                 "Joins branches of equal size; with it a skip connection is drawn, as in ResNet.",
                 "torch.add",
                 {"sum", "residual", "skip", "plus"}};
    kind.inputs = {{"a"}, {"b"}};
    kind.variadicInputs = true;
    kind.infer = inferAdd;
    kind.build = [](const LayerContext&, const Inference&) {
        auto built = std::make_shared<backend::BuiltLayer>();
        built->forward = [](const std::vector<at::Tensor>& in) {
            at::Tensor sum = in[0];
            for (std::size_t i = 1; i < in.size(); ++i) sum = sum + in[i];
            return std::vector{sum};
        };
        return built;
    };
    kind.pythonExpression = [](const Settings&, const std::vector<std::string>& in) {
        return joined(in, " + ");
    };
    return kind;
}

Inference inferConcat(const LayerContext& c) {
    const std::int64_t rank = static_cast<std::int64_t>(c.inputs[0].rank()) + 1;
    std::int64_t dim = c.settings.integer("dim");
    if (dim < 0) dim += rank;
    if (dim < 0 || dim >= rank) {
        return refuse(c,
                      "joins along dim " + c.settings.value("dim").toText() +
                          ", but what arrives has, with the batch, the dimensions 0 to " +
                          std::to_string(rank - 1) + ".",
                      "Channels are dim 1.",
                      {setParamFix(c.node.id, "Set dim to 1", "dim", std::nullopt)});
    }
    if (dim == 0) {
        return refuse(
            c,
            "joins along dim 0, the batch, and so would make more samples than there are answers.",
            "Channels are dim 1.", {setParamFix(c.node.id, "Set dim to 1", "dim", std::nullopt)});
    }
    Shape joined = c.inputs[0];
    const std::size_t axis = static_cast<std::size_t>(dim) - 1;
    for (std::size_t i = 1; i < c.inputs.size(); ++i) {
        const Shape& next = c.inputs[i];
        bool fits = next.rank() == joined.rank();
        for (std::size_t side = 0; fits && side < next.rank(); ++side)
            fits = side == axis || next.dims[side] == joined.dims[side];
        if (!fits) {
            return refuse(
                c,
                "joins along dim " + std::to_string(dim) + ", so all other sides must agree, but " +
                    next.toSentence() + " arrives at input " + std::to_string(i) + " and " +
                    c.inputs[0].toSentence() + " at input 0.",
                "Pad or pool one branch so that the other sides agree.", {}, static_cast<int>(i));
        }
        joined.dims[axis] += next.dims[axis];
    }
    Inference inference;
    inference.outputs = {joined};
    return inference;
}

LayerKind concat() {
    LayerKind kind;
    kind.info = {"Concat",
                 "shape operations",
                 "puts what arrives one behind the other",
                 "Joins branches along dim; with pictures and dim 1 their channels stand one "
                 "behind the other, as in GoogLeNet and U-Net.",
                 "torch.cat",
                 {"cat", "concatenate", "join", "stack"}};
    kind.inputs = {{"a"}, {"b"}};
    kind.variadicInputs = true;
    kind.params = {{.key = "dim",
                    .type = ParamType::Int,
                    .defaultValue = 1,
                    .hint = "The dimension that grows; the batch is 0, channels are 1."}};
    kind.badge = [](const Settings& s) { return "dim " + s.value("dim").toText(); };
    kind.infer = inferConcat;
    kind.build = [](const LayerContext& c, const Inference&) {
        auto built = std::make_shared<backend::BuiltLayer>();
        built->forward = [dim = c.settings.integer("dim")](const std::vector<at::Tensor>& in) {
            return std::vector{at::cat(in, dim)};
        };
        return built;
    };
    kind.pythonExpression = [](const Settings& s, const std::vector<std::string>& in) {
        return "torch.cat([" + joined(in, ", ") + "], dim=" + s.value("dim").toText() + ")";
    };
    return kind;
}

}  // namespace

std::vector<LayerKind> mergeLayers() {
    return {add(), concat()};
}

}  // namespace loom
