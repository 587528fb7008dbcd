#include "widgets/data/sample_image.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/data/typed_row.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/sample_paint.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

double channelValue(const Value* value, std::size_t channel, double fallback) {
    if (!value) return fallback;
    if (value->isNumber()) return value->asFloat();
    if (!value->isList() || value->asList().empty()) return fallback;
    const List& list = value->asList();
    const Value& item = list[std::min(channel, list.size() - 1)];
    return item.isNumber() ? item.asFloat() : fallback;
}

QString shortNumberText(double number) {
    // A price is no power of ten.
    const double size = std::abs(number);
    if (size >= 1000 && size < 1e7) return QString::number(number, 'f', 0);
    return QString::number(number, 'g', 3);
}

}  // namespace

QImage toImage(const Picture& picture) {
    if (picture.width <= 0 || picture.height <= 0) return {};
    const bool grey = picture.channels == 1;
    QImage image(picture.width, picture.height,
                 grey ? QImage::Format_Grayscale8 : QImage::Format_RGB888);
    const auto row =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.channels);
    for (int y = 0; y < picture.height; ++y)
        std::copy_n(picture.pixels.data() + static_cast<std::size_t>(y) * row, row,
                    image.scanLine(y));
    return image;
}

Picture toPicture(const QImage& image, int channels) {
    const QImage flat =
        image.convertToFormat(channels == 1 ? QImage::Format_Grayscale8 : QImage::Format_RGB888);
    Picture picture{flat.width(), flat.height(), channels, {}};
    for (int y = 0; y < flat.height(); ++y) {
        const uchar* line = flat.constScanLine(y);
        picture.pixels.insert(picture.pixels.end(), line,
                              line + static_cast<std::ptrdiff_t>(flat.width()) * channels);
    }
    return picture;
}

