#include "tests/support/data_files.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <cstring>

namespace loom::test {

void writeFile(const QString& path, const QByteArray& bytes) {
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

QByteArrayList pictureLines(const Dataset& dataset) {
    QByteArrayList lines;
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
        const auto sample = dataset.sample(i);
        if (!sample) return {QByteArray::fromStdString(sample.error().message)};
        const Picture& picture = std::get<Picture>(sample->input);
        if (sample->label != dataset.label(i)) return {"the labels of a sample differ"};
        if (dataset.hasEncodedPictures()) {
            const auto bytes = dataset.encodedPicture(i);
            const auto again = bytes ? decodePicture(*bytes, "encoded") : bytes.error();
            if (!again || again->pixels != picture.pixels) return {"the encoded picture differs"};
        }
        const QByteArray digest =
            QCryptographicHash::hash(
                QByteArrayView(picture.pixels.data(), qsizetype(picture.pixels.size())),
                QCryptographicHash::Sha256)
                .toHex();
        lines << QByteArrayList{QByteArray::fromStdString(dataset.nameOf(i)),
                                QByteArray::number(qint64(sample->label)),
                                QByteArray::number(picture.width),
                                QByteArray::number(picture.height), digest}
                     .join('|');
    }
    return lines;
}

DatasetLocation locationOf(const std::string& kind, const Params& params) {
    const DatasetKind* found = datasets().find(kind);
    return found->locate(Settings(found->params, params));
}

TargetSpec targetOf(const std::string& kind, const Params& params) {
    const DatasetKind* found = datasets().find(kind);
    return found->target(Settings(found->params, params));
}

std::optional<SampleSpec> specOf(const std::string& kind, const Params& params) {
    const DatasetKind* found = datasets().find(kind);
    return found->spec(Settings(found->params, params));
}

QByteArray rawOf(const Picture& picture) {
    QByteArray raw(8, '\0');
    const qint32 sides[] = {picture.width, picture.height};
    std::memcpy(raw.data(), sides, 8);
    return raw.append(reinterpret_cast<const char*>(picture.pixels.data()),
                      qsizetype(picture.pixels.size()));
}

}  // namespace loom::test
