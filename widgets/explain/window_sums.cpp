#include "widgets/explain/window_sums.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace loom {

namespace {

std::int64_t product(const std::vector<std::int64_t>& sides, std::size_t from) {
    return std::accumulate(sides.begin() + static_cast<std::ptrdiff_t>(from), sides.end(),
                           std::int64_t{1}, std::multiplies<>());
}

std::vector<std::int64_t> tail(const std::vector<std::int64_t>& sides, std::size_t from) {
    return {sides.begin() + static_cast<std::ptrdiff_t>(from), sides.end()};
}

std::vector<float> floats(const PlainTensor& tensor) {
    if (tensor.dtype != "float32") return {};
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
    return values;
}

}  // namespace

std::vector<float> firstSample(const PlainTensor& tensor) {
    std::vector<float> values = floats(tensor);
    if (tensor.dims.empty() || tensor.dims[0] < 1) return {};
    values.resize(values.size() / static_cast<std::size_t>(tensor.dims[0]));
    return values;
}

std::shared_ptr<const WindowSums> WindowSums::make(const SlidingWindow& window,
                                                   const BlockProbe& probe) {
    const std::size_t rank = window.sides.size();
    if (rank < 1 || rank > 3 || probe.inputs.empty() || probe.outputs.empty()) return nullptr;
    const PlainTensor &in = probe.inputs[0], &out = probe.outputs[0];
    if (in.dims.size() != rank + 2 || out.dims.size() != rank + 2) return nullptr;
    std::shared_ptr<WindowSums> sums(
        new WindowSums(WindowGeometry(window, tail(in.dims, 2), tail(out.dims, 2))));
    sums->m_input = firstSample(in);
    sums->m_output = firstSample(out);
    sums->m_inputChannels = in.dims[1];
    sums->m_outputChannels = out.dims[1];
    if (sums->m_input.empty() || sums->m_output.empty()) return nullptr;
    if (window.action != SlidingWindow::Action::WeightedSum)
        return sums->m_inputChannels == sums->m_outputChannels ? sums : nullptr;

    const PlainTensor* weight = probe.state.find("weight");
    if (!weight || weight->dims.size() != rank + 2) return nullptr;
    sums->m_weight = floats(*weight);
    if (const PlainTensor* bias = probe.state.find("bias")) sums->m_bias = floats(*bias);
    // Conv: out × in/groups × sides. ConvTranspose: in × out/groups × sides.
    const std::int64_t groups = window.transposed ? sums->m_outputChannels / weight->dims[1]
                                                  : sums->m_inputChannels / weight->dims[1];
    if (groups < 1) return nullptr;
    sums->m_seen = sums->m_inputChannels / groups;
    sums->m_perGroup = sums->m_outputChannels / groups;
    const std::int64_t expected = (window.transposed ? sums->m_inputChannels * sums->m_perGroup
                                                     : sums->m_outputChannels * sums->m_seen) *
                                  product(weight->dims, 2);
    return static_cast<std::int64_t>(sums->m_weight.size()) == expected ? sums : nullptr;
}

std::int64_t WindowSums::firstSeen(std::int64_t outputChannel) const {
    return hasWeights() ? outputChannel / m_perGroup * m_seen : outputChannel;
}

double WindowSums::weight(std::int64_t outputChannel, std::int64_t channel,
                          const Cell& kernel) const {
    if (!hasWeights()) return 1;
    const Cell sides = m_geometry.kernel({0, 0, 0});
    const std::int64_t place = (kernel[0] * sides[1] + kernel[1]) * sides[2] + kernel[2];
    const std::int64_t filter = m_geometry.window().transposed
                                    ? channel * m_perGroup + outputChannel % m_perGroup
                                    : outputChannel * m_seen + channel - firstSeen(outputChannel);
    return m_weight[static_cast<std::size_t>(filter * sides[0] * sides[1] * sides[2] + place)];
}

WindowSums::Sum WindowSums::at(const Cell& output, std::int64_t outputChannel, std::int64_t channel,
                               std::int64_t depth) const {
    using Action = SlidingWindow::Action;
    const SlidingWindow& window = m_geometry.window();
    const std::int64_t first = firstSeen(outputChannel);
    Sum sum;
    sum.real = this->output(outputChannel, m_geometry.outputIndex(output));
    double divisor = 0, largest = -std::numeric_limits<double>::infinity();
    bool chosenShown = false;
    const std::vector<WindowTap> taps = m_geometry.taps(output);
    for (std::int64_t seen = first; seen < first + m_seen; ++seen)
        for (const WindowTap& tap : taps) {
            Term term{tap};
            if (tap.source >= 0) term.input = input(seen, tap.source);
            term.weight = weight(outputChannel, seen, tap.kernel);
            term.product = window.action == Action::Norm ? std::pow(term.input, window.norm)
                                                         : term.input * term.weight;
            const bool isShown = seen == channel && tap.kernel[0] == depth;
            // NaN is the largest there is, as in PyTorch; the padding of a maximum is never it.
            if (tap.inside && (term.input > largest || std::isnan(term.input))) {
                largest = term.input;
                sum.chosen = sum.terms.size();
                chosenShown = isShown;
            }
            divisor += tap.counts;
            (isShown ? sum.shown : sum.others) += term.product;
            if (isShown) sum.terms.push_back(term);
        }
    if (!chosenShown) sum.chosen = sum.terms.size();
    if (hasBias()) sum.bias = m_bias[static_cast<std::size_t>(outputChannel)];
    const double total = sum.shown + sum.others;
    switch (window.action) {
        case Action::WeightedSum:
            sum.result = total + sum.bias;
            break;
        case Action::Largest:
            sum.result = largest;
            break;
        case Action::Mean:
            sum.divisor = window.divisor > 0 ? static_cast<double>(window.divisor) : divisor;
            sum.result = total / sum.divisor;
            break;
        case Action::Norm:
            // PyTorch takes the mean of the powers times the window's size; a window cut off by the
            // edge therefore counts as if it were whole.
            sum.divisor = divisor / static_cast<double>(taps.size());
            // The root of a negative sum is no number, there as here.
            sum.result = std::pow(total / sum.divisor, 1 / window.norm);
            break;
    }
    return sum;
}

}  // namespace loom
