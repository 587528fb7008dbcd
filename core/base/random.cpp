#include "core/base/random.h"

namespace loom {

std::uint32_t TorchRandom::next() {
    constexpr std::size_t kWords = 624;
    constexpr std::size_t kShift = 397;
    if (m_next < 0) {
        m_state[0] = m_seed;
        for (std::uint32_t i = 1; i < kWords; ++i)
            m_state[i] = 1812433253u * (m_state[i - 1] ^ m_state[i - 1] >> 30) + i;
        m_next = 0;
    }
    const auto here = static_cast<std::size_t>(m_next);
    const std::size_t after = here + 1 < kWords ? here + 1 : 0;
    const std::size_t far = here + kShift < kWords ? here + kShift : here + kShift - kWords;
    const std::uint32_t joined = (m_state[here] & 0x80000000u) | (m_state[after] & 0x7FFFFFFFu);
    m_state[here] = m_state[far] ^ joined >> 1 ^ (joined & 1 ? 0x9908B0DFu : 0u);
    m_next = static_cast<std::int32_t>(after);

    std::uint32_t word = m_state[here];
    word ^= word >> 11;
    word ^= word << 7 & 0x9D2C5680u;
    word ^= word << 15 & 0xEFC60000u;
    return word ^ word >> 18;
}

float TorchRandom::uniform() {
    return uniform(0.0, 1.0);
}

float TorchRandom::uniform(double low, double high) {
    // ATen keeps 24 random bits, scales them in double, and rounds once to float32 at the end.
    constexpr std::uint32_t kMask = (1u << 24) - 1;
    const float from = static_cast<float>(low);
    const float to = static_cast<float>(high);
    const double fraction = (next() & kMask) * (1.0 / (1u << 24));
    return static_cast<float>(fraction * static_cast<double>(to - from) +
                              static_cast<double>(from));
}

std::int64_t TorchRandom::integer(std::int64_t low, std::int64_t high) {
    if (high <= low) return low;
    const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    std::uint64_t bits = next();
    if (range >= std::uint64_t(1) << 32) bits = bits << 32 | next();
    return static_cast<std::int64_t>(bits % range + static_cast<std::uint64_t>(low));
}

std::uint64_t sampleSeed(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index) {
    std::uint64_t x =
        seed * 0x9E3779B97F4A7C15u + epoch * 0xBF58476D1CE4E5B9u + index * 0x94D049BB133111EBu;
    x ^= x >> 30;
    x *= 0xBF58476D1CE4E5B9u;
    x ^= x >> 27;
    x *= 0x94D049BB133111EBu;
    return (x ^ x >> 31) & 0xFFFFFFFFu;
}

}  // namespace loom
