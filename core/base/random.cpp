#include "core/base/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace loom {

namespace {
constexpr std::size_t kWords = 624;
}

void MersenneTwister::fill() {
    const bool byArray = m_seeding == Seeding::Array;
    m_state[0] = byArray ? 19650218u : m_seed;
    for (std::uint32_t i = 1; i < kWords; ++i)
        m_state[i] = 1812433253u * (m_state[i - 1] ^ m_state[i - 1] >> 30) + i;
    m_next = 0;
    if (!byArray) return;
    std::size_t at = 1;
    const auto stir = [&](std::uint32_t factor, std::uint32_t added) {
        m_state[at] = (m_state[at] ^ (m_state[at - 1] ^ m_state[at - 1] >> 30) * factor) + added;
        if (++at < kWords) return;
        m_state[0] = m_state[kWords - 1];
        at = 1;
    };
    for (std::size_t i = 0; i < kWords; ++i) stir(1664525u, m_seed);
    for (std::size_t i = 1; i < kWords; ++i) stir(1566083941u, 0u - static_cast<std::uint32_t>(at));
    m_state[0] = 0x80000000u;
}

std::uint32_t MersenneTwister::next() {
    constexpr std::size_t kShift = 397;
    if (m_next < 0) fill();
    ++m_drawn;
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

double TorchRandom::pythonRandom() {
    const double high = m_python.next() >> 5;
    const double low = m_python.next() >> 6;
    return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
}

std::uint32_t TorchRandom::pythonBelow(std::uint32_t count) {
    if (count == 0) return 0;
    const int bits = std::bit_width(count);
    std::uint32_t drawn = 0;
    do {
        drawn = m_python.next() >> (32 - bits);
    } while (drawn >= count);
    return drawn;
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

std::vector<std::int64_t> TorchRandom::permutation(std::int64_t count) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
    std::iota(order.begin(), order.end(), std::int64_t(0));
    for (std::size_t i = 0; i + 1 < order.size(); ++i)
        std::swap(order[i], order[i + next() % (order.size() - i)]);
    return order;
}

float TorchRandom::normal() {
    if (m_normal) {
        const double waiting = *m_normal;
        m_normal.reset();
        return static_cast<float>(waiting);
    }
    // Double draws of 53 bits, as at::normal_distribution<double> takes them.
    const auto even = [&] {
        const std::uint64_t high = next();
        const std::uint64_t bits = (high << 32 | next()) & ((std::uint64_t(1) << 53) - 1);
        return static_cast<double>(bits) * (1.0 / static_cast<double>(std::uint64_t(1) << 53));
    };
    const double first = even(), second = even();
    const double radius = std::sqrt(-2.0 * std::log1p(-second));
    const double angle = 2.0 * std::numbers::pi * first;
    m_normal = radius * std::sin(angle);
    return static_cast<float>(radius * std::cos(angle));
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
