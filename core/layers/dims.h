#pragma once

#include <string>
#include <vector>

#include "core/layers/inference.h"

/// What the families share about dimensions.
namespace loom::layers_detail {

/// Dimensions of a tensor of such samples, the batch counted too.
std::int64_t rankWithBatch(const Shape& shape);

/// The dimension that a parameter names, brought to 1 .. rank − 1; the batch, 0, is refused.
struct SampleDim {
    std::int64_t dim = 0;
    std::size_t axis = 0;  ///< dim − 1: its place in Shape::dims
    std::optional<Inference> problem = {};
};
/// `doing` and `consequence` complete "conv1 `doing` dim 0, the batch, and so `consequence`.".
/// `extra` dimensions beyond the last are allowed (Unsqueeze).
SampleDim sampleDim(const LayerContext& context, const std::string& key, std::int64_t dim,
                    const std::string& doing, const std::string& consequence,
                    std::int64_t extra = 0);
SampleDim sampleDim(const LayerContext& context, const std::string& key, const std::string& doing,
                    const std::string& consequence);

/// Sides of two samples under PyTorch's broadcasting; nullopt when they clash. Different ranks
/// clash: with the batch in front, PyTorch would align a side with the batch.
std::optional<std::vector<std::int64_t>> broadcast(const std::vector<std::int64_t>& a,
                                                   const std::vector<std::int64_t>& b);

/// What comes out of several inputs that meet number by number. `doing`: "adds".
struct Joined {
    Shape shape;
    std::optional<Inference> problem = {};
};
Joined joinInputs(const LayerContext& context, const std::string& doing);

/// Sides that hold `count` numbers, a −1 among them replaced by what is missing.
struct SidesFound {
    std::vector<std::int64_t> sides;
    bool fits = false;
};
SidesFound fillSides(const std::vector<std::int64_t>& asked, std::int64_t count);

/// One output, nothing to learn, no multiplications.
Inference gives(const Shape& output);
/// What leaves has the size of what arrives.
Inference sameShape(const LayerContext& context);
/// `a, b, c`
std::string joinedText(const std::vector<std::string>& parts, const std::string& separator = ", ");
/// `[1, 2]` as Python writes it.
std::string listText(const std::vector<std::int64_t>& numbers);
Value listValue(const std::vector<std::int64_t>& numbers);
/// `3 · 4 · 5 = 60`; a single factor gives just that.
std::string productText(const std::vector<std::int64_t>& factors);

/// Takes several parameters away, so that Python's defaults hold again.
Fix resetFix(const NodeId& id, const std::string& label, const std::vector<std::string>& keys);

ParamSpec inplaceSpec();

}  // namespace loom::layers_detail
