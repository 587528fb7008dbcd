#include "widgets/data/size_facts.h"

#include <QCoreApplication>
#include <QFile>
#include <QPainter>
#include <algorithm>

#include "core/base/shape.h"
#include "core/data/pictures/picture_header.h"
#include "widgets/bridge/strings.h"
#include "widgets/style/theme.h"

namespace loom {

namespace {

constexpr std::int64_t kMostLooked = 5000;
/// JPEG files may carry a small picture and a colour profile before they tell their size.
constexpr qint64 kHeaderBytes = 128 * 1024;
constexpr int kBins = 32;

QString tr(const char* text) {
    return QCoreApplication::translate("DatasetBrowser", text);
}

/// Whether a JPEG, PNG or PGM file says that it holds grey only.
bool saysGrey(std::string_view bytes) {
    const auto at = [&](std::size_t place) { return static_cast<unsigned char>(bytes[place]); };
    if (bytes.starts_with("P5") || bytes.starts_with("P2")) return true;
    if (bytes.starts_with("\x89PNG"))
        return bytes.size() > 25 && (at(25) == 0 || at(25) == 4);  // colour type
    if (!bytes.starts_with("\xFF\xD8")) return false;
    // JPEG: the frame header's number of components.
    for (std::size_t place = 2; place + 10 <= bytes.size() && at(place) == 0xFF;) {
        const unsigned char marker = at(place + 1);
        const bool frame =
            marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame) return at(place + 9) == 1;
        place += 2 + (std::size_t(at(place + 2)) << 8 | at(place + 3));
    }
    return false;
}

/// The beginning of a sample's file, or all of what stands for one in a data base.
std::string beginningOf(const Dataset& dataset, std::int64_t index) {
    QFile file(q(dataset.nameOf(index)));
    if (file.open(QIODevice::ReadOnly)) return file.read(kHeaderBytes).toStdString();
    auto bytes = dataset.encodedPicture(index);
    return bytes ? std::move(*bytes) : std::string();
}

QString rangeText(std::vector<int> sides) {
    const auto [low, high] = std::minmax_element(sides.begin(), sides.end());
    return *low == *high ? QString::number(*low) : tr("%1 to %2").arg(*low).arg(*high);
}

}  // namespace

SizeFacts measureSizes(const BrowserData& data, const std::atomic<bool>& cancelled) {
    SizeFacts facts;
    if (!data.any()) return facts;
    const SampleSpec spec = data.any()->spec();
    for (const auto& set : data.sets) facts.of += set ? set->size() : 0;
    if (spec.isTensor) {
        facts.isPicture = false;
        const bool row = spec.dims.size() == 1 && spec.dims[0] > 0;
        facts.text = !row                ? q(spec.toSentence())
                     : spec.dims[0] == 1 ? tr("1 number per sample")
                                         : tr("%1 numbers per sample").arg(spec.dims[0]);
        return facts;
    }
    facts.channels = spec.dims.size() == 3 && spec.dims[0] > 0 ? static_cast<int>(spec.dims[0]) : 0;
    if (spec.fixed()) {
        facts.looked = facts.of;
        facts.widths = {static_cast<int>(spec.dims[2])};
        facts.heights = {static_cast<int>(spec.dims[1])};
    } else {
        const std::int64_t stride = std::max<std::int64_t>(1, facts.of / kMostLooked);
        for (const auto& set : data.sets)
            for (std::int64_t i = 0; set && i < set->size() && !cancelled; i += stride) {
                int width = 0;
                int height = 0;
                const std::string bytes = beginningOf(*set, i);
                if (const auto header = readPictureHeader(bytes)) {
                    width = static_cast<int>(std::min<std::uint64_t>(header->width, 1 << 20));
                    height = static_cast<int>(std::min<std::uint64_t>(header->height, 1 << 20));
                }
                if (width <= 0 || height <= 0) continue;
                facts.widths.push_back(width);
                facts.heights.push_back(height);
                ++facts.looked;
                facts.grey += saysGrey(bytes);
            }
    }
    if (facts.widths.empty()) return facts;
    const bool some = facts.grey > 0 && facts.grey < facts.looked;
    const QString colour =
        some ? tr("%1 grey, %2 colour")
                   .arg(q(groupDigits(facts.grey)), q(groupDigits(facts.looked - facts.grey)))
        : facts.channels == 1 || facts.grey > 0 ? tr("grey")
        : facts.channels == 3                   ? tr("colour")
                                                : tr("grey or colour");
    facts.text =
        tr("%1 × %2 pixels, %3").arg(rangeText(facts.widths), rangeText(facts.heights), colour);
    return facts;
}

SizeHistogram::SizeHistogram(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void SizeHistogram::setFacts(const SizeFacts& facts) {
    m_facts = facts;
    setAccessibleName(facts.text);
    update();
}

void SizeHistogram::paintOne(QPainter& painter, const QRect& rect, const std::vector<int>& sides,
                             const QString& title) const {
    const Tokens& t = tokens();
    const auto [low, high] = std::minmax_element(sides.begin(), sides.end());
    const int span = std::max(1, *high - *low + 1);
    const int bins = std::min(kBins, span);
    std::vector<int> counts(static_cast<std::size_t>(bins), 0);
    for (const int side : sides)
        ++counts[static_cast<std::size_t>(std::int64_t(side - *low) * bins / span)];
    const int most = *std::max_element(counts.begin(), counts.end());
    const QRect plot = rect.adjusted(0, 18, 0, -16);
    painter.setFont(uiFont(12));
    painter.setPen(t.text);
    painter.drawText(QRect(rect.left(), rect.top(), rect.width(), 16), Qt::AlignLeft, title);
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.accent);
    const double step = double(plot.width()) / bins;
    for (int b = 0; b < bins; ++b) {
        const double height =
            double(counts[static_cast<std::size_t>(b)]) / std::max(1, most) * plot.height();
        if (height > 0)
            painter.drawRect(QRectF(plot.left() + b * step,
                                    plot.bottom() + 1 - std::max(1.0, height),
                                    std::max(1.0, step - 1), std::max(1.0, height)));
    }
    painter.setPen(t.hairline);
    painter.drawLine(plot.left(), plot.bottom() + 1, plot.right(), plot.bottom() + 1);
    painter.setFont(monoFont(11));
    painter.setPen(t.muted);
    const QRect axis(rect.left(), plot.bottom() + 3, rect.width(), 14);
    painter.drawText(axis, Qt::AlignLeft, QString::number(*low));
    painter.drawText(axis, Qt::AlignRight, QString::number(*high));
}

void SizeHistogram::paintEvent(QPaintEvent*) {
    if (m_facts.widths.size() < 2) return;
    QPainter painter(this);
    const int half = height() / 2;
    paintOne(painter, {0, 0, width(), half - 4}, m_facts.widths, tr("Width, in pixels"));
    paintOne(painter, {0, half, width(), half - 4}, m_facts.heights, tr("Height, in pixels"));
}

}  // namespace loom
