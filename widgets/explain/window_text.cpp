#include "widgets/explain/window_text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("WindowView", text);
}

QString withMinus(QString text) {
    return text.replace(QLatin1Char('-'), QChar(0x2212));
}

/// " + 0.1", " − 0.1"
QString added(double value) {
    return (value < 0 ? QStringLiteral(" − ") : QStringLiteral(" + ")) +
           exactNumber(std::abs(value));
}

}  // namespace

QString cellNumber(double value) {
    if (!std::isfinite(value)) return std::isnan(value) ? QStringLiteral("nan") : tr("inf");
    const double size = std::abs(value);
    if (size >= 1000) return withMinus(QString::number(value, 'g', 2));
    const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
    // What rounds to nothing has no sign.
    return withMinus(QString::number(size < 0.005 ? 0.0 : value, 'f', decimals));
}

QString exactNumber(double value) {
    if (!std::isfinite(value)) return cellNumber(value);
    const double size = std::abs(value);
    return withMinus(size >= 1e5 || (size > 0 && size < 1e-4) ? QString::number(value, 'g', 5)
                                                              : QString::number(value, 'f', 5));
}

QString sumSentence(const WindowSums& sums, const WindowSums::Sum& sum) {
    using Action = SlidingWindow::Action;
    const SlidingWindow& window = sums.geometry().window();
    const auto terms = static_cast<qsizetype>(sum.terms.size());
    const bool alone = sums.seenCount() == 1 && sums.geometry().kernel({0, 0, 0})[0] == 1;
    const QString equals = QStringLiteral(" = ") + exactNumber(sum.result);
    QString rest;
    if (!alone && sums.hasWeights())
        rest = (sums.geometry().rank() == 3 ? tr("%1 from the other channels and slices")
                                            : tr("%1 from the %2 other channels"))
                   .arg(added(sum.others));
    if (rest.contains(QLatin1String("%2"))) rest = rest.arg(sums.seenCount() - 1);
    switch (window.action) {
        case Action::WeightedSum: {
            QString text = terms == 1
                               ? tr("1 product: %1").arg(exactNumber(sum.shown))
                               : tr("Σ of %1 products: %2").arg(terms).arg(exactNumber(sum.shown));
            text += rest;
            if (sums.hasBias()) text += tr("%1 bias").arg(added(sum.bias));
            return text + equals;
        }
        case Action::Largest:
            return terms == 1 ? tr("The only number: %1").arg(exactNumber(sum.result))
                              : tr("The largest of %1 numbers: %2")
                                    .arg(terms)
                                    .arg(exactNumber(sum.result));
        case Action::Mean:
            return tr("Σ of %1 numbers: %2, divided by %3")
                       .arg(terms)
                       .arg(exactNumber(sum.shown + sum.others))
                       .arg(sum.divisor) +
                   equals;
        case Action::Norm:
            return tr("(Σ of %1 numbers to the power %2: %3)^(1/%2)")
                       .arg(terms)
                       .arg(window.norm)
                       .arg(exactNumber((sum.shown + sum.others) / sum.divisor)) +
                   equals;
    }
    return {};
}

QString placeText(const WindowGeometry& geometry, const Cell& cell) {
    if (geometry.rank() == 1) return tr("place %1").arg(cell[2]);
    const QString place = tr("row %1, column %2").arg(cell[1]).arg(cell[2]);
    return geometry.rank() == 2 ? place : tr("slice %1, ").arg(cell[0]) + place;
}

int greyOf(double value, double low, double high) {
    if (!std::isfinite(value)) return 0;
    const double share = high > low ? (value - low) / (high - low) : 0.5;
    return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * 255));
}

QColor signedColor(double value, double scale) {
    if (!std::isfinite(value) || scale <= 0) return tokens().surface;
    const double share = std::clamp(std::abs(value) / scale, 0.0, 1.0);
    const QColor full = seriesColor(value < 0 ? 0 : 1);
    const QColor empty = tokens().surface;
    const auto mix = [share](int from, int to) {
        return static_cast<int>(std::lround(from + (to - from) * share * 0.85));
    };
    return QColor(mix(empty.red(), full.red()), mix(empty.green(), full.green()),
                  mix(empty.blue(), full.blue()));
}

}  // namespace loom
