#pragma once

#include <QString>
#include <memory>
#include <vector>

#include "core/catalogue/layer_kind.h"
#include "core/train/probe.h"
#include "widgets/explain/window_geometry.h"

namespace loom {

/// What a sliding window makes of what lies under it, number by number, on a real sample.
/// Immutable.
class WindowSums {
public:
    /// The sums of a block whose kind has a window; null where the probe's sizes do not fit one.
    static std::shared_ptr<const WindowSums> make(const SlidingWindow& window,
                                                  const BlockProbe& probe);

    struct Term {
        WindowTap tap;
        double input = 0;   ///< 0 in the padding
        double weight = 1;  ///< 1 where there are no weights
        double product = 0;
    };
    /// How one number came about.
    struct Sum {
        std::vector<Term> terms;  ///< of the input channel and depth that are shown
        double shown = 0;         ///< their sum
        double others = 0;        ///< of the other channels and depths
        double bias = 0;
        double divisor = 1;      ///< Mean: what the sum is divided by
        std::size_t chosen = 0;  ///< Largest: which of `terms`; their number: of another depth
        double result = 0;       ///< what all this gives
        double real = 0;         ///< what the block gave
    };

    const WindowGeometry& geometry() const { return m_geometry; }
    bool hasWeights() const { return !m_weight.empty(); }
    bool hasBias() const { return !m_bias.empty(); }
    std::int64_t inputChannels() const { return m_inputChannels; }
    std::int64_t outputChannels() const { return m_outputChannels; }
    /// The input channels that this output channel sees.
    std::int64_t firstSeen(std::int64_t outputChannel) const;
    std::int64_t seenCount() const { return m_seen; }
    /// `channel` is one of the input's; `depth` a place in the window's depth.
    Sum at(const Cell& output, std::int64_t outputChannel, std::int64_t channel,
           std::int64_t depth = 0) const;
    double weight(std::int64_t outputChannel, std::int64_t channel, const Cell& kernel) const;

    float input(std::int64_t channel, std::int64_t place) const {
        return m_input[static_cast<std::size_t>(channel * m_geometry.inputCount() + place)];
    }
    float output(std::int64_t channel, std::int64_t place) const {
        return m_output[static_cast<std::size_t>(channel * m_geometry.outputCount() + place)];
    }

private:
    explicit WindowSums(WindowGeometry geometry) : m_geometry(std::move(geometry)) {}

    WindowGeometry m_geometry;
    std::vector<float> m_input, m_output, m_weight, m_bias;
    std::int64_t m_inputChannels = 1, m_outputChannels = 1;
    std::int64_t m_seen = 1;      ///< input channels per output channel
    std::int64_t m_perGroup = 1;  ///< output channels per group
};

/// The first sample of a float tensor.
std::vector<float> firstSample(const PlainTensor& tensor);

}  // namespace loom
