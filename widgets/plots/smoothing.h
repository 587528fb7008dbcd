#pragma once

#include <vector>

namespace loom {

/// An exponential moving average without the bias of its start, point by point, so that a curve's
/// past never changes when new points come.
///
/// Source: TensorBoard, `line_chart_v2/data_transformer.ts`: last = last·w + (1 - w)·value, shown
/// divided by 1 - w^n; values that are not finite pass through and do not count.
class Smoother {
public:
    /// `weight` from 0 (the values themselves) to 0.999.
    explicit Smoother(double weight) : m_weight(weight) {}
    double next(double value);

private:
    double m_weight;
    double m_last = 0;
    double m_decay = 1;  ///< weight^n
};

std::vector<double> smoothed(const std::vector<double>& values, double weight);

}  // namespace loom
