#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace loom {

/// PyTorch's CPU generator (MT19937 with its draw rules), without PyTorch: the same seed gives the
/// numbers of `torch.rand(1)`, `torch.randint(...)`, `torch.empty(1).uniform_()` in the same order.
/// Source: ATen's CPUGeneratorImpl and DistributionsHelper.
class TorchRandom {
public:
    explicit TorchRandom(std::uint64_t seed) : m_seed(static_cast<std::uint32_t>(seed)) {}
    /// `torch.rand(1).item()`: float32 in [0, 1).
    float uniform();
    /// `torch.empty(1).uniform_(low, high).item()`, computed in float32.
    float uniform(double low, double high);
    /// `torch.randint(low, high, (1,)).item()`: low <= result < high.
    std::int64_t integer(std::int64_t low, std::int64_t high);
    /// `torch.randperm(count)`.
    std::vector<std::int64_t> permutation(std::int64_t count);
    /// `torch.randn(1).item()`: torch draws 1 to 15 normal numbers by Box and Muller's way, in
    /// pairs of which the second waits for the next draw.
    float normal();
    std::uint32_t next();

private:
    /// MT19937's state. Filled at the first draw, as most samples draw nothing, and advanced word
    /// by word, as the others draw few: a whole round of 624 costs more than a picture's
    /// transforms.
    std::array<std::uint32_t, 624> m_state;
    std::uint32_t m_seed;
    std::int32_t m_next = -1;             ///< -1: not filled yet
    std::optional<double> m_normal = {};  ///< the second of a pair
};

/// The seed of one sample's random transforms: a hash of (run seed, epoch from 0, sample index), so
/// that neither the number of loader workers nor their order matters. In Python:
/// ```
/// def sample_seed(seed, epoch, index):
///     m = (1 << 64) - 1
///     x = (seed * 0x9E3779B97F4A7C15 + epoch * 0xBF58476D1CE4E5B9 + index * 0x94D049BB133111EB) &
///     m x ^= x >> 30; x = x * 0xBF58476D1CE4E5B9 & m x ^= x >> 27; x = x * 0x94D049BB133111EB & m
///     return (x ^ x >> 31) & 0xFFFFFFFF
/// ```
std::uint64_t sampleSeed(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index);

}  // namespace loom
