#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace loom {

/// MT19937. Its state is filled at the first draw, as most samples draw nothing, and advanced word
/// by word, as the others draw few: a whole round of 624 costs more than a picture's transforms.
class MersenneTwister {
public:
    enum class Seeding {
        Number,  ///< init_genrand, as PyTorch seeds
        Array,   ///< init_by_array of one word, as Python's `random.seed` does
    };
    MersenneTwister(std::uint32_t seed, Seeding seeding) : m_seed(seed), m_seeding(seeding) {}
    std::uint32_t next();
    std::uint32_t seed() const { return m_seed; }
    /// How often next() was called.
    std::uint64_t drawn() const { return m_drawn; }

private:
    void fill();

    std::array<std::uint32_t, 624> m_state;
    std::uint32_t m_seed;
    Seeding m_seeding;
    std::int32_t m_next = -1;  ///< -1: not filled yet
    std::uint64_t m_drawn = 0;
};

/// PyTorch's CPU generator with its draw rules, without PyTorch: the same seed gives the numbers of
/// `torch.rand(1)`, `torch.randint(...)`, `torch.empty(1).uniform_()` in the same order. Beside it
/// Python's own `random`, seeded the same, from which torchvision's RandomChoice and RandomOrder
/// draw.
/// Source: ATen's CPUGeneratorImpl and DistributionsHelper; Python 3.11's random.py.
class TorchRandom {
public:
    explicit TorchRandom(std::uint64_t seed)
        : m_torch(static_cast<std::uint32_t>(seed), MersenneTwister::Seeding::Number),
          m_python(static_cast<std::uint32_t>(seed), MersenneTwister::Seeding::Array) {}
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
    std::uint32_t next() { return m_torch.next(); }
    /// What torch's own generator must be told to stand where this one does.
    const MersenneTwister& engine() const { return m_torch; }

    /// `random.random()`.
    double pythonRandom();
    /// `random.randrange(count)`.
    std::uint32_t pythonBelow(std::uint32_t count);

private:
    MersenneTwister m_torch;
    MersenneTwister m_python;
    std::optional<double> m_normal = {};  ///< the second of a pair
};

/// The seed of one sample's random transforms: a hash of (run seed, epoch from 0, sample index), so
/// that neither the number of loader workers nor their order matters. In Python:
/// ```
/// def sample_seed(seed, epoch, index):
///     m = (1 << 64) - 1
///     x = seed * 0x9E3779B97F4A7C15 + epoch * 0xBF58476D1CE4E5B9 + index * 0x94D049BB133111EB
///     x &= m
///     x ^= x >> 30; x = x * 0xBF58476D1CE4E5B9 & m
///     x ^= x >> 27; x = x * 0x94D049BB133111EB & m
///     return (x ^ x >> 31) & 0xFFFFFFFF
/// ```
std::uint64_t sampleSeed(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index);

}  // namespace loom
