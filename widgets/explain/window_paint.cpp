// How the sliding window is laid out and painted.

#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "widgets/bridge/strings.h"
#include "widgets/explain/window_text.h"
#include "widgets/explain/window_view.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr double kMargin = 8;
constexpr double kCaption = 18;      // a line of small text above a plane
constexpr double kGap = 44;          // between input and output, where the links run
constexpr double kOperator = 22;     // "×" and "=" between matrices
constexpr double kSentence = 44;     // the sum in words
constexpr double kLeastPlane = 170;  // of a plane that has the matrices beside it
constexpr double kNumberWidth = 27;  // a cell narrower than this shows no number
constexpr double kNumberHeight = 14;
constexpr double kRowHeight = 34;  // of a plane in one dimension

QString sidesText(const Cell& sides, int rank) {
    QStringList texts;
    for (std::size_t side = 3 - static_cast<std::size_t>(rank); side < 3; ++side)
        texts << QString::number(sides[side]);
    return texts.join(QStringLiteral("×"));
}

QColor withAlpha(QColor color, int alpha) {
    color.setAlpha(alpha);
    return color;
}

QFont numberFont(double width, double height) {
    return monoFont(std::clamp(static_cast<int>(std::min(width / 3.3, height * 0.62)), 8, 13));
}

}  // namespace

/// The matrices under the picture: how many, how large, and where the words begin.
struct WindowView::Bottom {
    double cellWidth = 0, cellHeight = 0;
    std::int64_t rows = 1, columns = 1;
    int matrices = 1;
    double top = 0, left = 0;
    bool between = false;  ///< between input and output instead of below them
    bool numbers() const { return cellWidth >= kNumberWidth && cellHeight >= kNumberHeight; }
    double height() const { return kCaption + cellHeight * static_cast<double>(rows) + 6; }
    double matrixWidth() const { return cellWidth * static_cast<double>(columns); }
    double total() const { return matrixWidth() * matrices + kOperator * (matrices - 1); }
};

QRectF WindowView::Plane::cellRect(std::int64_t row, std::int64_t column) const {
    const QSizeF size = cell();
    return {area.left() + static_cast<double>(column - firstColumn) * size.width(),
            area.top() + static_cast<double>(row - firstRow) * size.height(), size.width(),
            size.height()};
}

std::optional<Cell> WindowView::Plane::at(const QPointF& point) const {
    if (!area.contains(point)) return std::nullopt;
    const QSizeF size = cell();
    const auto row = static_cast<std::int64_t>((point.y() - area.top()) / size.height());
    const auto column = static_cast<std::int64_t>((point.x() - area.left()) / size.width());
    return Cell{0, firstRow + std::min(row, rows - 1), firstColumn + std::min(column, columns - 1)};
}

WindowView::Bottom WindowView::bottom() const {
    Bottom b;
    const WindowGeometry& geometry = m_sums->geometry();
    // An adaptive window is not equally large everywhere; the largest needs the room.
    Cell kernel = geometry.kernel({0, 0, 0});
    const Cell middle = geometry.kernel(geometry.outputAt(m_place));
    for (std::size_t side = 0; side < 3; ++side)
        kernel[side] = std::max(kernel[side], middle[side]);
    b.rows = kernel[1];
    b.columns = kernel[2];
    b.matrices = m_sums->hasWeights() ? 3 : 1;
    const double operators = kOperator * (b.matrices - 1);
    // A wide view reads from left to right: the input, the numbers, the output.
    const double beside = width() - 2 * kMargin - 2 * kGap - 2 * kLeastPlane;
    b.between = geometry.rank() > 1 &&
                beside - operators >= b.matrices * static_cast<double>(b.columns) * kNumberWidth;
    const double room =
        (b.between ? std::min(beside, width() * 0.52) : width() - 2 * kMargin) - operators;
    b.cellWidth = std::min(52.0, room / (b.matrices * static_cast<double>(b.columns)));
    const double most = geometry.rank() == 1 ? height() - 4 * kCaption - 2 * kRowHeight - kSentence
                        : b.between          ? height() - kSentence - 2 * kCaption
                                             : height() * 0.32;
    b.cellHeight = std::min(26.0, most / static_cast<double>(b.rows));
    if (!b.numbers()) {
        // Colours alone do with small squares.
        const double side = std::min({b.cellWidth, b.cellHeight, 14.0});
        b.cellWidth = b.cellHeight = std::max(1.0, side);
    }
    b.left = (width() - b.total()) / 2;
    b.top = b.between ? (height() - kSentence - b.height()) / 2 : height() - kSentence - b.height();
    return b;
}

