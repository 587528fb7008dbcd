#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace loom {

/// An operation that AutoAugment does with a probability and at one of ten magnitudes.
struct PolicyStep {
    std::string_view operation;
    double probability;
    std::size_t bin;  ///< 0 where the operation has no magnitude
};

/// Pairs of steps, of which one is drawn for each picture.
using AugmentPolicy = std::array<std::array<PolicyStep, 2>, 25>;

/// "imagenet", "cifar10" or "svhn".
const AugmentPolicy& augmentPolicy(std::string_view name);

}  // namespace loom
