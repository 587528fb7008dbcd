#pragma once

#include <QByteArrayList>
#include <QString>

#include "core/data/dataset.h"

namespace loom::test {

/// Writes a file, its folders included.
void writeFile(const QString& path, const QByteArray& bytes);

/// `name|label|width|height|sha256 of the pixels` of every picture of a set; the first sentence
/// instead when one cannot be read, or when its encoded form gives other pixels.
QByteArrayList pictureLines(const Dataset& dataset);

/// A picture as scripts write it: width and height as int32, then the pixels.
QByteArray rawOf(const Picture& picture);

/// What a data set's kind says of these parameters.
DatasetLocation locationOf(const std::string& kind, const Params& params);
TargetSpec targetOf(const std::string& kind, const Params& params);
std::optional<SampleSpec> specOf(const std::string& kind, const Params& params);

/// The error's sentence, or "it worked".
template <class T>
QString sentenceOf(const Result<T>& result) {
    return result ? QStringLiteral("it worked") : QString::fromStdString(result.error().message);
}

}  // namespace loom::test