void WindowView::layOut() {
    if (!m_sums) return;
    const WindowGeometry& geometry = m_sums->geometry();
    m_input.firstRow = geometry.first(1);
    m_input.firstColumn = geometry.first(2);
    m_input.rows = geometry.last(1) - geometry.first(1) + 1;
    m_input.columns = geometry.last(2) - geometry.first(2) + 1;
    m_output.rows = geometry.output()[1];
    m_output.columns = geometry.output()[2];
    const double wide = width() - 2 * kMargin;
    if (geometry.rank() == 1) {
        // Both rows begin at the same place, so that the stride is seen.
        const double cell =
            std::min(40.0, wide / static_cast<double>(std::max(m_input.columns, m_output.columns)));
        m_input.area =
            QRectF(kMargin, kCaption, cell * static_cast<double>(m_input.columns), kRowHeight);
        m_output.area = QRectF(kMargin, m_input.area.bottom() + kRowHeight + kCaption,
                               cell * static_cast<double>(m_output.columns), kRowHeight);
        return;
    }
    const Bottom b = bottom();
    const double high = std::max(40.0, (b.between ? height() - kSentence : b.top) - kCaption - 8);
    const double half = b.between ? (wide - b.total()) / 2 - kGap : (wide - kGap) / 2;
    // One scale for both where that leaves the smaller one large enough to read.
    const auto fit = [&](const Plane& plane) {
        return std::min(half / static_cast<double>(plane.columns),
                        high / static_cast<double>(plane.rows));
    };
    const auto place = [&](Plane& plane, double scale, double left) {
        scale = std::min(scale, 40.0);
        if (scale >= 3) scale = std::floor(scale);
        const QSizeF size(scale * static_cast<double>(plane.columns),
                          scale * static_cast<double>(plane.rows));
        plane.area = QRectF(
            QPointF(left + (half - size.width()) / 2, kCaption + (high - size.height()) / 2), size);
    };
    const double inputScale = fit(m_input);
    double outputScale = fit(m_output);
    if (inputScale * static_cast<double>(m_output.columns) > half * 0.45 &&
        outputScale > inputScale)
        outputScale = inputScale;
    place(m_input, inputScale, kMargin);
    place(m_output, outputScale, kMargin + wide - half);
}

QPointF WindowView::inputPoint(const Cell& place) const {
    return m_input.cellRect(place[1], place[2]).center();
}

QPointF WindowView::outputPoint(const Cell& place) const {
    return m_output.cellRect(place[1], place[2]).center();
}

void WindowView::paintEvent(QPaintEvent*) {
    if (!m_sums) return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const WindowSums::Sum sum = currentSum();
    layOut();
    paintInput(painter, sum);
    paintOutput(painter);
    paintSpread(painter);
    paintLinks(painter, sum);
    paintMatrices(painter, sum);
}

