#pragma once

#include <QImage>
#include <QString>
#include <cstdint>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/pictures/picture.h"
#include "core/data/transform.h"

namespace loom {

QImage toImage(const Picture& picture);
/// A tensor as a picture: 0..1 becomes black..white. With `normalize`, the steps given are undone
/// first; without, the tensor's own smallest and largest number become black and white.
QImage toImage(const TensorSample& tensor, const std::vector<TransformChoice>* normalize);
QImage toImage(const SampleInput& input, const std::vector<TransformChoice>* normalize);

/// A sample of a data set as it lies there: rows of a table as their columns and cells, before any
/// scaling.
QImage sampleImage(const Dataset& dataset, std::int64_t index, const SampleInput& input);

/// The other way: grey (1 channel) or RGB (3).
Picture toPicture(const QImage& image, int channels);

/// The numbers of an answer that is no class: "2.04", "0.1, 0.9 and 14 more".
QString answerText(const std::vector<float>& answer);
/// "min 0, max 1" of a tensor; "28×28, grey" of a picture.
QString describeSample(const SampleInput& input);

}  // namespace loom
