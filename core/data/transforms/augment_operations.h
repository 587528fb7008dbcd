#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.h"
#include "core/data/pictures/picture.h"
#include "core/data/transforms/affine.h"

namespace loom {

/// How a turned or sheared picture finds its pixels, and what fills its corners.
struct Surroundings {
    Interpolation interpolation = Interpolation::Nearest;
    FillColour fill = {0};
};

/// One of the operations that automatic augmentations choose from, by torchvision's name for it.
/// Source: torchvision's autoaugment.py, `_apply_op`.
struct AugmentOperation {
    std::string_view name;
    void (*apply)(Picture& picture, double magnitude, const Surroundings& surroundings);
    std::string (*tell)(double magnitude);  ///< "Posterize 4 bits"; nullptr: the name says it all
};
const AugmentOperation& augmentOperation(std::string_view name);
/// What was done, for the trace: "Rotate −12.5°".
std::string told(const AugmentOperation& operation, double magnitude);

/// What the magnitudes of an operation measure.
enum class MagnitudeUnit {
    None,       ///< the operation has no magnitude
    Plain,      ///< `linspace(first, last)`
    OfWidth,    ///< the same, times the picture's width
    OfHeight,   ///< the same, times the picture's height
    FewerBits,  ///< first - round(i / ((bins - 1) / last))
};

/// An operation as an augmentation offers it.
struct AugmentChoice {
    std::string_view operation;
    MagnitudeUnit unit = MagnitudeUnit::None;
    double first = 0;
    double last = 0;
    bool isSigned = false;  ///< a coin decides about the direction
};

/// The operations of an augmentation with their magnitudes in `bins` steps. Source: torchvision's
/// `_augmentation_space`.
class AugmentSpace {
public:
    AugmentSpace(const std::vector<AugmentChoice>& choices, std::int64_t bins);
    std::size_t size() const { return m_entries.size(); }
    const AugmentOperation& operation(std::size_t index) const {
        return *m_entries[index].operation;
    }
    bool hasMagnitudes(std::size_t index) const {
        return m_entries[index].choice.unit != MagnitudeUnit::None;
    }
    bool isSigned(std::size_t index) const { return m_entries[index].choice.isSigned; }
    /// Not signed yet; 0 for an operation without magnitudes.
    double magnitude(std::size_t index, std::size_t bin, const Picture& picture) const;
    std::size_t indexOf(std::string_view operation) const;

private:
    struct Entry {
        AugmentChoice choice;
        const AugmentOperation* operation;
        std::vector<float> magnitudes;  ///< unless they depend on the picture
    };
    std::vector<Entry> m_entries;
    std::int64_t m_bins;
};

}  // namespace loom
