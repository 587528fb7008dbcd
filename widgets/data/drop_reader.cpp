#include "widgets/data/drop_reader.h"

#include <QFileInfo>
#include <QImage>
#include <QMimeData>
#include <QUrl>

#include "core/data/files/locations.h"
#include "widgets/bridge/strings.h"
#include "widgets/data/sample_image.h"

namespace loom {

DropReader::DropReader(QObject* parent) : QObject(parent) {}

bool DropReader::takes(const QMimeData& mime) {
    const QList<QUrl> urls = mime.urls();
    if (urls.isEmpty()) return mime.hasImage();
    return urls.size() == 1 && urls.front().isLocalFile();
}

void DropReader::read(const QMimeData& mime) {
    const QList<QUrl> urls = mime.urls();
    if (urls.isEmpty()) {
        const QImage image = mime.imageData().value<QImage>();
        if (!image.isNull())
            Q_EMIT pictureRead(toPicture(image, image.isGrayscale() ? 1 : 3),
                               tr("dropped picture"));
        return;
    }
    readPath(urls.front().toLocalFile());
}

DropReader::Reading DropReader::readNow(const std::string& path) {
    Reading reading;
    if (isFile(path) && beginsAsPicture(path)) {
        auto picture = readPicture(path);
        if (picture)
            reading.picture = std::move(*picture);
        else
            reading.problem = picture.error();
        return reading;
    }
    reading.datasets = recogniseDatasets(path);
    if (!reading.datasets.empty()) return reading;
    reading.problem =
        isFolder(path)
            ? Error{"No data set was recognised in " + path + ".",
                    "A folder of your own needs train and test in it, each with one folder per "
                    "class; a published data set its own layout; a table ends in .csv."}
            : Error{path + " is neither a picture nor a data set that is known here.",
                    "Pictures are JPEG, PNG, BMP, PNM, TIFF or WebP, tables CSV, projects .loom."};
    return reading;
}

void DropReader::readPath(const QString& path) {
    m_job.start([place = path.toStdString()](const std::atomic<bool>&) { return readNow(place); },
                [this, path](const Reading& reading) {
                    if (reading.picture)
                        Q_EMIT pictureRead(*reading.picture, QFileInfo(path).fileName());
                    else if (!reading.datasets.empty())
                        Q_EMIT datasetsFound(reading.datasets);
                    else
                        Q_EMIT notUnderstood(q(reading.problem.message), q(reading.problem.hint));
                });
}

}  // namespace loom
