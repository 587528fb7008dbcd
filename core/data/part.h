#pragma once

#include <cstdint>
#include <optional>

#include "core/base/value.h"

namespace loom {

/// A share of a data set, drawn at random and always the same for the same seed.
struct Part {
    std::optional<double> fraction;     ///< of the whole, 0..1; or
    std::optional<std::int64_t> count;  ///< that many samples
    bool stratified = false;            ///< every class in its own proportion
    std::int64_t seed = 0;
    Dict extras = {};
    friend bool operator==(const Part&, const Part&) = default;

    /// Samples it takes of `size`, at most all.
    std::int64_t sizeOf(std::int64_t size) const;
};

}  // namespace loom
