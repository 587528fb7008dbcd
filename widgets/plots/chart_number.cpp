#include "widgets/plots/chart_number.h"

#include <cmath>

namespace loom {

QString chartNumber(double value) {
    if (std::isnan(value)) return QStringLiteral("NaN");
    if (std::isinf(value)) return value < 0 ? QStringLiteral("−∞") : QStringLiteral("∞");
    return QString::number(value, 'g', 4);
}

QString chartPercent(double share) {
    if (!std::isfinite(share)) return chartNumber(share);
    return QString::number(share * 100, 'f', 1) + QStringLiteral(" %");
}

}  // namespace loom
