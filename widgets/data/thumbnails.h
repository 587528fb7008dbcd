#pragma once

#include <QCache>
#include <QImage>
#include <QObject>

#include "widgets/bridge/latest_job.h"
#include "widgets/data/browser_data.h"

namespace loom {

/// A small picture of a sample, or why there is none.
struct Thumbnail {
    QImage image;
    QString problem;
};

/// Decodes a sample to at most `side` pixels in each direction; 0: as it is. On any thread.
Thumbnail readThumbnail(const Dataset& dataset, std::int64_t index, int side);

/// Small pictures of what is on the screen, read on a worker in portions, and kept while they fit
/// into some memory.
class Thumbnails : public QObject {
    Q_OBJECT
public:
    explicit Thumbnails(QObject* parent = nullptr);
    void setData(std::shared_ptr<const BrowserData> opened);
    /// Null: not here yet.
    const Thumbnail* find(const BrowserItem& item) const;
    /// Replaces what was wanted before: what has left the screen is not read any more.
    void want(std::vector<BrowserItem> items);
    bool isReading() const { return m_job.isRunning(); }

Q_SIGNALS:
    void arrived();

private:
    struct Read {
        BrowserItem item;
        Thumbnail thumbnail;
    };
    void readNext();

    std::shared_ptr<const BrowserData> m_data;
    std::vector<BrowserItem> m_wanted;
    mutable QCache<quint64, Thumbnail> m_cache;
    LatestJob<std::vector<Read>> m_job;
};

}  // namespace loom
