#pragma once

#include <vector>

namespace loom {

/// The x that makes A·x nearest to b, in float32 by LAPACK's gels, as
/// `torch.linalg.lstsq(A, b, driver="gels")` finds it; empty where it finds none. A is rows ×
/// columns, row by row.
std::vector<float> leastSquares(const std::vector<float>& a, const std::vector<float>& b,
                                std::size_t columns);

}  // namespace loom
