#include "widgets/data/thumbnails.h"

#include <QBuffer>
#include <QElapsedTimer>
#include <QImageReader>
#include <QTransform>
#include <algorithm>

#include "core/data/pictures/picture_header.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/sample_image.h"

namespace loom {

namespace {

constexpr int kSide = 224;
constexpr int kCacheKilobytes = 128 * 1024;
/// A portion is shown when it took so long: often enough to look fluent.
constexpr int kPortionMs = 25;

quint64 keyOf(const BrowserItem& item) {
    return static_cast<quint64>(item.index) << 1 | static_cast<quint64>(item.split);
}

/// A large JPEG at a fraction of its size, which libjpeg decodes in a fraction of the time.
QImage readScaled(const std::string& bytes, int side) {
    const auto header = readPictureHeader(bytes);
    if (!header || header->format != "JPEG" || !header->complete) return {};
    const auto longer = std::max(header->width, header->height);
    if (side <= 0 || longer < static_cast<std::uint64_t>(side) * 2 || longer > 60000) return {};
    QByteArray view = QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size()));
    QBuffer buffer(&view);
    QImageReader reader(&buffer, "jpeg");
    QSize size(static_cast<int>(header->width), static_cast<int>(header->height));
    reader.setScaledSize(size.scaled(side, side, Qt::KeepAspectRatio));
    return reader.read();
}

}  // namespace

Thumbnail readThumbnail(const Dataset& dataset, std::int64_t index, int side) {
    if (dataset.hasEncodedPictures() && side > 0)
        if (const auto bytes = dataset.encodedPicture(index))
            if (QImage image = readScaled(*bytes, side); !image.isNull())
                return {std::move(image), {}};
    const auto sample = dataset.sample(index);
    if (!sample) return {{}, q(sample.error().message)};
    QImage image = sampleImage(dataset, index, sample->input);
    if (dataset.displayTransposed()) image = image.transformed(QTransform(0, 1, 1, 0, 0, 0));
    if (side > 0 && (image.width() > side || image.height() > side))
        image = image.scaled(side, side, Qt::KeepAspectRatio, Qt::SmoothTransformation);
    return {std::move(image), {}};
}

Thumbnails::Thumbnails(QObject* parent) : QObject(parent), m_cache(kCacheKilobytes) {}

void Thumbnails::setData(std::shared_ptr<const BrowserData> opened) {
    m_job.cancel();
    m_wanted.clear();
    m_cache.clear();
    m_data = std::move(opened);
}

const Thumbnail* Thumbnails::find(const BrowserItem& item) const {
    return m_cache.object(keyOf(item));
}

void Thumbnails::want(std::vector<BrowserItem> items) {
    m_wanted = std::move(items);
    if (!m_job.isRunning()) readNext();
}

void Thumbnails::readNext() {
    if (!m_data) return;
    std::vector<BrowserItem> missing;
    for (const BrowserItem& item : m_wanted)
        if (!m_cache.contains(keyOf(item))) missing.push_back(item);
    if (missing.empty()) return;
    m_job.start(
        [data = m_data, missing = std::move(missing)](const std::atomic<bool>& cancelled) {
            std::vector<Read> read;
            QElapsedTimer clock;
            clock.start();
            for (const BrowserItem& item : missing) {
                if (cancelled || (clock.elapsed() > kPortionMs && !read.empty())) break;
                read.push_back({item, readThumbnail(data->dataset(item.split), item.index, kSide)});
            }
            return read;
        },
        [this](std::vector<Read> read) {
            for (Read& one : read) {
                const auto cost = static_cast<int>(one.thumbnail.image.sizeInBytes() / 1024) + 1;
                m_cache.insert(keyOf(one.item), new Thumbnail(std::move(one.thumbnail)), cost);
            }
            Q_EMIT arrived();
            readNext();
        });
}

}  // namespace loom
