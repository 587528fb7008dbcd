#include "core/layers/dims.h"

#include <algorithm>

#include "core/base/saturating.h"
#include "core/graph/edit.h"

namespace loom::layers_detail {
namespace {

/// `64` before `64×28×28` fits as `64×1×1`: the sides the shorter sample lacks.
std::optional<Fix> padSides(const LayerContext& c, int port, const Shape& shorter,
                            const Shape& longer) {
    if (shorter.rank() == 0 || shorter.rank() >= longer.rank()) return std::nullopt;
    for (std::size_t i = 0; i < shorter.rank(); ++i)
        if (shorter.dims[i] != longer.dims[i] && shorter.dims[i] != 1) return std::nullopt;
    Shape padded = shorter;
    padded.dims.resize(longer.rank(), 1);
    return insertBeforeFix(c.node.id, "Insert Reshape to " + padded.toSentence(), "Reshape",
                           {{"shape", listValue(padded.dims)}}, port);
}

}  // namespace

std::int64_t rankWithBatch(const Shape& shape) {
    return static_cast<std::int64_t>(shape.rank()) + 1;
}

SampleDim sampleDim(const LayerContext& c, const std::string& key, std::int64_t given,
                    const std::string& doing, const std::string& consequence, std::int64_t extra) {
    const Shape& input = c.inputs[0];
    const std::int64_t rank = rankWithBatch(input) + extra;
    SampleDim result;
    result.dim = given < 0 ? given + rank : given;
    const bool single = findSpec(c.settings.specs(), key)->type == ParamType::Int;
    std::vector<Fix> fixes;
    if (single && rank > 1)
        fixes.push_back(setParamFix(c.node.id, "Set " + key + " to 1", key, Value(1)));
    const std::string range = rank > 2
                                  ? "Take a dimension from 1 to " + std::to_string(rank - 1) + "."
                                  : "Take dimension 1.";
    if (rank == 1) {
        result.problem =
            refuse(c,
                   doing + " dim " + std::to_string(given) +
                       ", but a single number per sample arrives, which has no dimension.",
                   "Give " + c.node.id + " rows of numbers or pictures.", {}, 0);
    } else if (result.dim < 0 || result.dim >= rank) {
        result.problem =
            refuse(c,
                   doing + " dim " + std::to_string(given) +
                       ", but what arrives has, with the batch, the dimensions 0 to " +
                       std::to_string(rankWithBatch(input) - 1) + " (" + describe(input) + ").",
                   range, std::move(fixes), 0);
    } else if (result.dim == 0) {
        result.problem = refuse(
            c, doing + " dim " + std::to_string(given) + ", the batch, and so " + consequence + ".",
            range + " Dimension 0 is the batch.", std::move(fixes), 0);
    } else {
        result.axis = static_cast<std::size_t>(result.dim) - 1;
    }
    return result;
}

SampleDim sampleDim(const LayerContext& c, const std::string& key, const std::string& doing,
                    const std::string& consequence) {
    return sampleDim(c, key, c.settings.integer(key), doing, consequence);
}

std::optional<std::vector<std::int64_t>> broadcast(const std::vector<std::int64_t>& a,
                                                   const std::vector<std::int64_t>& b) {
    if (a.size() != b.size()) return std::nullopt;
    std::vector<std::int64_t> out(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && a[i] != 1 && b[i] != 1) return std::nullopt;
        out[i] = a[i] == 1 ? b[i] : a[i];
    }
    return out;
}

Joined joinInputs(const LayerContext& c, const std::string& doing) {
    Joined joined;
    joined.shape = c.inputs[0];
    for (std::size_t i = 1; i < c.inputs.size(); ++i) {
        const Shape& next = c.inputs[i];
        const auto sides = broadcast(joined.shape.dims, next.dims);
        if (!sides) {
            const int port = static_cast<int>(i);
            std::vector<Fix> fixes;
            if (auto fix = padSides(c, port, next, joined.shape)) fixes.push_back(*fix);
            if (auto fix = padSides(c, 0, joined.shape, next); fix && i == 1) fixes.push_back(*fix);
            joined.problem = refuse(
                c,
                doing + " number by number, but " + next.toSentence() + " arrives at input " +
                    std::to_string(i) + " and " + joined.shape.toSentence() + " before it.",
                next.rank() != joined.shape.rank()
                    ? "Give both the same number of sides first, for example with Reshape; "
                      "a side of 1 is repeated."
                    : "Bring both to the same size, for example with a 1×1 Conv2d on the "
                      "shorter path, or join them with Concat.",
                std::move(fixes), port);
            return joined;
        }
        joined.shape.dims = *sides;
        if (next.type == ElementType::Float) joined.shape.type = ElementType::Float;
    }
    return joined;
}

SidesFound fillSides(const std::vector<std::int64_t>& asked, std::int64_t count) {
    std::int64_t known = 1;
    bool free = false;
    for (std::int64_t side : asked) {
        free = free || side < 0;
        // Sides far beyond any sample would not fit 64 bits when multiplied.
        if (side >= 0) known = side > count || known > count ? count + 1 : known * side;
    }
    SidesFound found{asked,
                     known > 0 && known <= count && (free ? count % known == 0 : count == known)};
    if (found.fits)
        std::replace(found.sides.begin(), found.sides.end(), std::int64_t{-1}, count / known);
    return found;
}

Inference gives(const Shape& output) {
    Inference inference;
    inference.outputs = {output};
    return inference;
}

Inference sameShape(const LayerContext& c) {
    return gives(c.inputs[0]);
}

std::string joinedText(const std::vector<std::string>& parts, const std::string& separator) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) out += (i ? separator : "") + parts[i];
    return out;
}

std::string listText(const std::vector<std::int64_t>& numbers) {
    return listValue(numbers).toPython();
}

Value listValue(const std::vector<std::int64_t>& numbers) {
    return List(numbers.begin(), numbers.end());
}

std::string productText(const std::vector<std::int64_t>& factors) {
    std::string text;
    std::int64_t product = 1;
    for (std::int64_t factor : factors) {
        text += (text.empty() ? "" : " · ") + groupDigits(factor);
        product = times(product, factor);
    }
    return factors.size() == 1 ? text : text + " = " + groupDigits(product);
}

Fix resetFix(const NodeId& id, const std::string& label, const std::vector<std::string>& keys) {
    return {label, [=](const Graph& graph) {
                Result<Graph> next = graph;
                for (const std::string& key : keys)
                    if (next && next->find(id) && next->find(id)->params.contains(key))
                        next = edit::setParam(*next, id, key, std::nullopt);
                return next;
            }};
}

ParamSpec inplaceSpec() {
    return {.key = "inplace",
            .type = ParamType::Bool,
            .defaultValue = false,
            .hint =
                "Python may overwrite its input to save memory. The numbers are the same; "
                "Torchloom never overwrites."};
}

}  // namespace loom::layers_detail
