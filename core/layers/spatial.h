#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "core/layers/dims.h"
#include "core/layers/inference.h"

/// What the layers over one, two and three spatial sides share. `n` is the number of those sides:
/// 1 is a sequence C×L, 2 a picture C×H×W, 3 a volume C×D×H×W.
namespace loom::layers_detail {

/// The sizes a family comes in, the pictures' first: a search for `conv` should find Conv2d.
inline constexpr std::size_t kSpatialSizes[] = {2, 1, 3};

struct SpatialWords {
    std::string thing;               ///< "picture"
    std::string form;                ///< "C × H × W"
    std::string across;              ///< "over the picture"
    std::string extent;              ///< "height and width"
    std::string shorthand;           ///< "; one number for a square"
    std::vector<std::string> sides;  ///< "height", "width"
};
const SpatialWords& spatialWords(std::size_t n);

/// `Conv2d` from `Conv`.
std::string sized(const std::string& stem, std::size_t n);

enum class Channels {
    Needed,
    Optional,  ///< the layer does the same to every channel, so a bare H×W passes too
};

/// Refuses what does not have `n` spatial sides behind the channels, with the likely reason.
std::optional<Inference> requireSides(const LayerContext& context, std::size_t n,
                                      Channels channels = Channels::Needed);

/// Refuses a list in which a side is None, for parameters that may be None as a whole only.
std::optional<Inference> requireEverySide(const LayerContext& context,
                                          std::initializer_list<const char*> keys);

/// The last `n` sides of what arrives.
std::vector<std::int64_t> spatialSides(const Shape& shape, std::size_t n);
/// What arrives with its last sides replaced.
Shape withSides(const Shape& shape, const std::vector<std::int64_t>& sides);

/// The windows by kernel_size, stride, padding, dilation and ceil_mode, as far as the kind has
/// them. A stride of None is the kernel's size; padding "same" is what it adds at the beginning.
std::vector<Window> windowsOf(const Settings& settings, std::size_t n);

/// Output sides of a sliding window; refuses when it is larger than what it slides over.
struct Slid {
    std::vector<std::int64_t> sides;
    std::vector<FilledFormula> formulas;
    std::optional<Inference> problem;
};
Slid slide(const LayerContext& context, const std::vector<Window>& windows, bool withDilation);

/// One formula for all sides where they are alike, else one a side. `text(side)` fills it in.
template <class Text>
std::vector<FilledFormula> sideFormulas(std::size_t n, bool alike, Text text) {
    if (alike) return {{"Output " + spatialWords(n).extent, text(0)}};
    std::vector<FilledFormula> formulas;
    for (std::size_t side = 0; side < n; ++side)
        formulas.push_back({"Output " + spatialWords(n).sides[side], text(side)});
    return formulas;
}
bool allEqual(const std::vector<std::int64_t>& numbers);

std::int64_t product(const std::vector<std::int64_t>& factors);

/// The number itself where all sides are equal, else the list: as a parameter's value.
Value sidesValue(const std::vector<std::int64_t>& sides);

/// A whole number for every side. `hint` goes on after "Height and width": " of the window."
ParamSpec sidesSpec(const std::string& key, std::size_t n, const std::string& hint,
                    Value defaultValue = {});
/// As above, with a hint of its own.
ParamSpec perSide(const std::string& key, std::size_t n, const std::string& hint,
                  Value defaultValue, std::int64_t minimum);
ParamSpec poolStride(std::size_t n);
ParamSpec ceilMode();
ParamSpec returnIndices(const std::string& hint);

/// `3×3, s2, p1, d2`: what differs from the defaults.
std::string windowBadge(const Settings& settings, std::size_t n);

/// Refuses a number of groups that does not divide what arrives and what leaves.
std::optional<Inference> requireGroups(const LayerContext& context, std::int64_t in,
                                       std::int64_t out);

/// in_channels, out_channels and kernel_size of a convolution: the three that lead.
std::vector<ParamSpec> filterSpecs(std::size_t n);
ParamSpec groupsSpec();
ParamSpec biasSpec();

}  // namespace loom::layers_detail
