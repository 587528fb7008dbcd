#pragma once

#include <QObject>
#include <QString>
#include <optional>
#include <vector>

#include "core/data/pictures/picture.h"
#include "core/data/sets/recognise.h"
#include "widgets/bridge/latest_job.h"

class QMimeData;

namespace loom {

/// Reads what was dropped on the window, beside the window's own work: a picture, or a data set.
class DropReader : public QObject {
    Q_OBJECT
public:
    explicit DropReader(QObject* parent = nullptr);

    /// Whether it is one file, one folder or a picture.
    static bool takes(const QMimeData& mime);
    void read(const QMimeData& mime);
    void readPath(const QString& path);
    bool isReading() const { return m_job.isRunning(); }

Q_SIGNALS:
    void pictureRead(const loom::SampleInput& picture, const QString& name);
    /// What lies there, the likeliest first; never empty.
    void datasetsFound(const std::vector<loom::RecognisedDataset>& found);
    void notUnderstood(const QString& message, const QString& hint);

private:
    struct Reading {
        std::optional<SampleInput> picture;
        std::vector<RecognisedDataset> datasets;
        Error problem;
    };
    static Reading readNow(const std::string& path);

    LatestJob<Reading> m_job;
};

}  // namespace loom