void WindowView::paintPadding(QPainter& painter) {
    const WindowGeometry& geometry = m_sums->geometry();
    const Tokens& t = tokens();
    const QRectF inside = m_input.cellRect(0, 0).united(
        m_input.cellRect(geometry.input()[1] - 1, geometry.input()[2] - 1));
    QPainterPath ring;
    ring.addRect(m_input.area);
    ring.addRect(inside);
    if (m_input.area.size() == inside.size()) return;
    painter.fillPath(ring, t.panel);
    if (geometry.window().paddingMode != "zeros") {
        // What stands there is copied from the inside.
        for (std::int64_t row = m_input.firstRow; row < m_input.firstRow + m_input.rows; ++row)
            for (std::int64_t column = m_input.firstColumn;
                 column < m_input.firstColumn + m_input.columns; ++column) {
                const std::int64_t source = geometry.source({0, row, column});
                if (source < 0 || inside.contains(m_input.cellRect(row, column).center())) continue;
                const int grey =
                    greyOf(m_sums->input(m_inputChannel,
                                         std::max<std::int64_t>(0, m_inputImageDepth) *
                                                 geometry.input()[1] * geometry.input()[2] +
                                             source),
                           m_inputLow, m_inputHigh);
                painter.fillRect(m_input.cellRect(row, column), QColor(grey, grey, grey));
            }
    }
    painter.fillPath(ring, QBrush(withAlpha(t.muted, 150), Qt::BDiagPattern));
}

void WindowView::paintInput(QPainter& painter, const WindowSums::Sum& sum) {
    const WindowGeometry& geometry = m_sums->geometry();
    const Tokens& t = tokens();
    painter.setFont(uiFont(11));
    painter.setPen(t.muted);
    QString caption = tr("Input %1").arg(sidesText(geometry.input(), geometry.rank()));
    if (geometry.rank() == 3) caption += tr(", slice %1").arg(m_inputImageDepth);
    if (m_input.rows > geometry.input()[1] || m_input.columns > geometry.input()[2])
        caption += geometry.window().action == SlidingWindow::Action::Largest
                       ? tr(", padding never chosen")
                       : tr(", padding %1").arg(q(geometry.window().paddingMode));
    painter.drawText(QRectF(m_input.area.left(), m_input.area.top() - kCaption,
                            width() / 2.0 - kMargin, kCaption - 2),
                     Qt::AlignLeft | Qt::AlignBottom, caption);

    paintPadding(painter);
    const QRectF inside = m_input.cellRect(0, 0).united(
        m_input.cellRect(geometry.input()[1] - 1, geometry.input()[2] - 1));
    const QSizeF cell = m_input.cell();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, cell.width() < 1);
    painter.drawImage(inside, m_inputImage);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    if (cell.width() >= 6) {
        painter.setPen(QPen(withAlpha(t.muted, 70), 1));
        for (std::int64_t column = 1; column < m_input.columns; ++column) {
            const double x = m_input.area.left() + static_cast<double>(column) * cell.width();
            painter.drawLine(QPointF(x, m_input.area.top()), QPointF(x, m_input.area.bottom()));
        }
        for (std::int64_t row = 1; row < m_input.rows; ++row) {
            const double y = m_input.area.top() + static_cast<double>(row) * cell.height();
            painter.drawLine(QPointF(m_input.area.left(), y), QPointF(m_input.area.right(), y));
        }
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(t.field, 1));
    painter.drawRect(inside);

    // Its points, and around them the window; what a dilation leaves out stays clear.
    QRectF around;
    for (std::size_t i = 0; i < sum.terms.size(); ++i) {
        const WindowTap& tap = sum.terms[i].tap;
        const QRectF at = m_input.cellRect(tap.at[1], tap.at[2]);
        around = around.isNull() ? at : around.united(at);
        const bool chosen =
            geometry.window().action == SlidingWindow::Action::Largest && i == sum.chosen;
        painter.fillRect(at, withAlpha(chosen ? t.warning : t.accent, chosen ? 190 : 84));
        if (cell.width() >= 4) {
            painter.setPen(QPen(chosen ? t.warning : t.accent, 1));
            painter.drawRect(at);
        }
    }
    painter.setPen(QPen(t.accent, 2));
    if (!around.isNull()) painter.drawRect(around.adjusted(-1, -1, 1, 1));
}

