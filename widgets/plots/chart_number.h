#pragma once

#include <QString>

namespace loom {

/// A figure of a curve, the same wherever one is written: "0.312", "12.5", "1.25e-05", "NaN".
QString chartNumber(double value);
/// A share as "91.2 %".
QString chartPercent(double share);

}  // namespace loom