/// Many numbers as curves from left to right: `series` of them, `stride` apart, each of `length`.
static QImage curvesImage(const std::vector<float>& values, std::size_t series, std::size_t length,
                          std::size_t step, std::size_t stride) {
    constexpr int kWidth = 144;
    constexpr int kHeight = 96;
    constexpr std::size_t kMostCurves = 8;
    QImage image(kWidth, kHeight, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (const float value : values)
        if (std::isfinite(value)) {
            low = std::min<double>(low, value);
            high = std::max<double>(high, value);
        }
    if (!(high >= low) || length < 2) return image;
    const double span = high > low ? high - low : 1;
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    for (std::size_t s = 0; s < std::min(series, kMostCurves); ++s) {
        QPolygonF line;
        for (std::size_t i = 0; i < length; ++i) {
            const double value = double(values[s * stride + i * step]);
            if (!std::isfinite(value)) continue;
            line << QPointF(4 + double(i) * (kWidth - 8) / double(length - 1),
                            kHeight - 6 - (value - low) / span * (kHeight - 12));
        }
        painter.setPen(QPen(seriesColor(static_cast<int>(s)), 1.6));
        painter.drawPolyline(line);
    }
    return image;
}

/// A few numbers, written out where they are painted.
QImage writtenImage(const std::vector<float>& values) {
    QStringList cells;
    for (const float value : values) cells << shortNumberText(double(value));
    return cellsImage({}, cells);
}

QImage toImage(const TensorSample& tensor, const std::vector<TransformChoice>* normalize) {
    if (tensor.values.empty()) return {};
    constexpr std::size_t kWritten = 6;
    const std::size_t all = tensor.values.size();
    if (tensor.dims.size() == 1 && all <= kWritten) return writtenImage(tensor.values);
    if (tensor.dims.size() == 1) return curvesImage(tensor.values, 1, all, 1, all);
    if (tensor.dims.size() == 2) {
        // A window of a time series: the longer side is the time.
        const auto rows = static_cast<std::size_t>(tensor.dims[0]);
        const auto columns = static_cast<std::size_t>(tensor.dims[1]);
        if (rows * columns > all) return {};
        return columns >= rows ? curvesImage(tensor.values, rows, columns, 1, columns)
                               : curvesImage(tensor.values, columns, rows, columns, 1);
    }
    if (tensor.dims.size() != 3) return {};
    const auto channels = static_cast<std::size_t>(tensor.dims[0]);
    const auto height = static_cast<int>(tensor.dims[1]);
    const auto width = static_cast<int>(tensor.dims[2]);
    const std::size_t plane = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    if (channels == 0 || plane == 0 || tensor.values.size() < channels * plane) return {};

    std::vector<double> scale(channels, 1);
    std::vector<double> offset(channels, 0);
    if (normalize) {
        for (std::size_t c = 0; c < channels; ++c)
            for (auto step = normalize->rbegin(); step != normalize->rend(); ++step) {
                if (step->kind != "Normalize") continue;
                const double mean = channelValue(step->params.find("mean"), c, 0);
                const double deviation = channelValue(step->params.find("std"), c, 1);
                scale[c] *= deviation;
                offset[c] = offset[c] * deviation + mean;
            }
    } else {
        double low = 1e300;
        double high = -1e300;
        for (const float value : tensor.values) {
            if (!std::isfinite(value)) continue;
            low = std::min<double>(low, value);
            high = std::max<double>(high, value);
        }
        const double span = high > low ? high - low : 1;
        for (std::size_t c = 0; c < channels; ++c) {
            scale[c] = 1 / span;
            offset[c] = -low / span;
        }
    }
    const auto byteOf = [&](std::size_t channel, std::size_t at) {
        const double value = tensor.values[channel * plane + at] * scale[channel] + offset[channel];
        return static_cast<uchar>(
            std::clamp(std::isfinite(value) ? std::lround(value * 255) : 0L, 0L, 255L));
    };
    const bool colour = channels >= 3;
    QImage image(width, height, colour ? QImage::Format_RGB888 : QImage::Format_Grayscale8);
    for (int y = 0; y < height; ++y) {
        uchar* line = image.scanLine(y);
        for (int x = 0; x < width; ++x) {
            const std::size_t at = static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                   static_cast<std::size_t>(x);
            if (!colour) {
                line[x] = byteOf(0, at);
                continue;
            }
            for (std::size_t c = 0; c < 3; ++c) line[3 * x + static_cast<int>(c)] = byteOf(c, at);
        }
    }
    return image;
}

QImage toImage(const SampleInput& input, const std::vector<TransformChoice>* normalize) {
    if (const auto* picture = std::get_if<Picture>(&input)) return toImage(*picture);
    return toImage(std::get<TensorSample>(input), normalize);
}

QImage sampleImage(const Dataset& dataset, std::int64_t index, const SampleInput& input) {
    const std::vector<TypedColumn> columns = typedColumns(dataset);
    const std::vector<std::string> cells =
        columns.empty() ? std::vector<std::string>() : cellsOf(dataset, index);
    if (cells.empty()) return toImage(input, nullptr);
    QStringList names, texts;
    for (const TypedColumn& column : columns) names << q(column.name);
    for (const std::string& cell : cells) texts << (cell.empty() ? QStringLiteral("-") : q(cell));
    return cellsImage(names, texts);
}

QString answerText(const std::vector<float>& answer) {
    QStringList shown;
    for (std::size_t i = 0; i < answer.size() && i < 4; ++i)
        shown << shortNumberText(double(answer[i]));
    QString text = shown.join(QStringLiteral(", "));
    if (answer.size() > 4) text += QStringLiteral(" and %1 more").arg(answer.size() - 4);
    return text;
}

QString describeSample(const SampleInput& input) {
    if (const auto* picture = std::get_if<Picture>(&input))
        return QStringLiteral("%1×%2, %3")
            .arg(picture->width)
            .arg(picture->height)
            .arg(picture->channels == 1 ? QStringLiteral("grey") : QStringLiteral("colour"));
    const auto& tensor = std::get<TensorSample>(input);
    if (tensor.values.empty()) return QStringLiteral("empty");
    if (tensor.values.size() <= 2) return answerText(tensor.values);
    const auto [low, high] = std::minmax_element(tensor.values.begin(), tensor.values.end());
    return QStringLiteral("min %1, max %2").arg(shortNumberText(*low), shortNumberText(*high));
}

}  // namespace loom
