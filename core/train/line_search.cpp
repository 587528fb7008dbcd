#include "core/backend/line_search.h"

#include <array>
#include <cstdint>

namespace loom::backend {
namespace {

using Number = PythonNumber;

/// The minimum of the cubic through two points with their slopes, within bounds.
Number cubicInterpolate(const Number& x1, const Number& f1, const Number& g1, const Number& x2,
                        const Number& f2, const Number& g2, const Number& low, const Number& high) {
    const Number d1 = g1 + g2 - Number(3) * (f1 - f2) / (x1 - x2);
    const Number d2Square = d1.squared() - g1 * g2;
    if (!(d2Square >= 0)) return (low + high) / 2.;
    const Number d2 = d2Square.sqrt();
    const Number place = x1 <= x2 ? x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + Number(2) * d2))
                                  : x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + Number(2) * d2));
    return Number::min(Number::max(place, low), high);
}

struct Point {
    Number step;
    Number loss;
    at::Tensor gradient;
    Number slope;
};

constexpr double kArmijo = 1e-4, kCurvature = 0.9;
constexpr int kMostEvaluations = 25;

}  // namespace

LineSearchResult strongWolfe(const LineFunction& evaluate, PythonNumber step,
                             const at::Tensor& direction, double loss, const at::Tensor& gradient,
                             const PythonNumber& slope, double toleranceChange) {
    const Number longest = direction.abs().max();
    const auto at = [&](const Number& t) {
        auto [f, g] = evaluate(t);
        return Point{t, f, g, Number(g.dot(direction))};
    };
    const auto tooHigh = [&](const Point& p) {
        return p.loss > Number(loss) + Number(kArmijo) * p.step * slope;
    };
    const auto flat = [&](const Point& p) { return p.slope.abs() <= Number(-kCurvature) * slope; };

    Point now = at(step);
    Point before{0, loss, gradient.clone(), slope};
    std::int64_t evaluations = 1;
    std::array<Point, 2> bracket;
    bool done = false, single = false, found = false;
    int iteration = 0;
    while (iteration < kMostEvaluations) {
        if (tooHigh(now) || (iteration > 1 && now.loss >= before.loss)) {
            bracket = {before, now};
            found = true;
            break;
        }
        if (flat(now)) {
            bracket[0] = now;
            done = single = found = true;
            break;
        }
        if (now.slope >= 0) {
            bracket = {before, now};
            found = true;
            break;
        }
        const Number low = now.step + Number(0.01) * (now.step - before.step);
        const Number high = now.step * Number(10);
        const Number next = cubicInterpolate(before.step, before.loss, before.slope, now.step,
                                             now.loss, now.slope, low, high);
        before = now;
        now = at(next);
        ++evaluations;
        ++iteration;
    }
    if (!found) bracket = {Point{0, loss, gradient, slope}, now};

    // The bracket closes in on a point that satisfies the conditions.
    bool littleProgress = false;
    std::size_t low = single || bracket[0].loss <= bracket[1].loss ? 0 : 1, high = 1 - low;
    while (!done && iteration < kMostEvaluations) {
        const Number width = (bracket[1].step - bracket[0].step).abs();
        if (width * longest < toleranceChange) break;
        const Number left = bracket[0].step <= bracket[1].step ? bracket[0].step : bracket[1].step;
        const Number right = bracket[0].step <= bracket[1].step ? bracket[1].step : bracket[0].step;
        Number t =
            cubicInterpolate(bracket[0].step, bracket[0].loss, bracket[0].slope, bracket[1].step,
                             bracket[1].loss, bracket[1].slope, left, right);
        const Number most = Number::max(bracket[0].step, bracket[1].step),
                     least = Number::min(bracket[0].step, bracket[1].step);
        const Number margin = Number(0.1) * (most - least);
        if (Number::min(most - t, t - least) < margin) {
            if (littleProgress || t >= most || t <= least) {
                t = (t - most).abs() < (t - least).abs() ? most - margin : least + margin;
                littleProgress = false;
            } else {
                littleProgress = true;
            }
        } else {
            littleProgress = false;
        }
        now = at(t);
        ++evaluations;
        ++iteration;
        if (tooHigh(now) || now.loss >= bracket[low].loss) {
            bracket[high] = now;
            low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
            high = 1 - low;
        } else {
            if (flat(now))
                done = true;
            else if (now.slope * (bracket[high].step - bracket[low].step) >= 0)
                bracket[high] = bracket[low];
            bracket[low] = now;
        }
    }
    return {bracket[low].loss.toDouble(), bracket[low].gradient, bracket[low].step, evaluations};
}

}  // namespace loom::backend