void WindowView::paintOutput(QPainter& painter) {
    const WindowGeometry& geometry = m_sums->geometry();
    const Tokens& t = tokens();
    const Cell now = geometry.outputAt(m_place);
    painter.setFont(uiFont(11));
    painter.setPen(t.muted);
    QString caption = tr("Output %1").arg(sidesText(geometry.output(), geometry.rank()));
    caption += QStringLiteral(", ") + placeText(geometry, now);
    const QFontMetricsF metrics(painter.font());
    const double room = width() - kMargin - m_output.area.left();
    double left = m_output.area.left();
    if (geometry.rank() > 1 && metrics.horizontalAdvance(caption) > room)
        left = width() - kMargin - metrics.horizontalAdvance(caption);
    painter.drawText(QRectF(left, m_output.area.top() - kCaption, width() - left, kCaption - 2),
                     Qt::AlignLeft | Qt::AlignBottom, caption);
    painter.fillRect(m_output.area, t.surface);
    painter.fillRect(m_output.area, QBrush(withAlpha(t.muted, 60), Qt::Dense6Pattern));
    painter.drawImage(m_output.area, m_outputImage);
    painter.setPen(QPen(t.field, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(m_output.area);
    const QRectF cell = m_output.cellRect(now[1], now[2]);
    painter.setPen(QPen(t.warning, 2));
    painter.drawRect(cell.width() < 5 ? cell.adjusted(-2, -2, 2, 2) : cell);
}

void WindowView::paintSpread(QPainter& painter) {
    const WindowGeometry& geometry = m_sums->geometry();
    if (!geometry.window().transposed || !m_hoveredInput || geometry.rank() > 2) return;
    // Which outputs the number under the mouse is spread over.
    painter.setPen(QPen(tokens().accent, 1.5));
    painter.setBrush(withAlpha(tokens().accent, 50));
    const std::size_t sides = geometry.window().sides.size();
    const Window column = geometry.window().sides[sides - 1];
    const Window row = sides > 1 ? geometry.window().sides[sides - 2] : Window();
    for (std::int64_t i = 0; i < row.kernel; ++i)
        for (std::int64_t j = 0; j < column.kernel; ++j) {
            const std::int64_t y =
                (*m_hoveredInput)[1] * row.stride - row.padding + i * row.dilation;
            const std::int64_t x =
                (*m_hoveredInput)[2] * column.stride - column.padding + j * column.dilation;
            if (y < 0 || x < 0 || y >= geometry.output()[1] || x >= geometry.output()[2]) continue;
            painter.drawRect(m_output.cellRect(y, x));
        }
}

void WindowView::paintLinks(QPainter& painter, const WindowSums::Sum& sum) {
    if (sum.terms.empty()) return;
    QRectF around;
    for (const WindowSums::Term& term : sum.terms) {
        const QRectF at = m_input.cellRect(term.tap.at[1], term.tap.at[2]);
        around = around.isNull() ? at : around.united(at);
    }
    const Cell now = m_sums->geometry().outputAt(m_place);
    const QRectF cell = m_output.cellRect(now[1], now[2]);
    painter.setPen(QPen(withAlpha(tokens().accent, 150), 1));
    const Bottom b = bottom();
    if (b.between) {
        const double top = b.top + kCaption, low = top + b.cellHeight * static_cast<double>(b.rows);
        painter.drawLine(around.topRight(), QPointF(b.left, top));
        painter.drawLine(around.bottomRight(), QPointF(b.left, low));
        painter.drawLine(QPointF(b.left + b.total(), top), cell.topLeft());
        painter.drawLine(QPointF(b.left + b.total(), low), cell.bottomLeft());
    } else if (m_sums->geometry().rank() == 1) {
        painter.drawLine(around.bottomLeft(), cell.topLeft());
        painter.drawLine(around.bottomRight(), cell.topRight());
    } else {
        painter.drawLine(around.topRight(), cell.topLeft());
        painter.drawLine(around.bottomRight(), cell.bottomLeft());
    }
}

void WindowView::paintMatrices(QPainter& painter, const WindowSums::Sum& sum) {
    const Bottom b = bottom();
    const Tokens& t = tokens();
    using Action = SlidingWindow::Action;
    const WindowGeometry& geometry = m_sums->geometry();
    const bool weighted = m_sums->hasWeights();
    double productScale = 0;
    for (const WindowSums::Term& term : sum.terms)
        productScale = std::max(productScale, std::abs(term.product));
    // Narrow grids leave room for one word.
    const QString beneath = b.matrixWidth() < 96 ? tr("window") : tr("under the window");
    const QStringList titles{weighted ? beneath : tr("The numbers under the window"), tr("filter"),
                             tr("products")};
    const QFont font = numberFont(b.cellWidth, b.cellHeight);
    const double top = b.top + kCaption;
    for (int matrix = 0; matrix < b.matrices; ++matrix) {
        const double left = b.left + matrix * (b.matrixWidth() + kOperator);
        const QRectF area(left, top, b.matrixWidth(), b.cellHeight * static_cast<double>(b.rows));
        painter.setFont(uiFont(11));
        painter.setPen(t.muted);
        const double titleWidth =
            std::max(area.width() + (b.matrices > 1 ? kOperator - 4 : 200.0), 60.0);
        painter.drawText(
            QRectF(area.center().x() - titleWidth / 2, b.top, titleWidth, kCaption - 3),
            Qt::AlignHCenter | Qt::AlignBottom, titles[matrix]);
        if (matrix > 0) {
            painter.setFont(uiFont(15));
            painter.drawText(QRectF(left - kOperator, top, kOperator, area.height()),
                             Qt::AlignCenter,
                             matrix == 1 ? QStringLiteral("×") : QStringLiteral("="));
        }
        painter.setPen(QPen(t.hairline, 1));
        painter.setBrush(t.panel);
        painter.drawRect(area);
        for (std::size_t i = 0; i < sum.terms.size(); ++i) {
            const WindowSums::Term& term = sum.terms[i];
            const QRectF cell(left + static_cast<double>(term.tap.kernel[2]) * b.cellWidth,
                              top + static_cast<double>(term.tap.kernel[1]) * b.cellHeight,
                              b.cellWidth, b.cellHeight);
            const double value = matrix == 0   ? term.input
                                 : matrix == 1 ? term.weight
                                               : term.product;
            const bool absent = matrix == 0 && !term.tap.inside && term.tap.source < 0;
            QColor fill, ink;
            if (matrix == 0) {
                const int grey = greyOf(value, m_inputLow, m_inputHigh);
                fill = QColor(grey, grey, grey);
                ink = grey > 130 ? Qt::black : Qt::white;
            } else {
                fill = signedColor(value, matrix == 1 ? m_weightScale : productScale);
                ink = fill.lightness() > 130 ? QColor(0x1B1F27) : QColor(0xFFFFFF);
            }
            painter.fillRect(cell, absent ? t.panel : fill);
            if (absent) {
                painter.fillRect(cell, QBrush(withAlpha(t.muted, 150), Qt::BDiagPattern));
                ink = t.text;
            }
            if (b.numbers()) {
                painter.setFont(font);
                painter.setPen(ink);
                const bool ignored = absent && geometry.window().action == Action::Largest;
                painter.drawText(cell, Qt::AlignCenter,
                                 ignored ? QStringLiteral("–") : cellNumber(value));
            }
            if (geometry.window().action == Action::Largest && i == sum.chosen) {
                painter.setPen(QPen(t.warning, 2.5));
                painter.setBrush(Qt::NoBrush);
                painter.drawRect(cell.adjusted(1, 1, -1, -1));
            }
        }
    }
    const QRectF words(kMargin, height() - kSentence, width() - 2 * kMargin, kSentence);
    painter.setFont(uiFont(13, QFont::Medium));
    painter.setPen(t.text);
    const QString text = sumSentence(*m_sums, sum);
    QRectF used;
    painter.drawText(words, Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, text, &used);
    painter.setFont(uiFont(11));
    painter.setPen(t.muted);
    if (used.height() < kSentence - 14)
        painter.drawText(QRectF(words.left(), used.bottom() + 1, words.width(), 18),
                         Qt::AlignHCenter | Qt::AlignTop,
                         tr("PyTorch gives %1 there").arg(exactNumber(sum.real)));
}

}  // namespace loom
