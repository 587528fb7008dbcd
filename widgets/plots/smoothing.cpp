#include "widgets/plots/smoothing.h"

#include <cmath>

namespace loom {

double Smoother::next(double value) {
    if (!std::isfinite(value)) return value;
    m_last = m_last * m_weight + (1 - m_weight) * value;
    m_decay *= m_weight;
    return m_last / (1 - m_decay);
}

std::vector<double> smoothed(const std::vector<double>& values, double weight) {
    std::vector<double> result;
    result.reserve(values.size());
    Smoother smoother(weight);
    for (const double value : values) result.push_back(smoother.next(value));
    return result;
}

}  // namespace loom
