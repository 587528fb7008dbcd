#pragma once

#include <cstdint>
#include <limits>

/// Arithmetic of counts (features, weights, bytes) that stops at the largest number instead of
/// going round to a negative one: what a user types may be larger than any machine.
namespace loom {

/// A count that large is "at least so many".
inline constexpr std::int64_t kUncountable = std::numeric_limits<std::int64_t>::max();

constexpr std::int64_t times(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? kUncountable : product;
}
template <class... More>
constexpr std::int64_t times(std::int64_t a, std::int64_t b, More... more) {
    return times(times(a, b), more...);
}

constexpr std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? kUncountable : sum;
}
template <class... More>
constexpr std::int64_t plus(std::int64_t a, std::int64_t b, More... more) {
    return plus(plus(a, b), more...);
}

}  // namespace loom
